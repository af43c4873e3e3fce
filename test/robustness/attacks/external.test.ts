import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cgSense, writeH5, zeroFilled } from '@adjoint/mri';
import { externalMethod, transferMatrix } from '@adjoint/robustness';
import { type Device, init, mul, sub, type Tensor, zeros } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AttackScene, attackScene, length } from './scene.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const node = `'${process.execPath}'`;
const program = `cd '${root}' && ${node} --conditions=source --import tsx examples/external/zeroFilled.ts {in} {out}`;
const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import h5py, torch']).status === 0,
);

let device: Device;
let at: AttackScene;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  at = await attackScene({ slices: 2 });
});
afterAll(() => device.dispose());

const failure = async (command: string, timeoutMs = 60_000): Promise<string> => {
  const method = externalMethod({ command, name: 'theirs', timeoutMs });
  return method.reconstruct(at.m).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
};
const leftovers = async (): Promise<number> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('adjoint-external-')).length;

describe('externalMethod', () => {
  test('a Node program gives the image that the library gives', async () => {
    const before = await leftovers();
    const image = await externalMethod({ command: program }).reconstruct(at.m);
    const own = await zeroFilled().reconstruct(at.m);
    expect(await length(sub(image, own))).toBeLessThan(1e-5 * (await length(own)));
    expect(await leftovers()).toBe(before);
  });

  if (python === undefined)
    console.warn('SKIPPED: the PyTorch example, because no python3 has torch and h5py');
  test.skipIf(python === undefined)('a PyTorch program does, too', async () => {
    const script = path.join(root, 'examples/external/zeroFilled.py');
    const command = `${python} '${script}' {in} {out}`;
    const image = await externalMethod({ command }).reconstruct(at.m);
    const own = await zeroFilled().reconstruct(at.m);
    expect(await length(sub(image, own))).toBeLessThan(1e-5 * (await length(own)));
    const { crop: _, ...rest } = at.m;
    const cropped = { ...rest, crop: [16, 20] as const, reference: undefined };
    expect((await externalMethod({ command }).reconstruct(cropped)).shape).toEqual([2, 16, 20]);
  });

  /** A program that gives an image whatever it is told. */
  const giving = async (image: Tensor): Promise<string> => {
    const file = path.join(await mkdtemp(path.join(tmpdir(), 'adjoint-test-')), 'image.h5');
    await writeH5(file, { reconstruction: image });
    return `cp '${file}' {out} # {in}`;
  };

  test.each<[string, string, RegExp]>([
    [
      'fails',
      `echo no licence >&2; exit 3 # {in} {out}`,
      /theirs: ".*" ended with exit code 3\. It printed last: no licence/,
    ],
    ['writes nothing', 'true # {in} {out}', /theirs: its result cannot be read/],
    ['writes something else', 'echo hello > {out} # {in}', /theirs: its result cannot be read/],
    ['does not exist', 'no-such-program {in} {out}', /theirs: ".*" ended with exit code 127/],
  ])('a program that %s is named with what it said', async (_, command, message) => {
    expect(await failure(command)).toMatch(message);
  });

  test('a program that hangs is ended, with what it started', async () => {
    const started = performance.now();
    expect(await failure('(sleep 60; echo {in}) & sleep 60; echo {out}', 300)).toMatch(
      /did not end within 0\.3 s/,
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test('a signal ends it, too', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 100);
    const run = externalMethod({ command: 'sleep 60 # {in} {out}' }).reconstruct(at.m, {
      signal: stop.signal,
    });
    await expect(run).rejects.toThrow('enough');
  });

  test('images of another size, or with NaN, are refused', async () => {
    expect(await failure(await giving(zeros([1, 2, 1])))).toMatch(
      /theirs: its dataset reconstruction must be \[2, 32, 32\]; got \[1, 2, 1\]/,
    );
    expect(await failure(await giving(mul(zeros([2, 32, 32]), Number.NaN)))).toMatch(/must be finite/);
  });

  test('a command without files is refused at once', () => {
    expect(() => externalMethod({ command: 'recon' })).toThrow(/with \{in\} and \{out\}/);
  });
});

test('transferMatrix: every perturbation on every method; those without gradients are targets only', async () => {
  const one = await attackScene();
  const deaf = { name: 'deaf', reconstruct: zeroFilled().reconstruct };
  const table = await transferMatrix(
    [cgSense({ lambda: 0.001, iterations: 15 }), zeroFilled(), deaf],
    [one.m],
    {
      ...{ epsilons: [0.02, 0.08], full: [one.full], steps: 20, attacks: { 'cg-sense': 'apgd' } },
    },
  );
  expect(table.sources).toEqual(['cg-sense', 'zero-filled']);
  expect(table.rows).toHaveLength(2 * (2 * 3 + 2));
  const own = table.mean('cg-sense', 'cg-sense', 0.08);
  expect(own).toBeGreaterThan(table.mean('zero-filled', 'cg-sense', 0.08));
  expect(own).toBeGreaterThan(table.mean(null, 'cg-sense', 0.08));
  expect(own).toBeGreaterThan(table.mean('cg-sense', 'cg-sense', 0.02));
  expect(table.mean('zero-filled', 'deaf', 0.08)).toBeCloseTo(
    table.mean('zero-filled', 'zero-filled', 0.08),
    6,
  );
  expect(() => table.mean('deaf', 'deaf', 0.08)).toThrow(/no attack on deaf/);
});
