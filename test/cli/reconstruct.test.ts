import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readH5, scores, writeH5 } from '@adjoint/mri';
import { cast, init } from '@adjoint/tensor';
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

describe('espirit', () => {
  test('maps are of unit norm over coils where they are not 0', async () => {
    const { shape, data } = await read('s.h5', 'maps');
    expect(shape).toEqual([3, 4, 32, 32]);
    const pixels = 32 * 32;
    const norms = Array.from({ length: pixels }, (_, i) => {
      let sum = 0;
      for (let c = 0; c < 4; c++)
        sum += data[2 * (c * pixels + i)]! ** 2 + data[2 * (c * pixels + i) + 1]! ** 2;
      return sum;
    });
    expect(norms.every((norm) => norm === 0 || Math.abs(norm - 1) < 1e-4)).toBe(true);
    expect(norms.filter((norm) => norm > 0).length).toBeGreaterThan(pixels / 4);
  });

  test('of chosen slices, which the file remembers', async () => {
    await done(line(`espirit --in {k.h5} --mask {m.h5} --kernel 4 --slices 2 --out {s2.h5} ${wasm}`));
    const [all, one] = [await read('s.h5', 'maps'), await read('s2.h5', 'maps')];
    expect(one.shape).toEqual([1, 4, 32, 32]);
    expect(one.data).toEqual(all.data.slice(2 * one.data.length));
  });
});

