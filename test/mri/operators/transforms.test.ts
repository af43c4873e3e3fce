import {
  coeffsToArray,
  complexNormal,
  createDevice,
  type Device,
  init,
  key,
  normal,
  ones,
  type Tensor,
  wavedec2,
  waveletNames,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  centredFftOperator,
  dct2,
  dctOperator,
  finiteDifference,
  finiteDifferenceOperator,
  idct2,
  waveletOperator,
} from '../../../packages/mri/src/operators/index.js';

let reference: Device;
beforeAll(async () => {
  await init({ device: 'wasm', threads: 2 });
  reference = await createDevice({ device: 'reference' });
});
afterAll(() => reference.dispose());

const space = (...shape: number[]) => ({ shape, dtype: 'c64' as const });

async function largestDifference(a: Tensor, b: Tensor): Promise<number> {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [Array.from(await a.data()), Array.from(await b.data())];
  return Math.max(...x.map((value, i) => Math.abs(value - y[i]!)));
}

describe('waveletOperator', () => {
  it('gives the coefficients in PyWavelets’ order', async () => {
    const x = complexNormal(key(1), [2, 21, 30]);
    for (const mode of ['periodization', 'symmetric'] as const) {
      const W = waveletOperator(x, { wavelet: 'db3', level: 2, mode });
      const expected = coeffsToArray(wavedec2(x, 'db3', { level: 2, mode }));
      expect(W.range.shape).toEqual(expected.shape);
      expect(await W.apply(x).data()).toEqual(await expected.data());
    }
  });

  it('is orthonormal for orthogonal wavelets where lengths are even', async () => {
    const x = complexNormal(key(2), [24, 40]);
    const orthogonal = waveletNames.filter((name) => !name.startsWith('bior'));
    expect(orthogonal).toEqual(expect.arrayContaining(['haar', 'db2', 'db10', 'sym2', 'sym8']));
    for (const wavelet of orthogonal) {
      const W = waveletOperator(space(24, 40), { wavelet, level: 3 });
      expect(W.range.shape).toEqual([24, 40]);
      expect(await largestDifference(W.normal(x), x)).toBeLessThan(1e-5);
    }
  });

  it('has the levels of the shorter axis by default, and db4', async () => {
    const x = complexNormal(key(3), [64, 48]);
    const expected = coeffsToArray(wavedec2(x, 'db4', { mode: 'periodization' }));
    expect(await waveletOperator(x).apply(x).data()).toEqual(await expected.data());
  });

  it('refuses what is unknown', () => {
    expect(() => waveletOperator(space(8, 8), { wavelet: 'db99' })).toThrow('wavelet must be one of');
    expect(() => waveletOperator(space(8, 8), { mode: 'reflect' as 'zero' })).toThrow('mode must be one of');
    expect(() => waveletOperator(space(8))).toThrow(
      'waveletOperator: the space must be [..., H, W]; got [8].',
    );
    expect(() => waveletOperator(space(8, 8), { levels: 2 } as object)).toThrow('"levels"');
  });
});

describe('finiteDifference', () => {
  it('subtracts from the next row and column, round the edges', async () => {
    const x = normal(key(4), [2, 5, 4]);
    const d = finiteDifference(x);
    expect(d.shape).toEqual([2, 2, 5, 4]);
    const [from, found] = [await x.data(), await d.data()];
    const at = (slice: number, row: number, column: number): number =>
      from[(slice * 5 + (row % 5)) * 4 + (column % 4)]!;
    for (let i = 0; i < 40; i++) {
      const [slice, row, column] = [Math.floor(i / 20), Math.floor(i / 4) % 5, i % 4];
      expect(found[i]).toBeCloseTo(at(slice, row + 1, column) - at(slice, row, column), 6);
      expect(found[40 + i]).toBeCloseTo(at(slice, row, column + 1) - at(slice, row, column), 6);
    }
  });

  it('has eigenvalues 2 − 2 cos of the frequencies: D^H D of a wave', async () => {
    const D = finiteDifferenceOperator({ shape: [6, 8], dtype: 'f32' });
    const constant = await D.normal(ones([6, 8])).data();
    expect(constant.every((value) => value === 0)).toBe(true);
  });

  it('refuses vectors and integers', () => {
    expect(() => finiteDifference(ones([4]))).toThrow(
      'finiteDifference: argument 1 must be [..., H, W]; got f32 [4].',
    );
    expect(() => finiteDifference(ones([4, 4], { dtype: 'i32' }))).toThrow('finiteDifference: ');
  });
});

describe('dct2', () => {
  it('is the sum of cosines of its definition', async () => {
    const [height, width] = [5, 6];
    const x = withDevice(reference, () => complexNormal(key(5), [height, width], { dtype: 'c128' }));
    const [from, found] = [await x.data(), await dct2(x).data()];
    const weight = (k: number, n: number): number => Math.sqrt((k === 0 ? 1 : 2) / n);
    for (let k = 0; k < height; k++)
      for (let l = 0; l < width; l++)
        for (const part of [0, 1]) {
          let total = 0;
          for (let i = 0; i < height; i++)
            for (let j = 0; j < width; j++)
              total +=
                from[2 * (i * width + j) + part]! *
                Math.cos((Math.PI * k * (2 * i + 1)) / (2 * height)) *
                Math.cos((Math.PI * l * (2 * j + 1)) / (2 * width));
          const expected = weight(k, height) * weight(l, width) * total;
          expect(found[2 * (k * width + l) + part]).toBeCloseTo(expected, 12);
        }
  });

  it('is undone by idct2, for any size, batch and dtype', async () => {
    for (const shape of [
      [1, 1],
      [7, 1],
      [3, 8, 5],
      [320, 16],
    ])
      for (const x of [complexNormal(key(6), shape), normal(key(7), shape)]) {
        const y = dct2(x);
        expect(y.dtype).toBe(x.dtype);
        expect(await largestDifference(idct2(y), x)).toBeLessThan(2e-6);
      }
    const D = dctOperator(space(6, 9));
    const x = complexNormal(key(8), [6, 9]);
    expect(await largestDifference(D.normal(x), x)).toBeLessThan(2e-6);
  });

  it('refuses vectors', () => {
    expect(() => dct2(ones([4]))).toThrow('dct2: argument 1 must be [..., H, W]; got f32 [4].');
    expect(() => idct2(ones([4]))).toThrow('idct2: argument 1 must be');
  });
});

describe('centredFftOperator', () => {
  it('is unitary', async () => {
    const x = complexNormal(key(9), [2, 7, 6]);
    const F = centredFftOperator(x);
    expect(await largestDifference(F.adjoint(F.apply(x)), x)).toBeLessThan(2e-6);
  });

  it('refuses real spaces', () => {
    expect(() => centredFftOperator({ shape: [4, 4], dtype: 'f32' })).toThrow(
      'centredFftOperator: the space must be complex; got f32 [4, 4].',
    );
  });
});
