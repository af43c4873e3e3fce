import {
  abs2,
  centredFft,
  centredIfft,
  complex,
  init,
  key,
  mul,
  sqrt,
  sub,
  sum,
  type Tensor,
  tensor,
  uniform,
  zeros,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  addNoise,
  coilMaps,
  cropKspace,
  ellipsePhantom,
  rasterise,
  sheppLogan,
  simulate,
  smoothPhase,
  stanfordLike,
} from '../../../packages/mri/src/simulation/index.js';
import { energy, numbers, relativeError } from './numbers.js';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

const rssOf = (kspace: Tensor): Tensor => sqrt(sum(abs2(centredIfft(kspace)), { axes: -3 }));
/** A smooth-edged object that no grid is special for. */
const object = async (size: number, subject = 1): Promise<Tensor> =>
  rasterise(await ellipsePhantom({ subject }), [size, size], 4);

describe('simulate', () => {
  test('delivers a full measurement with its reference and what only a simulation knows', async () => {
    const s = await simulate({ images: await object(48), coils: 5, seed: 2, name: 'object' });
    expect([s.kspace.dtype, s.kspace.shape]).toEqual(['c64', [5, 24, 24]]);
    expect([s.mask.dtype, await numbers(s.mask)]).toEqual(['f32', Array(24).fill(1)]);
    expect([s.reference.shape, s.noiseFree.shape, s.noiseDeviation.shape]).toEqual([[24, 24], [24, 24], []]);
    expect([s.trueMaps.shape, s.oversampling, s.name, s.maps]).toEqual([
      [5, 24, 24],
      [2, 2],
      'object',
      undefined,
    ]);
    expect(await relativeError(s.reference, rssOf(s.kspace))).toBeLessThan(1e-6);
    expect(await relativeError(s.noiseFree, s.reference)).toBeGreaterThan(0.01);
  });

  test('is the object times phase times coils, transformed and cropped', async () => {
    const images = await object(40);
    const clean = { images, shape: [16, 20] as const, coils: 3, seed: 4, snr: Infinity };
    const s = await simulate({ ...clean, phase: 0 });
    const weighted = mul(images, await coilMaps({ shape: [40, 40], coils: 3, seed: 4 }));
    const expected = mul(cropKspace(centredFft(weighted), [16, 20]), Math.sqrt(320 / 1600));
    expect(await relativeError(s.kspace, expected)).toBeLessThan(1e-6);
    // a phase moves energy between samples and leaves all of it on the native grid
    const turned = await simulate({ ...clean, shape: [40, 40] });
    const plain = await simulate({ ...clean, shape: [40, 40], phase: 0 });
    expect(await relativeError(turned.kspace, plain.kspace)).toBeGreaterThan(0.1);
    expect(await relativeError(turned.noiseFree, plain.noiseFree)).toBeLessThan(1e-5);
  });

  test('keeps the intensities of the image', async () => {
    const s = await simulate({ images: await object(128), shape: [32, 32], snr: Infinity, phase: 0 });
    const flat = await numbers(s.noiseFree);
    expect(flat[16 * 32 + 16]).toBeGreaterThan(0.4);
    const mean = flat.reduce((a, b) => a + b) / flat.length;
    const wanted = (await numbers(await object(128))).reduce((a, b) => a + b) / 128 ** 2;
    expect(mean).toBeGreaterThan(0.95 * wanted);
    expect(mean).toBeLessThan(1.1 * wanted);
  });

  test('adds noise of the stated energy, and the same for the same seed', async () => {
    const options = { images: await object(64), coils: 8, seed: 7 };
    const clean = await simulate({ ...options, snr: Infinity });
    for (const snr of [10, 25]) {
      const noisy = await simulate({ ...options, snr });
      const noise = await energy(sub(noisy.kspace, clean.kspace));
      // 8192 complex samples: the energy of the noise scatters by 1.1 %
      expect(10 * Math.log10((await energy(clean.kspace)) / noise)).toBeCloseTo(snr, 0);
      expect(Math.abs(10 * Math.log10((await energy(clean.kspace)) / noise) - snr)).toBeLessThan(0.25);
      expect((noise / 8192 / (await numbers(noisy.noiseDeviation))[0]! ** 2 - 1) ** 2).toBeLessThan(
        0.05 ** 2,
      );
    }
    expect(await relativeError((await simulate({ ...options, snr: 10 })).noiseFree, clean.reference)).toBe(0);
    const again = await numbers((await simulate({ ...options, snr: 10 })).kspace);
    expect(await numbers((await simulate({ ...options, snr: 10 })).kspace)).toEqual(again);
    expect(await numbers((await simulate({ ...options, snr: 10, seed: 8 })).kspace)).not.toEqual(again);
  });

  test('slices share the coils and differ in phase and noise; one slice has no slice axis', async () => {
    const one = await object(32);
    const two = tensor([...(await numbers(one)), ...(await numbers(one))], { shape: [2, 32, 32] });
    const s = await simulate({ images: two, coils: 2, snr: 20 });
    expect([s.kspace.shape, s.reference.shape, s.noiseDeviation.shape]).toEqual([
      [2, 2, 16, 16],
      [2, 16, 16],
      [2],
    ]);
    const first = s.kspace.slice([0]);
    for (const only of [{ snr: Infinity }, { snr: 20, phase: 0 }]) {
      const { kspace } = await simulate({ images: two, coils: 2, ...only });
      expect(await relativeError(kspace.slice([0]), kspace.slice([1]))).toBeGreaterThan(0.1);
    }
    const alone = await simulate({ images: one, coils: 2, snr: 20 });
    expect(await relativeError(first, alone.kspace)).toBe(0);
  });

  test('complex images keep their own phase, integers are taken as intensities', async () => {
    const real = await object(32);
    const turned = mul(real, { re: 0, im: 1 });
    const [a, b] = [
      await simulate({ images: turned, snr: Infinity }),
      await simulate({ images: real, snr: Infinity, phase: 0 }),
    ];
    expect(await relativeError(a.kspace, mul(b.kspace, { re: 0, im: 1 }))).toBeLessThan(1e-6);
    const bytes = tensor(
      Uint8Array.from({ length: 64 }, (_, i) => i),
      { shape: [8, 8] },
    );
    expect((await simulate({ images: bytes })).kspace.shape).toEqual([8, 4, 4]);
  });

  test('an image of zeros stays zero', async () => {
    const s = await simulate({ images: zeros([16, 16]), coils: 2 });
    expect(await energy(s.kspace)).toBe(0);
  });

  test('reports progress and stops', async () => {
    const steps: number[] = [];
    await simulate({ images: zeros([3, 8, 8]), onProgress: ({ step }) => steps.push(step) });
    expect(steps).toEqual([1, 2, 3]);
    await expect(simulate({ images: zeros([8, 8]), signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
  });
});

describe('the inverse crime', () => {
  test('samples and hands out maps on one grid; without it the model does not fit exactly', async () => {
    const options = { images: await object(96), shape: [32, 32] as const, coils: 6, snr: Infinity };
    const crime = await simulate({ ...options, inverseCrime: true });
    const honest = await simulate(options);
    expect([crime.oversampling, honest.oversampling]).toEqual([
      [1, 1],
      [3, 3],
    ]);
    expect([crime.maps === crime.trueMaps, honest.maps]).toEqual([true, undefined]);
    // the projection onto what unit-RSS maps can explain: x = Σ conj(S) c, then S x
    const misfit = async (s: typeof crime): Promise<number> => {
      const coils = centredIfft(s.kspace);
      const x = sum(mul(s.trueMaps.conj(), coils), { axes: 0 });
      return relativeError(mul(s.trueMaps, x), coils);
    };
    expect(await misfit(crime)).toBeLessThan(1e-5);
    expect(await misfit(honest)).toBeGreaterThan(1e-3);
  });

  test('of a phantom: its raster on the study grid', async () => {
    const s = await simulate({ phantom: sheppLogan(), shape: [32, 32], snr: Infinity, inverseCrime: true });
    expect(await relativeError(s.noiseFree, rasterise(sheppLogan(), [32, 32]))).toBeLessThan(1e-5);
  });
});

describe('simulate with a phantom', () => {
  test('equals the limit of fine grids', async () => {
    const phantom = await ellipsePhantom({ subject: 5, details: 5 });
    for (const model of ['gaussian', 'loops'] as const) {
      const options = { shape: [24, 20] as const, coils: 3, model, seed: 3, snr: Infinity };
      const exact = await simulate({ ...options, phantom });
      const raster = await simulate({ ...options, images: rasterise(phantom, [480, 400], 4) });
      expect(exact.oversampling).toEqual([Infinity, Infinity]);
      expect(await relativeError(raster.kspace, exact.kspace)).toBeLessThan(4e-3);
    }
  });

  test('its coils are close to the formulas', async () => {
    const s = await simulate({ phantom: sheppLogan(), shape: [32, 32], coils: 4, seed: 9 });
    const maps = await coilMaps({ shape: [32, 32], coils: 4, seed: 9 });
    expect(await relativeError(s.trueMaps, maps)).toBeLessThan(1e-3);
  });

  test('several phantoms are several slices', async () => {
    const s = await simulate({ phantom: [sheppLogan(), await ellipsePhantom()], shape: [8, 8], coils: 2 });
    expect(s.kspace.shape).toEqual([2, 2, 8, 8]);
  });
});

describe('addNoise', () => {
  test('is circular: real and imaginary part have half the energy each, coils are independent', async () => {
    const kspace = complex(uniform(key(1), [2, 64, 64]), zeros([2, 64, 64]));
    const { kspace: noisy } = addNoise(kspace, 0, key(2));
    const noise = await numbers(sub(noisy, kspace));
    let [re, im, cross, coils] = [0, 0, 0, 0];
    for (let i = 0; i < noise.length; i += 2) {
      re += noise[i]! ** 2;
      im += noise[i + 1]! ** 2;
      cross += noise[i]! * noise[i + 1]!;
      if (i < noise.length / 2) coils += noise[i]! * noise[i + noise.length / 2]!;
    }
    expect(Math.abs(re / im - 1)).toBeLessThan(0.1);
    expect(Math.abs(cross / re)).toBeLessThan(0.05);
    expect(Math.abs(coils / re)).toBeLessThan(0.05);
  });

  test('refuses real data, missing coils and NaN', () => {
    expect(() => addNoise(zeros([2, 4, 4]), 10, key(0))).toThrow(/argument 1 must be complex/);
    expect(() => addNoise(zeros([4, 4], { dtype: 'c64' }), 10, key(0))).toThrow(/\[..., coils, H, W\]/);
    expect(() => addNoise(zeros([2, 4, 4], { dtype: 'c64' }), Number.NaN, key(0))).toThrow(/snr/);
  });
});

describe('cropKspace', () => {
  test.each([
    [4, 3],
    [5, 2],
    [5, 4],
    [6, 6],
  ])('%i to %i samples keeps DC in the middle', async (from, to) => {
    const line = Array(from).fill(0);
    line[Math.floor(from / 2)] = 1;
    const cut = await numbers(cropKspace(tensor([line]), [1, to]));
    expect(cut.indexOf(1)).toBe(Math.floor(to / 2));
  });

  test('refuses to grow', () => {
    expect(() => cropKspace(zeros([4, 4]), [4, 5])).toThrow(/with at least \[4, 5\]/);
  });
});

describe('smoothPhase', () => {
  test('is the same field on every grid, of the stated strength', async () => {
    const fine = await smoothPhase({ shape: [32, 32], seed: 3 });
    const coarse = await smoothPhase({ shape: [8, 16], seed: 3 });
    expect(
      await relativeError(
        fine.slice([
          [0, null, 4],
          [0, null, 2],
        ]),
        coarse,
      ),
    ).toBeLessThan(1e-5);
    const spreads = await Promise.all(
      Array.from({ length: 60 }, async (_, seed) => {
        const values = await numbers(await smoothPhase({ shape: [12, 12], seed, strength: 0.5 }));
        const mean = values.reduce((a, b) => a + b) / values.length;
        return values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      }),
    );
    // half waves do not average out over the field of view, so the spread within an image is somewhat less
    const spread = Math.sqrt(spreads.reduce((a, b) => a + b) / spreads.length);
    expect(spread).toBeGreaterThan(0.35);
    expect(spread).toBeLessThan(0.55);
  });

  test('neighbours differ little', async () => {
    const values = await numbers(await smoothPhase({ shape: [1, 128], seed: 1, strength: 1 }));
    for (let i = 1; i < values.length; i++) expect(Math.abs(values[i]! - values[i - 1]!)).toBeLessThan(0.2);
  });
});

test('stanfordLike: half the extent, more noise, other coils, the same objects', async () => {
  const images = await object(64);
  const options = stanfordLike({ images, snr: 30, seed: 1 });
  expect([options.shape, options.snr, options.model]).toEqual([[16, 16], 24, 'loops']);
  const [there, here] = [await simulate(options), await simulate({ images, shape: [16, 16], seed: 1 })];
  expect(await relativeError(there.noiseFree, here.noiseFree)).toBeLessThan(0.05);
  expect(await relativeError(there.trueMaps, here.trueMaps)).toBeGreaterThan(0.5);
});

describe('bad arguments', () => {
  const images = (): Tensor => zeros([16, 16]);
  test.each([
    ['neither', () => ({}), /simulate: options must be either images or phantom; got neither/],
    ['both', () => ({ images: images(), phantom: sheppLogan() }), /got both/],
    ['rank', () => ({ images: zeros([4]) }), /option images must be \[N, M\] or \[slices, N, M\]/],
    ['empty', () => ({ images: zeros([0, 8, 8]) }), /not empty/],
    ['too fine', () => ({ images: images(), shape: [17, 8] }), /option shape must be at most/],
    ['snr', () => ({ images: images(), snr: Number.NaN }), /option snr must be a finite number/],
    ['coils', () => ({ images: images(), coils: 1.5 }), /simulate: option coils must be an integer/],
    ['name', () => ({ images: images(), noise: 3 }), /options must be made of/],
    ['phase', () => ({ images: images(), phase: -1 }), /option phase must be/],
    ['crime', () => ({ images: images(), inverseCrime: 1 }), /option inverseCrime must be true or false/],
    ['phantom', () => ({ phantom: [[]] }), /option phantom\[0\] must be a list of ellipses/],
  ])('%s', async (_, options, message) => {
    await expect(simulate(options() as never)).rejects.toThrow(message);
  });
});
