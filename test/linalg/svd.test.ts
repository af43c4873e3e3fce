import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eigh } from '../../packages/tensor/src/linalg/eigh.js';
import {
  type ComplexMatrix,
  conjugateTranspose,
  multiply,
  scale,
  zeros,
} from '../../packages/tensor/src/linalg/matrix.js';
import { svd } from '../../packages/tensor/src/linalg/svd.js';
import {
  diagonal,
  distance,
  fromRows,
  hilbert,
  lowRank,
  nonOrthogonality,
  randomMatrix,
  scaleArb,
  seedArb,
  sizeArb,
} from './samples.js';

function check(a: ComplexMatrix, bound = 1e-14): Float64Array {
  const { u, s, vh } = svd(a);
  const k = Math.min(a.rows, a.cols);
  expect([u.rows, u.cols, s.length, vh.rows, vh.cols]).toEqual([a.rows, k, k, k, a.cols]);
  expect(nonOrthogonality(u)).toBeLessThan(4 * bound * Math.sqrt(k));
  expect(nonOrthogonality(conjugateTranspose(vh))).toBeLessThan(4 * bound * Math.sqrt(k));
  expect(distance(multiply(multiply(u, diagonal(s)), vh), a)).toBeLessThan(bound);
  for (let i = 0; i < k; i++) expect(s[i]).toBeGreaterThanOrEqual(i + 1 < k ? s[i + 1] : 0);
  return s;
}

describe('svd', () => {
  test('rebuilds random matrices of any shape and scale', () => {
    fc.assert(
      fc.property(sizeArb, sizeArb, seedArb, fc.boolean(), scaleArb, (m, n, seed, isComplex, factor) => {
        check(scale(randomMatrix(m, n, seed, isComplex), factor));
      }),
    );
  });

  test('rank-deficient matrices keep orthonormal factors', () => {
    fc.assert(
      fc.property(
        sizeArb,
        sizeArb,
        fc.integer({ min: 0, max: 6 }),
        seedArb,
        scaleArb,
        (m, n, rank, seed, factor) => {
          const s = check(scale(lowRank(m, n, rank, seed), factor));
          for (let i = rank; i < s.length; i++) expect(s[i]).toBeLessThanOrEqual(1e-14 * s[0]);
        },
      ),
    );
  });

  test('sparse integer matrices with many ties and exact zeros', () => {
    fc.assert(
      fc.property(sizeArb, sizeArb, seedArb, (m, n, seed) => {
        const a = randomMatrix(m, n, seed);
        check({ ...a, re: a.re.map(Math.round), im: a.im.map((x) => Math.round(0.6 * x)) });
      }),
    );
  });

  test('squared singular values are the eigenvalues of A^H A', () => {
    const a = randomMatrix(20, 9, 2);
    const { values } = eigh(multiply(conjugateTranspose(a), a));
    check(a).forEach((s, k) => {
      expect(s * s).toBeCloseTo(values[8 - k], 12);
    });
  });

  test('known values and shapes', () => {
    expect(Array.from(check(diagonal([1, -3, 0])))).toEqual([3, 1, 0]);
    expect(Array.from(check(zeros(4, 2)))).toEqual([0, 0]);
    expect(check(fromRows([[3, [0, 4]]]))[0]).toBeCloseTo(5, 14);
    expect(check(fromRows([[3], [[0, 4]]]))[0]).toBeCloseTo(5, 14);
    expect(svd(zeros(0, 3)).s).toHaveLength(0);
    expect(svd(zeros(3, 0)).u).toMatchObject({ rows: 3, cols: 0 });
    // Singular values far below eps ||A|| survive where the columns are graded.
    expect(check(diagonal([1, 1e-40]))[1] * 1e40).toBeCloseTo(1, 14);
    // Smallest singular value of the Hilbert matrix of order 8.
    expect(check(hilbert(8))[7] / 1.1115389663724e-10).toBeCloseTo(1, 4);
  });

  test('n = 200 in reasonable time', () => {
    check(randomMatrix(240, 200, 4), 4e-14);
  });

  test('refuses NaN and Inf', () => {
    expect(() => svd(fromRows([[1, [0, Number.POSITIVE_INFINITY]]]))).toThrow(
      'svd: a must be finite everywhere; got 0 + Infinityi at [0, 1].',
    );
  });
});
