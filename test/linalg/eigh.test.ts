import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eigh } from '../../packages/tensor/src/linalg/eigh.js';
import {
  type ComplexMatrix,
  conjugateTranspose,
  identity,
  multiply,
  scale,
  zeros,
} from '../../packages/tensor/src/linalg/matrix.js';
import { qr } from '../../packages/tensor/src/linalg/qr.js';
import {
  diagonal,
  distance,
  fromRows,
  hermitian,
  hilbert,
  lowRank,
  nonOrthogonality,
  randomMatrix,
  scaleArb,
  seedArb,
  sizeArb,
} from './samples.js';

function check(a: ComplexMatrix, bound = 1e-14): Float64Array {
  const { values, vectors } = eigh(a);
  const size = Math.sqrt(a.rows);
  expect(nonOrthogonality(vectors)).toBeLessThan(bound * size);
  const rebuilt = multiply(multiply(vectors, diagonal(values)), conjugateTranspose(vectors));
  expect(distance(rebuilt, a)).toBeLessThan(bound);
  for (let k = 1; k < values.length; k++) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
  return values;
}

describe('eigh', () => {
  test('rebuilds random Hermitian matrices at any scale', () => {
    fc.assert(
      fc.property(sizeArb, seedArb, fc.boolean(), scaleArb, (n, seed, isComplex, factor) => {
        check(scale(hermitian(n, seed, isComplex), factor));
      }),
    );
  });

  test('repeated eigenvalues', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 16 }),
        seedArb,
        (wanted, seed) => {
          const { q } = qr(randomMatrix(wanted.length, wanted.length, seed));
          const values = check(multiply(multiply(q, diagonal(wanted)), conjugateTranspose(q)));
          const sorted = [...wanted].sort((x, y) => x - y);
          values.forEach((value, k) => {
            expect(Math.abs(value - sorted[k])).toBeLessThan(1e-14 * 10);
          });
        },
      ),
    );
  });

  test('rank-deficient Gram matrices', () => {
    const a = lowRank(30, 5, 5, 3);
    const values = check(multiply(a, conjugateTranspose(a)));
    for (let k = 0; k < 25; k++) expect(Math.abs(values[k])).toBeLessThan(1e-14 * values[29]);
  });

  test('known values', () => {
    // [[2, i], [-i, 2]] has eigenvalues 1 and 3.
    const values = check(
      fromRows([
        [2, [0, 1]],
        [[0, -1], 2],
      ]),
    );
    expect(values[0]).toBeCloseTo(1, 14);
    expect(values[1]).toBeCloseTo(3, 14);
    expect(Array.from(check(identity(4)))).toEqual([1, 1, 1, 1]);
    expect(Array.from(check(zeros(3, 3)))).toEqual([0, 0, 0]);
    expect(Array.from(check(diagonal([3, -1, 2])))).toEqual([-1, 2, 3]);
    expect(eigh(zeros(0, 0)).values).toHaveLength(0);
    check(hilbert(12));
    // Second difference: 2 - 2 cos(k pi / (n + 1)).
    const n = 50;
    const laplacian = diagonal(new Float64Array(n).fill(2));
    for (let i = 0; i + 1 < n; i++) laplacian.re[i * n + i + 1] = laplacian.re[(i + 1) * n + i] = -1;
    check(laplacian).forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    });
  });

  test('graded entries', () => {
    const n = 20;
    const a = hermitian(n, 5);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        a.re[i * n + j] *= 10 ** (-8 * (i + j));
        a.im[i * n + j] *= 10 ** (-8 * (i + j));
      }
    check(a);
  });

  test('n = 300 stays within 1e-14 of the norm, n = 200 within 3 s', () => {
    check(hermitian(300, 11), 2e-14);
    const a = hermitian(200, 1);
    const start = performance.now();
    eigh(a);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('refuses what it cannot treat', () => {
    expect(() => eigh(zeros(2, 3))).toThrow('eigh: a must be square; got [2, 3].');
    expect(() =>
      eigh(
        fromRows([
          [1, Number.NaN],
          [0, 1],
        ]),
      ),
    ).toThrow('eigh: a must be finite everywhere; got NaN + 0i at [0, 1].');
    expect(() =>
      eigh(
        fromRows([
          [1, 2],
          [3, 1],
        ]),
      ),
    ).toThrow('eigh: a must be Hermitian');
    expect(() =>
      eigh(
        fromRows([
          [1, [0, 1]],
          [[0, 1], 1],
        ]),
      ),
    ).toThrow('Hermitian');
  });
});
