import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readH5, writeH5 } from '@adjoint/mri';
import { init, type Tensor, tensor } from '@adjoint/tensor';
import { decode } from 'fast-png';
import { beforeAll, describe, expect, test } from 'vitest';
import { adjoint, done, freshFolder, json } from './shell.js';

let folder: string;
const at = (name: string): string => path.join(folder, name);
/** A line with file names in braces: `{k.h5}` is in the folder of this test. */
const line = (text: string): string => text.replaceAll(/\{([^}]*)\}/g, (_, name) => at(name));
const wasm = '--device wasm --threads 1';

/** A dataset on the host; the device is one of this test. */
async function read(
  name: string,
  dataset: string,
): Promise<{ shape: readonly number[]; data: Float32Array }> {
  await init({ device: 'wasm', threads: 0 });
  const x = (await readH5(at(name), { names: [dataset] })).tensors[dataset]!;
  return { shape: x.shape, data: (await x.data()) as Float32Array };
}

beforeAll(async () => {
  folder = await freshFolder();
  await done(
    line(`simulate --images phantom:ellipses --count 3 --coils 4 --size 32x32 --seed 3 --out {k.h5} ${wasm}`),
  );
  await done(line('mask --acceleration 2 --center-fraction 0.3 --seed 7 --in {k.h5} --out {m.h5}'));
  await done(line(`espirit --in {k.h5} --mask {m.h5} --kernel 4 --out {s.h5} ${wasm}`));
  await done(line(`recon --method zero-filled --in {k.h5} --mask {m.h5} --out {z.h5} ${wasm}`));
});

describe('view', () => {
  const picture = async (name: string) => decode(await readFile(at(name)));

  test.each([
    ['z.h5', '', 'reconstruction', ['magnitude']],
    ['z.h5', '--reference {k.h5}', 'reconstruction', ['reference', 'magnitude', 'error']],
    ['k.h5', '', 'kspace', ['magnitude', 'kspace']],
    ['s.h5', '--slices 1', 'maps', ['magnitude', 'phase']],
    ['m.h5', '', 'mask', ['magnitude']],
    ['k.h5', '--dataset noise_free --colour-map viridis', 'noise_free', ['magnitude']],
  ])('%s %s', async (name, more, dataset, show) => {
    const told = await json(line(`view {${name}} --out {p.png} ${more}`.trim()));
    expect(told).toMatchObject({ dataset, show });
    const { width, height, channels, text } = await picture('p.png');
    expect({ width, height, channels }).toEqual({ width: told.width, height: told.height, channels: 3 });
    expect(text.Comment).toContain('adjoint view');
  });

  test('shows what is in the file: the brightest pixel is white where the image has its maximum', async () => {
    await done(line('view {z.h5} --out {p.png} --slices 0 --zoom 1'));
    const { data, shape } = await read('z.h5', 'reconstruction');
    const first = data.slice(0, shape[1]! * shape[2]!);
    const at = first.indexOf(Math.max(...first));
    const { data: pixels, width } = await picture('p.png');
    const [row, column] = [6 + Math.floor(at / 32), 6 + (at % 32)];
    expect([...pixels.slice(3 * (row * width + column), 3 * (row * width + column) + 3)]).toEqual([
      255, 255, 255,
    ]);
  });

  test('says what cannot be shown', async () => {
    const refuse = async (text: string) =>
      (await adjoint(line(`view ${text} --out {no.png}`).split(' '))).stderr;
    expect(await refuse('{z.h5} --show phase')).toContain(
      '--show phase: there is none here; it is of complex images.',
    );
    expect(await refuse('{z.h5} --show error')).toContain('give --reference');
    expect(await refuse('{z.h5} --dataset nope')).toContain(
      'it has no dataset "nope"; it has reconstruction',
    );
    expect(await refuse('{z.h5} --slices 7')).toContain('--slices names slice 7');
    expect(await refuse('{z.h5} --window 3,1')).toContain('--window must be LOW,HIGH');
    expect(await refuse('{s.h5} --reference {k.h5}')).toContain('--reference is for images');
  });
});

