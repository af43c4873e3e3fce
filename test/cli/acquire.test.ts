import path from 'node:path';
import { openH5, readH5 } from '@adjoint/mri';
import { init } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { adjoint, done, freshFolder, json } from './shell.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);
/** A line with file names in braces: `{k.h5}` is in the folder of this test. */
const line = (text: string): string => text.replaceAll(/\{([^}]*)\}/g, (_, name) => at(name));
const wasm = '--device wasm --threads 1';

beforeAll(async () => {
  folder = await freshFolder();
  await done(
    line(`simulate --images phantom:ellipses --count 2 --coils 4 --size 32x32 --seed 3 --out {k.h5} ${wasm}`),
  );
  await done(line('mask --acceleration 2 --center-fraction 0.25 --seed 7 --in {k.h5} --out {m.h5}'));
  await done(line(`recon --method zero-filled --in {k.h5} --mask {m.h5} --out {z.h5} ${wasm}`));
});

const attributesOf = async (name: string) => {
  const file = await openH5(at(name));
  const attributes = await file.attributes();
  await file.close();
  return attributes;
};

/** Every second pixel of an image smoothed with [1, 2, 1]/4 along both axes. */
function halved(image: Float32Array, size: number): Float64Array {
  const pixel = (i: number, j: number) => image[((i + size) % size) * size + ((j + size) % size)]!;
  return Float64Array.from({ length: (size / 2) ** 2 }, (_, n) => {
    const [i, j] = [2 * Math.floor(n / (size / 2)), 2 * (n % (size / 2))];
    let sum = 0;
    for (const di of [-1, 0, 1])
      for (const dj of [-1, 0, 1])
        sum += ((2 - Math.abs(di)) * (2 - Math.abs(dj)) * pixel(i + di, j + dj)) / 16;
    return sum;
  });
}

function nmse(reference: Float64Array, image: Float32Array): number {
  const error = reference.reduce((sum, value, i) => sum + (value - image[i]!) ** 2, 0);
  return error / reference.reduce((sum, value) => sum + value ** 2, 0);
}

