import { grad } from '@adjoint/autograd';
import {
  centredFft,
  centredIfft,
  complexNormal,
  conj,
  type Device,
  div,
  init,
  key,
  linalg,
  matmul,
  mul,
  ones,
  reshape,
  slice,
  stack,
  sum,
  swapAxes,
  type Tensor,
  tensor,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  compressCoils,
  lowResolutionMaps,
  rss,
  senseCombine,
  whiten,
} from '../../../packages/mri/src/coils/index.js';
import { columns, ellipse, products, scene } from './scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const energy = async (x: Tensor): Promise<number> => {
  const values = Array.from(await x.data());
  return values.reduce((total, value) => total + value * value, 0);
};

describe('rss', () => {
  it('is the root of the sum of squares over coils', async () => {
    const z = tensor([[[{ re: 3, im: 0 }]], [[{ re: 0, im: 4 }]]]);
    expect(await rss(z).data()).toEqual(new Float32Array([5]));
    expect(rss(complexNormal(key(1), [2, 3, 5, 4])).shape).toEqual([2, 5, 4]);
  });

  it('has no NaN in its gradient where all coils are 0', async () => {
    const gradient = await grad((z: Tensor) => sum(rss(z)))(zeros([2, 2, 2], { dtype: 'c64' })).data();
    expect(gradient.every((value) => value === 0)).toBe(true);
  });

  it('refuses images without a coil axis', () => {
    expect(() => rss(ones([4, 4]))).toThrow('rss: coilImages must be [..., coils, H, W]; got f32 [4, 4].');
  });
});

describe('senseCombine', () => {
  it('undoes coil weighting, whatever the size of the maps', async () => {
    const { maps, image } = scene(4, 20, 22, 0);
    const scaled = mul(maps, 3);
    const found = await senseCombine(mul(scaled, image), scaled).data();
    const expected = await image.data();
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 5);
  });

  it('is 0 where all maps are', async () => {
    const found = await senseCombine(ones([2, 3, 3]), zeros([2, 3, 3], { dtype: 'c64' })).data();
    expect(found.every((value) => value === 0)).toBe(true);
  });

  it('is the least-squares solution', async () => {
    const [images, maps] = [complexNormal(key(1), [3, 2, 2]), complexNormal(key(2), [3, 2, 2])];
    const found = senseCombine(images, maps);
    const column = (x: Tensor) => slice(x, [null, 1, 0]);
    const { x } = await linalg.lstsq(reshape(column(maps), [3, 1]), column(images));
    const [expected, got] = [await x.data(), await slice(found, [1, 0]).data()];
    expect(got[0]).toBeCloseTo(expected[0]!, 5);
    expect(got[1]).toBeCloseTo(expected[1]!, 5);
  });

  it('refuses maps of another size, in the words of SENSE', () => {
    expect(() => senseCombine(ones([2, 4, 4]), ones([2, 4, 5]))).toThrow(
      'senseCombine: maps must be [..., 2, 4, 4] to match the coil images; got [2, 4, 5]. Crop or re-estimate the maps.',
    );
  });
});

describe('lowResolutionMaps', () => {
  it('has unit norm and nearly the directions of the true maps', async () => {
    const { maps, kspace } = scene(5, 48, 40);
    const mask = columns(40, 16, 4);
    const found = await lowResolutionMaps({ kspace: mul(kspace, mask), mask });
    const values = await found.data();
    for (const norm of products(values, values, 5)) expect(norm).toBeCloseTo(1, 4);
    const object = ellipse(48, 40);
    const agreement = products(values, await maps.data(), 5).filter((_, i) => object[2 * i] !== 0);
    expect(agreement.reduce((a, b) => a + b, 0) / agreement.length).toBeGreaterThan(0.995);
  });

  it('crops what is weak, slice by slice', async () => {
    const { kspace } = scene(3, 40, 40);
    const maps = await lowResolutionMaps(stack([kspace, mul(kspace, 1e-3)]), { crop: 0.2 });
    expect(maps.shape).toEqual([2, 3, 40, 40]);
    const values = await slice(maps, [1]).data();
    const norms = products(values, values, 3);
    expect(norms[0]).toBe(0);
    expect(norms[20 * 40 + 20]).toBeCloseTo(1, 4);
  });

  it('is the transform of the windowed centre, relative to its size', async () => {
    // a single sample in the centre: constant images
    const kspace = zeros([2, 6, 6], { dtype: 'c64' });
    const values = await kspace.data();
    values[2 * (3 * 6 + 3)] = 3;
    values[2 * (36 + 3 * 6 + 3) + 1] = 4;
    const maps = await lowResolutionMaps(tensor(values, { dtype: 'c64', shape: [2, 6, 6] }), {
      calibration: 1,
    });
    const found = await maps.data();
    expect(found[10]).toBeCloseTo(0.6, 6);
    expect(found[2 * 36 + 11]).toBeCloseTo(0.8, 6);
  });

  it('refuses what cannot be calibrated', async () => {
    await expect(lowResolutionMaps(zeros([2, 8, 8], { dtype: 'c64' }))).rejects.toThrow(
      'lowResolutionMaps: kspace must be sampled around its centre',
    );
  });
});