describe('recon', () => {
  test.each(['zero-filled', 'cg-sense', 'l1', 'tv'])(
    '%s: every slice, better than zero-filling',
    async (method) => {
      const iterations = method === 'zero-filled' ? '' : '--iterations 40';
      const result = await json(
        line(
          `recon --method ${method} ${iterations} --in {k.h5} --mask {m.h5} --maps {s.h5} --out {r.h5} ${wasm}`,
        ),
      );
      expect(result).toMatchObject({ method, shape: [3, 32, 32], slices: [0, 1, 2] });
      const { shape, data } = await read('r.h5', 'reconstruction');
      expect(shape).toEqual([3, 32, 32]);
      expect(data.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      if (method === 'zero-filled') return;
      const score = async (name: string) => json(line(`metrics --reference {k.h5} --in {${name}}`));
      expect((await score('r.h5')).nmse).toBeLessThan((await score('z.h5')).nmse as number);
    },
  );

  test('maps of its own are those that espirit makes of the masked data', async () => {
    const method = 'recon --method cg-sense --iterations 10 --slices 1 --in {k.h5} --mask {m.h5}';
    await done(line(`espirit --in {k.h5} --mask {m.h5} --slices 1 --out {own.h5} ${wasm}`));
    await done(line(`${method} --maps {own.h5} --out {a.h5} ${wasm}`));
    await done(line(`${method} --out {b.h5} ${wasm}`));
    expect((await read('a.h5', 'reconstruction')).data).toEqual((await read('b.h5', 'reconstruction')).data);
  });

  test('without a mask it finds the zeros', async () => {
    await init({ device: 'wasm', threads: 0 });
    const { tensors } = await readH5(at('k.h5'), { names: ['kspace'] });
    const { mask } = (await readH5(at('m.h5'))).tensors;
    await writeH5(at('under.h5'), { kspace: tensors.kspace!.mul(mask!) });
    await done(line(`recon --method zero-filled --in {under.h5} --out {found.h5} ${wasm}`));
    expect((await read('found.h5', 'reconstruction')).data).toEqual(
      (await read('z.h5', 'reconstruction')).data,
    );
  });

  test('maps that lie in the k-space file are not used unasked', async () => {
    await init({ device: 'wasm', threads: 0 });
    const { kspace } = (await readH5(at('k.h5'), { names: ['kspace'] })).tensors;
    await writeH5(at('withMaps.h5'), { kspace: kspace!, maps: kspace! });
    const method = `recon --method cg-sense --iterations 5 --slices 0 --mask {m.h5} ${wasm}`;
    await done(line(`${method} --in {withMaps.h5} --out {a.h5}`));
    await done(line(`${method} --in {k.h5} --out {b.h5}`));
    expect((await read('a.h5', 'reconstruction')).data).toEqual((await read('b.h5', 'reconstruction')).data);
  });

  test('k-space of double precision is rounded', async () => {
    await init({ device: 'reference' });
    const { kspace } = (await readH5(at('k.h5'), { names: ['kspace'] })).tensors;
    await writeH5(at('double.h5'), { kspace: cast(kspace!, 'c128') });
    await done(line(`recon --method zero-filled --in {double.h5} --mask {m.h5} --out {d.h5} ${wasm}`));
    expect((await read('d.h5', 'reconstruction')).data).toEqual((await read('z.h5', 'reconstruction')).data);
  });

  test('crops, and keeps the phase if asked', async () => {
    await done(
      line(
        `recon --method l1 --iterations 5 --in {k.h5} --mask {m.h5} --crop 20x24 --output complex --out {c.h5} ${wasm}`,
      ),
    );
    const { shape, data } = await read('c.h5', 'reconstruction');
    expect(shape).toEqual([3, 20, 24]);
    expect(data.length).toBe(2 * 3 * 20 * 24);
  });
});

describe('tune', () => {
  test('finds the weight with the best score, which recon and metrics confirm', async () => {
    const given = '--in {k.h5} --mask {m.h5} --maps {s.h5} --slices 0';
    const told = await json(
      line(
        `tune --method tv ${given} --iterations 40 --lambdas 0.001,0.01,0.5 --metric psnr --out {t.json} ${wasm}`,
      ),
    );
    const trials = told.trials as { lambda: number; score: number }[];
    expect(trials.length).toBe(7);
    expect(told.score).toBe(Math.max(...trials.map(({ score }) => score)));
    const stored = JSON.parse(await readFile(at('t.json'), 'utf8'));
    expect(stored).toMatchObject({ ...told, command: expect.stringContaining('adjoint tune --method tv') });
    await done(
      line(`recon --method tv ${given} --iterations 40 --lambda ${told.lambda} --out {best.h5} ${wasm}`),
    );
    const { psnr } = await json(line('metrics --reference {k.h5} --in {best.h5}'));
    expect(psnr).toBeCloseTo(told.score as number, 3);
  });

  test('warns where the best weight is at the end of those tried', async () => {
    const words = line(
      `tune --method cg-sense --in {k.h5} --mask {m.h5} --maps {s.h5} --slices 0 --iterations 5`,
    );
    const { code, stderr } = await adjoint([
      ...words.split(' '),
      ...wasm.split(' '),
      '--lambdas',
      '5,9',
      '--refine',
      '0',
    ]);
    expect([code, stderr]).toEqual([
      0,
      'adjoint tune: the best weight, 5, is at the end of those tried: try others beyond it.\n',
    ]);
  });
});

describe('metrics', () => {
  test('prints one object with the scores of the library, the reference being the RSS of the k-space', async () => {
    const printed = await json(line('metrics --reference {k.h5} --in {z.h5}'));
    const names = ['ssim', 'psnr', 'nmse', 'mse', 'vif', 'ssim_foreground', 'psnr_foreground'];
    expect(Object.keys(printed)).toEqual(names);
    const [reference, image] = [
      await read('k.h5', 'reconstruction_rss'),
      await read('z.h5', 'reconstruction'),
    ];
    const expected = await scores(reference, image);
    for (const name of names)
      expect(printed[name], name).toBeCloseTo(expected[name as keyof typeof expected], 4);
  });

  test('a reference that is larger is cropped alike, slices are matched by their numbers', async () => {
    await done(
      line(`recon --method zero-filled --in {k.h5} --crop 24x20 --slices 2 --out {full.h5} ${wasm}`),
    );
    const exact = await json(line('metrics --reference {k.h5} --in {full.h5} --matching none'));
    expect(exact.nmse).toBeLessThan(1e-9);
    expect(exact.ssim).toBeGreaterThan(0.999999);
  });

  test('--per-slice adds the scores of each; text names them all', async () => {
    const { slices } = await json(line('metrics --reference {k.h5} --in {z.h5} --per-slice --slices 0,2'));
    expect((slices as { slice: number }[]).map(({ slice }) => slice)).toEqual([0, 2]);
    const text = await done(line('metrics --reference {k.h5} --in {z.h5} --per-slice'));
    expect(text).toMatch(/^SSIM +0\.\d{4}\nPSNR +\d+\.\d\d dB\n/);
    expect(text).toContain('slice 2\nSSIM');
  });
});
