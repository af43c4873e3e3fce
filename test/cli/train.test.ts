import { access, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adjoint, done, freshFolder, json } from './shell.js';

let folder: string;
beforeAll(async () => {
  folder = await freshFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string): string => path.join(folder, name);
const small = '--chans 4 --pools 2 --size 32x32 --coils 2 --subjects 1 --batch 2 --device wasm';
const train = (out: string, more: string) => `train --data phantom:brain ${small} --out ${at(out)} ${more}`;

describe('adjoint train', () => {
  it('trains, and recon uses what it wrote', async () => {
    const told = await json(
      train('w.safetensors', '--steps 32 --lr 5e-3 --schedule cosine --validate phantom:brain'),
    );
    expect(told).toMatchObject({ steps: 32, epochs: 8 });
    const losses = JSON.parse(await readFile(at('w.losses.json'), 'utf8'));
    expect(losses.losses).toHaveLength(32);
    expect(losses.validation).toHaveLength(8);
    expect(losses.command).toMatch(/^adjoint train --data phantom:brain/);
    expect(await readFile(at('w.losses.svg'), 'utf8')).toMatch(/^<svg/);
    await done(
      `simulate --images phantom:brain --subject 7 --coils 2 --size 32x32 --device wasm --out ${at('k.h5')}`,
    );
    await done(`mask --in ${at('k.h5')} --seed 1 --device wasm --out ${at('m.h5')}`);
    const recon = `recon --method unet --in ${at('k.h5')} --mask ${at('m.h5')} --device wasm`;
    const made = await json(`${recon} --weights ${at('w.safetensors')} --out ${at('r.h5')}`);
    expect(made).toMatchObject({ method: 'unet', shape: [1, 32, 32] });
    const scores = await json(`metrics --reference ${at('k.h5')} --in ${at('r.h5')}`);
    expect(scores.nmse).toBeLessThan(0.5);
  });

  it('keeps its state on Ctrl-C, and goes on with the same bits', async () => {
    await done(train('whole.safetensors', '--steps 8'));
    const stop = new AbortController();
    const checkpoint = at('cut.checkpoint.safetensors');
    const running = adjoint(train('cut.safetensors', '--steps 8').split(/ +/), stop.signal);
    while (
      !(await access(checkpoint).then(
        () => true,
        () => false,
      ))
    )
      await new Promise((r) => setTimeout(r, 5));
    stop.abort(new Error('interrupted by SIGINT'));
    const { code, stderr } = await running;
    expect(code).toBe(130);
    expect(stderr).toContain(
      `the state is in ${checkpoint}. The same command with --resume goes on from it.`,
    );
    expect(await readdir(folder)).not.toContain('cut.safetensors');
    await done(train('cut.safetensors', '--steps 8 --resume'));
    const [a, b] = await Promise.all(
      ['whole', 'cut'].map(
        async (name) => JSON.parse(await readFile(at(`${name}.losses.json`), 'utf8')).losses,
      ),
    );
    expect(b).toEqual(a);
  });

  it('takes files of k-space', async () => {
    await done(
      `simulate --images phantom:knee --count 3 --coils 2 --size 32x32 --device wasm --out ${at('t.h5')}`,
    );
    const files = `train --data ${at('t.h5')} --chans 2 --pools 1 --batch 2 --epochs 2 --device wasm --out ${at('f.safetensors')}`;
    expect(await json(files)).toMatchObject({ steps: 4, epochs: 2 });
  });

  it.each([
    ['train --out w.pt', /--out must end in \.safetensors/],
    ['train --out w.safetensors --steps 3 --epochs 2', /exclude each other/],
    ['train --data builtin:foot --out w.safetensors', /there are builtin:head, builtin:brain/],
    ['train --data phantom:heart --out w.safetensors', /there are .*phantom:brain, phantom:knee/],
    ['train --validate builtin:head --out w.safetensors --data phantom:brain', /are no validation/],
    ['train --data /nowhere --out w.safetensors', /cannot read \/nowhere/],
    ['train --checkpoint w.safetensors --out w.safetensors', /must be two files/],
    ['train --steps 0 --out w.safetensors', /--steps must be an integer/],
    ['recon --method unet --in k.h5 --out r.h5', /needs --weights/],
    ['recon --method l1 --weights w.safetensors --in k.h5 --out r.h5', /--weights means nothing to l1/],
    [
      'recon --method unet --weights nothing.safetensors --in k.h5 --out r.h5',
      /cannot read .*nothing\.safetensors/,
    ],
  ])('refuses %s', async (line, message) => {
    const words = line
      .split(' ')
      .map((word) => (/^[wkrm]\.\w+$/.test(word) ? at(word === 'k.h5' ? 'k.h5' : `x${word}`) : word));
    const { code, stderr } = await adjoint([...words, '--device', 'wasm']);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('refuses weights that are none, by name', async () => {
    const words = `recon --method unet --weights ${at('k.h5')} --in ${at('k.h5')} --out ${at('r2.h5')} --device wasm`;
    const { code, stderr } = await adjoint(words.split(' '));
    expect(code).toBe(2);
    expect(stderr).toMatch(/header length of .*k\.h5/);
  });
});