describe('compressCoils', () => {
  const mixed = async () => {
    // eight coils that are combinations of three
    const sources = mul(complexNormal(key(1), [3, 16, 12]), tensor([4, 2, 1], { shape: [3, 1, 1] }));
    const mixing = complexNormal(key(2), [8, 3]);
    return reshape(matmul(mixing, reshape(sources, [3, 192])), [8, 16, 12]);
  };

  it('keeps all energy in as many coils as there are sources', async () => {
    const kspace = await mixed();
    const total = await energy(kspace);
    expect((await energy(await compressCoils(kspace, 3))) / total).toBeCloseTo(1, 5);
    expect((await energy(await compressCoils(kspace, 2))) / total).toBeLessThan(0.995);
  });

  it('orders virtual coils by energy, which is that of the singular values', async () => {
    const kspace = await mixed();
    const virtual = await compressCoils(kspace, 8);
    expect(virtual.shape).toEqual([8, 16, 12]);
    const { s } = await linalg.svd(reshape(kspace, [8, 192]));
    const expected = await s.data();
    for (let i = 0; i < 3; i++)
      expect(Math.sqrt(await energy(slice(virtual, [i]))) / expected[i]!).toBeCloseTo(1, 4);
  });

  it('uses one matrix for all slices, and does not mind the transform', async () => {
    const kspace = stack([complexNormal(key(3), [4, 8, 6]), complexNormal(key(4), [4, 8, 6])]);
    const together = await compressCoils(kspace, 2);
    expect(together.shape).toEqual([2, 2, 8, 6]);
    const inImages = centredFft(await compressCoils(centredIfft(kspace), 2));
    // the same virtual coils, up to a phase each
    const total = async (x: Tensor, coil: number) => energy(slice(x, [null, coil]));
    for (const coil of [0, 1])
      expect((await total(inImages, coil)) / (await total(together, coil))).toBeCloseTo(1, 4);
  });

  it('refuses a wrong number', async () => {
    await expect(compressCoils(ones([4, 2, 2]), 5)).rejects.toThrow(
      'compressCoils: n must be an integer >= 1 and <= 4; got 5.',
    );
  });
});

describe('whiten', () => {
  it('makes the noise white with unit variance', async () => {
    const mixing = complexNormal(key(5), [4, 4]);
    const noise = matmul(mixing, complexNormal(key(6), [4, 4000]));
    const white = reshape(await whiten(reshape(noise, [4, 50, 80]), noise), [4, 4000]);
    const covariance = await div(matmul(white, swapAxes(conj(white), 0, 1)), 4000).data();
    for (let i = 0; i < 4; i++)
      for (let j = 0; j < 4; j++) {
        expect(covariance[2 * (4 * i + j)]).toBeCloseTo(Number(i === j), 3);
        expect(covariance[2 * (4 * i + j) + 1]).toBeCloseTo(0, 3);
      }
  });

  it('divides independent coils by their noise', async () => {
    const noise = tensor([
      [2, -2, 2, -2],
      [5, 5, -5, -5],
    ]);
    const found = await whiten(ones([2, 1, 1]), noise);
    const values = await found.data();
    expect(values[0]).toBeCloseTo(0.5, 5);
    expect(values[1]).toBeCloseTo(0.2, 5);
  });

  it('refuses noise of other coils, too few samples, and a silent coil', async () => {
    const kspace = ones([3, 2, 2]);
    await expect(whiten(kspace, ones([2, 50]))).rejects.toThrow('whiten: noise must be [3, samples]');
    await expect(whiten(kspace, complexNormal(key(1), [3, 2]))).rejects.toThrow('at least 3 samples');
    const silent = mul(complexNormal(key(1), [3, 50]), tensor([1, 0, 1], { shape: [3, 1] }));
    await expect(whiten(kspace, silent)).rejects.toThrow('whiten: noise must be');
  });
});