describe('simulate', () => {
  test('makes a file of the fastMRI layout, with noise-free images and the true maps beside it', async () => {
    const file = await openH5(at('k.h5'));
    const shapes = Object.fromEntries(
      [...file.datasets.values()].map(({ name, shape, type }) => [name, `${type} ${shape}`]),
    );
    await file.close();
    expect(shapes).toMatchObject({
      kspace: 'complex64 2,4,32,32',
      reconstruction_rss: 'float32 2,32,32',
      noise_free: 'float32 2,32,32',
      true_maps: 'complex64 4,32,32',
    });
  });

  test('the same seed gives the same bytes, another one does not', async () => {
    const make = (seed: number, out: string) =>
      done(
        line(`simulate --images phantom:ellipses --coils 2 --size 16 --seed ${seed} --out {${out}} ${wasm}`),
      );
    await make(5, 'a.h5');
    await make(5, 'b.h5');
    await make(6, 'c.h5');
    const kspace = async (name: string) => {
      await init({ device: 'wasm', threads: 0 });
      return (await (await readH5(at(name), { names: ['kspace'] })).tensors.kspace!.data()) as Float32Array;
    };
    expect(await kspace('a.h5')).toEqual(await kspace('b.h5'));
    expect(await kspace('a.h5')).not.toEqual(await kspace('c.h5'));
  });

  test.each(['object.nii', 'object.h5', 'object.npy'])('images of a file: %s', async (name) => {
    await done(line(`convert {k.h5} {${name}} --dataset reconstruction_rss --as image`));
    const more = `--images {${name}} --slices 1 --coils 2 --no-noise --phase 0`;
    const told = await json(line(`simulate ${more} --out {again.h5} ${wasm}`));
    expect(told.shape).toEqual([1, 2, 16, 16]);
    await init({ device: 'wasm', threads: 0 });
    const [given, made] = [await readH5(at('k.h5')), await readH5(at('again.h5'))];
    const image = (await given.tensors.reconstruction_rss!.data()) as Float32Array;
    const half = (await made.tensors.reconstruction_rss!.data()) as Float32Array;
    // Coils have unit norm, so it is the image at half the resolution; the other slice is another object.
    expect(nmse(halved(image.subarray(1024), 32), half)).toBeLessThan(0.03);
    expect(nmse(halved(image.subarray(0, 1024), 32), half)).toBeGreaterThan(0.1);
  });

  test('images of a file with several datasets', async () => {
    const make = (more: string) =>
      json(
        line(`simulate --images {k.h5} --coils 1 --size 8 --out {t.h5} ${more} ${wasm}`.replace(/ +/g, ' ')),
      );
    expect((await make('--count 2')).shape).toEqual([2, 1, 8, 8]);
    expect((await make('--dataset noise_free')).shape).toEqual([1, 1, 8, 8]);
    const { code, stderr } = await adjoint(
      line('simulate --images {k.h5} --dataset kspace --out {t.h5}').split(' '),
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected images [slices, H, W]')]);
  });

  test('objects that do not exist', async () => {
    const refuse = async (images: string, more: string[] = []) =>
      (await adjoint(['simulate', '--images', images, '--out', at('no.h5'), ...more])).stderr.trim();
    expect(await refuse('phantom:brian')).toBe(
      'adjoint simulate: --images phantom:brian: did you mean brain?',
    );
    expect(await refuse('builtin:foot')).toContain('there are head, brain, flair, shoulder, heart');
    expect(await refuse('phantom:knee', ['--contrast', 't1'])).toContain(
      '--contrast must be one of pd, pdfs; got "t1"',
    );
    expect(await refuse('pictures.xyz')).toContain('pictures.xyz: no such file');
  });
});

describe('every result file', () => {
  test.each(['k.h5', 'm.h5', 'z.h5'])('%s says how it came about', async (name) => {
    const attributes = await attributesOf(name);
    expect(attributes.command).toMatch(/^adjoint (simulate|mask|recon) .*--out /);
    expect(attributes.command).toContain(at(name));
    expect(JSON.parse(attributes.versions as string)).toMatchObject({ node: process.versions.node });
    expect(attributes.device).toMatch(/wasm/);
    expect(Number.isInteger(attributes.seed)).toBe(true);
    expect(attributes.limits).toEqual(expect.any(String));
  });

  test('limits of the data are handed on to what is made of them', async () => {
    const { limits } = await attributesOf('k.h5');
    expect(limits).toContain('simulated acquisition');
    expect((await attributesOf('z.h5')).limits).toBe(limits);
  });
});

describe('mask', () => {
  test.each([
    ['random', '--width 64'],
    ['equispaced', '--width 64 --offset 1'],
    ['equispaced-fraction', '--width 64'],
    ['magic', '--width 64'],
    ['magic-fraction', '--width 64'],
    ['gaussian-2d', '--width 64 --height 48'],
    ['study', '--width 64 --pattern equispaced-fraction'],
    ['study', '--width 64 --mode faithful'],
  ])('%s %s', async (type, more) => {
    const result = await json(line(`mask --type ${type} ${more} --seed 1 --out {t.h5}`));
    expect(result.acceleration).toBeGreaterThan(2);
    expect(result.acceleration).toBeLessThan(6);
    await init({ device: 'wasm', threads: 0 });
    const { mask } = (await readH5(at('t.h5'))).tensors;
    expect(mask!.shape).toEqual(type === 'gaussian-2d' ? [48, 64] : [64]);
    const values = [...((await mask!.data()) as Float32Array)];
    expect(values.reduce((a, b) => a + b)).toBe(result.sampled);
    expect(values.every((value) => value === 0 || value === 1)).toBe(true);
  });

  test('is that of fastMRI for the same seed', async () => {
    // RandomMaskFunc([0.08], [4]) with seed 42 on 32 columns: of the golden file masks.h5's generator
    await done(
      line('mask --type random --acceleration 4 --center-fraction 0.08 --seed 42 --width 32 --out {t.h5}'),
    );
    const { NumpyRandom } = await import('@adjoint/mri');
    const random = new NumpyRandom(42);
    const outer = Array.from({ length: 32 }, () => random.random() < (8 - 3) / (32 - 3));
    await init({ device: 'wasm', threads: 0 });
    const { mask } = (await readH5(at('t.h5'))).tensors;
    const expected = outer.map((isTaken, i) => (isTaken || (i >= 15 && i < 18) ? 1 : 0));
    expect([...((await mask!.data()) as Float32Array)]).toEqual(expected);
  });

  test('needs to know for which size', async () => {
    expect((await adjoint(['mask', '--out', at('t.h5')])).stderr).toContain('--in or --width is missing');
    const { code, stderr } = await adjoint([
      'mask',
      '--type',
      'gaussian-2d',
      '--width',
      '9',
      '--out',
      at('t.h5'),
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--height is missing')]);
  });
});
