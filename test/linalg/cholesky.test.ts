import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumericalError, ShapeError } from '../../packages/tensor/src/errors.js';
import { cholesky } from '../../packages/tensor/src/linalg/cholesky.js';
import {
  conjugateTranspose,
  identity,
  multiply,
  scale,
  zeros,
} from '../../packages/tensor/src/linalg/matrix.js';
import {
  add,
  diagonal,
  distance,
  fromRows,
  hilbert,
  randomMatrix,
  scaleArb,
  seedArb,
  sizeArb,
} from './samples.js';

describe('cholesky', () => {
  test('rebuilds positive definite matrices', () => {
    fc.assert(
      fc.property(sizeArb, seedArb, scaleArb, (n, seed, factor) => {
        const g = randomMatrix(n, n, seed);
        const a = scale(add(multiply(g, conjugateTranspose(g)), identity(n)), factor);
        const lower = cholesky(a);
        expect(distance(multiply(lower, conjugateTranspose(lower)), a)).toBeLessThan(1e-14);
        for (let i = 0; i < n; i++) {
          expect(lower.re[i * n + i]).toBeGreaterThan(0);
          for (let j = i; j < n; j++) expect(lower.im[i * n + j]).toBe(0);
          for (let j = i + 1; j < n; j++) expect(lower.re[i * n + j]).toBe(0);
        }
      }),
    );
  });

  test('known values', () => {
    // [[4, 2i], [-2i, 5]] = L L^H with L = [[2, 0], [-i, 2]].
    const lower = cholesky(
      fromRows([
        [4, [0, 2]],
        [[0, -2], 5],
      ]),
    );
    expect(Array.from(lower.re)).toEqual([2, 0, 0, 2]);
    expect(Array.from(lower.im)).toEqual([0, 0, -1, 0]);
    expect(cholesky(zeros(0, 0)).rows).toBe(0);
    const h = hilbert(10);
    const l = cholesky(h);
    expect(distance(multiply(l, conjugateTranspose(l)), h)).toBeLessThan(1e-14);
  });

  test('names the pivot that fails', () => {
    expect(() => cholesky(diagonal([1, 2, -3]))).toThrow(
      'cholesky: a must be positive definite; got pivot 2 equal to -3. Add a small multiple of the identity, or use solve, lstsq or eigh.',
    );
    expect(() => cholesky(zeros(2, 2))).toThrow('pivot 0');
    expect(() =>
      cholesky(
        fromRows([
          [1, 1],
          [1, 1],
        ]),
      ),
    ).toThrow(NumericalError);
    expect(() => cholesky(zeros(1, 2))).toThrow(ShapeError);
    expect(() => cholesky(fromRows([[Number.POSITIVE_INFINITY]]))).toThrow('finite');
    expect(() =>
      cholesky(
        fromRows([
          [2, 1],
          [0, 2],
        ]),
      ),
    ).toThrow('Hermitian');
  });
});