describe('convert and info', () => {
  const same = async (a: Tensor, b: Tensor) => {
    expect([b.shape, b.dtype]).toEqual([a.shape, a.dtype]);
    expect(await b.data()).toEqual(await a.data());
  };

  test.each(['k.cfl', 'k.npy', 'k.npz', 'k.safetensors'])(
    'k-space to %s and back is the same',
    async (name) => {
      await done(line(`convert {k.h5} {${name}} --dataset kspace`));
      await done(line(`convert {${name}} {back.h5}`));
      await init({ device: 'wasm', threads: 0 });
      const [before, after] = [await readH5(at('k.h5')), await readH5(at('back.h5'))];
      await same(before.tensors.kspace!, after.tensors.kspace!);
    },
  );

  test('images to NIfTI and back; without --dataset it is the reconstruction', async () => {
    await done(line('convert {z.h5} {z.nii.gz}'));
    await done(line('convert --in {z.nii.gz} --out {z2.h5} --as reconstruction'));
    expect(await read('z2.h5', 'reconstruction')).toEqual(await read('z.h5', 'reconstruction'));
  });

  test('all arrays of a file keep their names, and attributes survive where a format has them', async () => {
    await done(line('convert {k.h5} {all.safetensors}'));
    const told = await json(line('convert {all.safetensors} {all.h5}'));
    const names = (told.arrays as { name: string }[]).map(({ name }) => name).sort();
    expect(names).toEqual(['kspace', 'noise_free', 'reconstruction_rss', 'true_maps']);
    const { attributes } = await json(line('info {all.h5}'));
    expect(attributes).toMatchObject({
      acquisition: 'simulated',
      limits: expect.stringContaining('simulated'),
    });
  });

  test('parts: slices, a factor, a name', async () => {
    await done(
      line('convert {k.h5} {part.h5} --dataset reconstruction_rss --slices 2,0 --scale 10 --as image'),
    );
    const [all, part] = [await read('k.h5', 'reconstruction_rss'), await read('part.h5', 'image')];
    expect(part.shape).toEqual([2, 32, 32]);
    const tenfold = [...all.data.slice(2048), ...all.data.slice(0, 1024)].map((value) =>
      Math.fround(10 * value),
    );
    expect([...part.data]).toEqual(tenfold);
  });

  test('real k-space of double precision becomes what recon reads', async () => {
    await init({ device: 'reference' });
    const half = tensor(new Float64Array(4 * 16 * 16).fill(0.5), { shape: [4, 16, 16], dtype: 'f64' });
    await writeH5(at('double.h5'), { kspace: half });
    await done(line('convert {double.h5} {single.h5}'.concat(' --dataset kspace')));
    expect((await read('single.h5', 'kspace')).shape).toEqual([1, 4, 16, 16]);
  });

  test('info tells arrays, attributes and sampling', async () => {
    const { datasets, sampling } = await json(line('info {k.h5}'));
    expect(datasets).toContainEqual({ name: 'kspace', type: 'complex64', shape: [3, 4, 32, 32] });
    expect(sampling).toMatchObject({ slices: 3, coils: 4, acceleration: 1, sampled: 32, of: 32 });
    const text = await done(line('info {z.h5}'));
    expect(text).toContain('reconstruction  float32 [3, 32, 32]');
    expect(text).toMatch(/command +adjoint recon --method zero-filled/);
    await done(line('convert {z.h5} {z.npy}'));
    expect(await done(line('info {z.npy}'))).toContain('f32 [3, 32, 32]');
  });

  test('endings that no format has', async () => {
    await writeFile(at('x.txt'), 'hello');
    const { code, stderr } = await adjoint(['convert', at('x.txt'), at('y.h5')]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/the format of .*x\.txt\? Its ending is none of \.h5/),
    ]);
    expect((await adjoint(['convert', at('z.h5'), at('z.dcm')])).stderr).toContain('Its ending is none of');
  });
});
