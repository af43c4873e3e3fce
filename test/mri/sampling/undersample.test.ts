import {
  detectMask,
  equispacedMask,
  gaussianMask2d,
  type Mask,
  type Measurement,
  maskTensor,
  randomMask,
  undersample,
} from '@adjoint/mri';
import {
  ArgumentError,
  complexNormal,
  init,
  key,
  NumericalError,
  ones,
  ShapeError,
  type Tensor,
  tensor,
  zeros,
} from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await init({ device: 'reference' });
});

const [coils, height, width] = [2, 10, 16];
const fullScan = (slices?: number): Measurement => {
  const shape = [...(slices === undefined ? [] : [slices]), coils, height, width];
  return { kspace: complexNormal(key(1), shape), mask: ones([width]), name: 'scan' };
};
const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];

/** A measured entry for each pixel of the first coil. */
async function entriesOf(kspace: Tensor): Promise<number[]> {
  const parts = (await values(kspace)).slice(0, 2 * height * width);
  return Array.from({ length: height * width }, (_, i) =>
    parts[2 * i] !== 0 || parts[2 * i + 1] !== 0 ? 1 : 0,
  );
}

describe('undersample', () => {
  it.each([undefined, 3])('keeps the columns of a mask and clears the others (%s slices)', async (slices) => {
    const full = fullScan(slices);
    const mask = randomMask({ width, acceleration: 4, centerFraction: 0.2, seed: 2 });
    const scan = undersample(full, mask);
    expect(scan.name).toBe('scan');
    expect(scan.kspace.dtype).toBe('c64');
    const [before, after] = [await values(full.kspace), await values(scan.kspace)];
    after.forEach((value, i) => {
      expect(value).toBe(mask.values[Math.floor(i / 2) % width] === 1 ? before[i] : 0);
    });
    expect(scan.mask.dtype).toBe('f32');
    expect(await values(scan.mask)).toEqual([...mask.values]);
  });

  it('takes patterns of the plane, and tensors', async () => {
    const mask = gaussianMask2d({ height, width, acceleration: 4, seed: 1 });
    const scan = undersample(fullScan(), maskTensor(mask));
    expect(await entriesOf(scan.kspace)).toEqual([...mask.values]);
    expect(scan.mask.shape).toEqual([height, width]);
  });

  it('measures what both masks have, if it was undersampled already', async () => {
    const [even, third] = [2, 3].map((acceleration) =>
      equispacedMask({ width, acceleration, centerFraction: 0, offset: 0 }),
    ) as [Mask, Mask];
    const scan = undersample(undersample(fullScan(), even), third);
    expect((await values(scan.mask)).flatMap((value, i) => (value ? [i] : []))).toEqual([0, 6, 12]);
    const plane = gaussianMask2d({ height, width, acceleration: 2, seed: 1 });
    const both = undersample(undersample(fullScan(), even), plane);
    expect(await values(both.mask)).toEqual(
      [...plane.values].map((value, i) => value * even.values[i % width]!),
    );
  });

  it('clears NaN where nothing is measured, and keeps it where something is', async () => {
    const parts = new Float32Array(2 * coils * height * width).fill(Number.NaN);
    const kspace = tensor(parts, { dtype: 'c64', shape: [coils, height, width] });
    const mask = equispacedMask({ width, acceleration: 2, centerFraction: 0, offset: 1 });
    const after = await values(undersample({ kspace, mask: ones([width]) }, mask).kspace);
    expect(after.slice(0, 4)).toEqual([0, 0, Number.NaN, Number.NaN]);
  });

  it('refuses masks of another size', () => {
    expect(() => undersample(fullScan(), ones([width + 1]))).toThrow(ShapeError);
    expect(() => undersample(fullScan(), ones([height, 1]))).toThrow(ShapeError);
    expect(() => undersample(fullScan(), ones([]))).toThrow(ShapeError);
    expect(() => undersample(fullScan(), undefined as unknown as Mask)).toThrow(ArgumentError);
  });
});

describe('detectMask', () => {
  it.each([
    [undefined, 0.25],
    [3, 0.25],
    [2, 0],
  ])('finds the columns of %s slices, centre %f', async (slices, centerFraction) => {
    const mask = randomMask({ width, acceleration: 2, centerFraction, seed: 12 });
    const found = await detectMask(undersample(fullScan(slices), mask).kspace);
    expect(found.shape).toEqual([width]);
    expect(found.values).toEqual(mask.values);
    expect(found.acceleration).toBeCloseTo(width / mask.numSampled, 12);
    expect(found.numLowFrequencies).toBeGreaterThanOrEqual(mask.numLowFrequencies);
  });

  it('counts the centred columns without a gap', async () => {
    const at = async (columns: number[]) => {
      const line = new Float32Array(width).map((_, i) => (columns.includes(i) ? 1 : 0));
      return (await detectMask(undersample(fullScan(), tensor(line)).kspace)).numLowFrequencies;
    };
    // DC stands in column 8, and a centre of an even number of columns has one more to its left
    expect(await at([1, 8])).toBe(1);
    expect(await at([8, 9])).toBe(1);
    expect(await at([7, 8])).toBe(2);
    expect(await at([7, 8, 9])).toBe(3);
    expect(await at([5, 6, 7, 8, 9, 14])).toBe(4);
    expect(await at([7, 9])).toBe(0);
    expect(await at(Array.from({ length: width }, (_, i) => i))).toBe(width);
  });

  it('finds single entries', async () => {
    const mask = gaussianMask2d({ height, width, acceleration: 3, centerFraction: 0.3, seed: 6 });
    const found = await detectMask(undersample(fullScan(2), mask).kspace);
    expect(found.shape).toEqual([height, width]);
    expect(found.values).toEqual(mask.values);
    expect(found.numLowFrequencies).toBeGreaterThanOrEqual(5);
  });

  it('is not deceived by an entry that is 0 in one coil, or by accident in all', async () => {
    const parts = new Float32Array(await complexNormal(key(2), [2, 200, width]).data());
    parts.fill(0, 0, 40);
    const kspace = (data: Float32Array) => tensor(data, { dtype: 'c64', shape: [2, 200, width] });
    expect((await detectMask(kspace(parts))).numSampled).toBe(width);
    parts.fill(0, 2 * 200 * width, 2 * 200 * width + 2);
    expect((await detectMask(kspace(parts))).shape).toEqual([width]);
  });

  it('takes NaN for measured', async () => {
    const parts = new Float32Array(2 * 4 * 6);
    for (let row = 0; row < 4; row++) parts[2 * (row * 6 + 3)] = Number.NaN;
    const found = await detectMask(tensor(parts, { dtype: 'c64', shape: [4, 6] }));
    expect([...found.values]).toEqual([0, 0, 0, 1, 0, 0]);
  });

  it('refuses what has no measured entry, or is no plane', async () => {
    await expect(detectMask(zeros([2, 4, 4], { dtype: 'c64' }))).rejects.toThrow(NumericalError);
    await expect(detectMask(zeros([2, 0, 4], { dtype: 'c64' }))).rejects.toThrow(NumericalError);
    await expect(detectMask(ones([4]))).rejects.toThrow(ShapeError);
  });
});
