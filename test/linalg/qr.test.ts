import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ComplexMatrix, multiply, scale, zeros } from '../../packages/tensor/src/linalg/matrix.js';
import { qr } from '../../packages/tensor/src/linalg/qr.js';
import {
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

function check(a: ComplexMatrix): { q: ComplexMatrix; r: ComplexMatrix } {
  const { q, r } = qr(a);
  const k = Math.min(a.rows, a.cols);
  expect([q.rows, q.cols, r.rows, r.cols]).toEqual([a.rows, k, k, a.cols]);
  expect(nonOrthogonality(q)).toBeLessThan(1e-14 * Math.sqrt(k));
  expect(distance(multiply(q, r), a)).toBeLessThan(1e-14);
  for (let i = 0; i < k; i++) {
    expect(r.re[i * a.cols + i]).toBeGreaterThanOrEqual(0);
    expect(r.im[i * a.cols + i]).toBe(0);
    for (let j = 0; j < i; j++) expect([r.re[i * a.cols + j], r.im[i * a.cols + j]]).toEqual([0, 0]);
  }
  return { q, r };
}

describe('qr', () => {
  test('factors random, rank-deficient and scaled matrices', () => {
    fc.assert(
      fc.property(
        sizeArb,
        sizeArb,
        fc.integer({ min: 0, max: 30 }),
        seedArb,
        scaleArb,
        (m, n, rank, seed, factor) => {
          check(scale(rank > 24 ? randomMatrix(m, n, seed) : lowRank(m, n, rank, seed), factor));
        },
      ),
    );
  });

  test('the factors are unique: R of Q R is R again', () => {
    const { r } = check(randomMatrix(7, 7, 1));
    const { q } = check(randomMatrix(9, 7, 2));
    expect(distance(qr(multiply(q, r)).r, r)).toBeLessThan(1e-13);
  });

  test('known values', () => {
    const { q, r } = check(
      fromRows([
        [[0, 3], 1],
        [[0, 4], 2],
      ]),
    );
    expect(r.re[0]).toBeCloseTo(5, 14);
    expect([q.re[0], q.im[0], q.re[2], q.im[2]].map((x) => Math.round(x * 1e14) / 1e14)).toEqual([
      0, 0.6, 0, 0.8,
    ]);
    check(zeros(3, 2));
    check(hilbert(15));
    // Columns 300 orders of magnitude apart.
    check(
      fromRows([
        [1e150, 1e-150],
        [1e150, -1e-150],
      ]),
    );
    expect(qr(zeros(3, 0)).q).toMatchObject({ rows: 3, cols: 0 });
  });

  test('refuses NaN', () => {
    expect(() => qr(fromRows([[Number.NaN]]))).toThrow('qr: a must be finite everywhere');
  });
});
