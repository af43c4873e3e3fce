import path from 'node:path';
import { readH5 } from '@adjoint/mri';
import { init } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { adjoint, done, freshFolder, json } from './shell.js';

let folder: string;
let k: string;
let m: string;
beforeAll(async () => {
  folder = await freshFolder();
  [k, m] = ['k.h5', 'm.h5'].map((name) => path.join(folder, name)) as [string, string];
  await done(`simulate --images phantom:ellipses --size 32 --coils 4 --count 2 --out ${k}`);
  await done(`mask --type random --acceleration 2 --center-fraction 0.3 --in ${k} --out ${m}`);
});
const at = (name: string): string => path.join(folder, name);
const attack = (rest: string): string => `attack ${rest} --in ${k} --mask ${m} --device wasm --threads 1`;

interface Told {
  method: string;
  slices: {
    slice: number;
    attack: string;
    drop: number;
    noiseDrop: number;
    epsilon: number;
    flags: string[];
    tried?: { attack: string; damage: number; kept: boolean }[];
  }[];
}

describe('attack', () => {
  test('writes perturbation, images, history and flags of every slice, and view shows them', async () => {
    const out = at('a.h5');
    const line = attack(`--method cg-sense --attack apgd --eps 0.05 --steps 15 --restarts 2 --out ${out}`);
    const told = (await json(line)) as unknown as Told;
    expect(told.method).toBe('cg-sense');
    expect(told.slices.map(({ slice }) => slice)).toEqual([0, 1]);
    for (const { drop, noiseDrop, epsilon } of told.slices) {
      expect(drop).toBeGreaterThan(noiseDrop);
      expect(epsilon).toBeCloseTo(0.05, 4);
    }
    await init({ device: 'wasm', threads: 0 });
    const { tensors, texts, attributes } = await readH5(out);
    const shapes = Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, x.shape]));
    expect(shapes).toEqual({
      ...{
        perturbation: [2, 4, 32, 32],
        reconstruction: [2, 32, 32],
        clean: [2, 32, 32],
        noisy: [2, 32, 32],
      },
      history: [2, 2, 16],
    });
    expect(JSON.parse(texts.report!).slices[1].attacked.psnr).toBeGreaterThan(0);
    expect(attributes).toMatchObject({ method: 'cg-sense', attack: 'apgd', slices: '0,1' });
    expect(await done(`view ${out} --out ${at('a.png')}`)).toMatch(/reference, magnitude, error, kspace/);
    expect(await done(`view ${out} --dataset perturbation --out ${at('e.png')}`)).toMatch(/perturbation/);
    const text = await done(attack(`--method zero-filled --import ${out} --slices 1 --out ${at('z.h5')}`));
    expect(text).toMatch(/slice 1: zero-filled under imported, \|e\|\/\|k\| 0\.0500/);
  });

  test('keeps the worse of two attacks and tells of both', async () => {
    const out = at('worst.h5');
    const line = attack(
      `--method l1 --iterations 20 --attack joint,unrolled --attack-iterations 10 --eps 0.05 --steps 12 --out ${out}`,
    );
    const told = (await json(line)) as unknown as Told;
    for (const { attack: winner, tried } of told.slices) {
      expect(tried!.map((one) => one.attack)).toEqual(['joint', 'unrolled']);
      const [worst] = [...tried!].sort((a, b) => b.damage - a.damage);
      expect([worst!.attack, worst!.kept]).toEqual([winner, true]);
      expect(tried!.filter(({ kept }) => kept)).toHaveLength(1);
    }
    await init({ device: 'wasm', threads: 0 });
    const { tensors, attributes } = await readH5(out);
    expect(tensors.history_joint!.shape).toEqual([2, 1, 12]);
    expect(tensors.history_unrolled!.shape).toEqual([2, 1, 13]);
    expect(`${attributes.attack}`.split(',').sort()).toEqual(
      [...new Set(told.slices.map((slice) => slice.attack))].sort(),
    );
    const text = await done(line.replace(out, at('again.h5')).replace('--device', '--slices 1 --device'));
    expect(text).toMatch(
      /slice 1: l1 under \w+, .* lost .* dB; tried joint -?[\d.]+ dB, unrolled -?[\d.]+ dB; noise/,
    );
  });

  test('a program takes part through --import', async () => {
    // a program that gives the same image whatever it is told
    const words = attack(`--slices 1 --import ${at('a.h5')} --out ${at('p.h5')} --json --quiet`).split(' ');
    const { code, stdout, stderr } = await adjoint([
      ...words,
      '--method-cmd',
      `cp ${at('z.h5')} {out} # {in}`,
    ]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const { slices, method } = JSON.parse(stdout) as Told;
    expect(method).toBe('external');
    expect(slices.map(({ drop }) => drop)).toEqual([0]);
  });

  test.each([
    ['--eps 0.1', /give either --method or --method-cmd/],
    ['--method l1', /give either --eps or --import/],
    ['--method l1 --eps -1', /--eps must be a number, 0 or more; got "-1"/],
    ['--method l1 --eps 5', /option epsilon must be at most 0\.\d+/],
    ['--method l1 --eps 0.1 --import nowhere.h5', /give either --eps or --import/],
    ['--method-cmd {in}{out} --eps 0.1', /has no gradients to follow/],
    [
      '--method zero-filled --attack joint --eps 0.1',
      /the method zero-filled must be one with problem for 'joint'/,
    ],
    ['--method l1 --import nowhere.h5', /nowhere\.h5/],
    ['--method l1 --eps 0.1 --attack joint,magic', /--attack must be made of auto, pgd.*got "joint,magic"/],
    ['--method l1 --eps 0.1 --attack joint,joint', /--attack names joint twice/],
    ['--method l1 --eps 0.1 --attack joint --attack-iterations 9', /--attack-iterations is for pgd/],
    ['--method zero-filled --eps 0.1 --attack apgd --attack-iterations 9', /on cg-sense, l1, tv/],
  ])('%s: exit code 2', async (rest, message) => {
    const { code, stderr } = await adjoint(attack(`${rest} --out ${at('x.h5')}`).split(' '));
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('a program that fails: exit code 1 and what it said', async () => {
    const words = attack(`--import ${at('a.h5')} --out ${at('x.h5')} --slices 0`).split(' ');
    const { code, stderr } = await adjoint([
      ...words,
      '--method-cmd',
      'echo no licence; exit 4 # {in} {out}',
    ]);
    expect(stderr).toMatch(/exit code 4\. It printed last: no licence/);
    expect(code).toBe(1);
  });
});
