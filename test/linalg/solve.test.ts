import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NumericalError } from '../../packages/tensor/src/errors.js';
import { multiply, scale, zeros } from '../../packages/tensor/src/linalg/matrix.js';
import { solve } from '../../packages/tensor/src/linalg/solve.js';
import {
  add,
  diagonal,
  distance,
  fromRows,
  hilbert,
  lowRank,
  norm,
  randomMatrix,
  scaleArb,
  seedArb,
  sizeArb,
} from './samples.js';

describe('solve', () => {
  test('leaves a residual of rounding size', () => {
    fc.assert(
      fc.property(sizeArb, fc.integer({ min: 0, max: 3 }), seedArb, scaleArb, (n, k, seed, factor) => {
        const a = randomMatrix(n, n, seed);
        const b = randomMatrix(n, k, seed + 1);
        const x = scale(solve(scale(a, factor), b), factor);
        // Backward error: ||A x - b|| <= c eps ||A|| ||x||.
        const residual = norm(add(multiply(a, x), scale(b, -1)));
        expect(residual).toBeLessThanOrEqual(1e-14 * n * norm(a) * norm(x));
      }),
    );
  });

  test('rows and columns of very different size', () => {
    const wanted = fromRows([[1], [[2, 1]], [-3]]);
    const a = randomMatrix(3, 3, 8);
    const rows = diagonal([1e-150, 1, 1e150]);
    expect(distance(solve(multiply(rows, a), multiply(rows, multiply(a, wanted))), wanted)).toBeLessThan(
      1e-13,
    );
    expect(solve(diagonal([1, 1e-200]), fromRows([[1], [1e-200]])).re).toEqual(Float64Array.of(1, 1));
    expect(
      solve(
        fromRows([
          [1, 1e-30],
          [1, 2e-30],
        ]),
        fromRows([[2], [3]]),
      ).re[1],
    ).toBeCloseTo(1e30, -17);
  });

  test('known values', () => {
    const x = solve(
      fromRows([
        [0, [0, 1]],
        [2, 0],
      ]),
      fromRows([[1], [4]]),
    );
    expect([x.re[0], x.im[0], x.re[1], x.im[1]]).toEqual([2, 0, 0, -1]);
    expect(solve(zeros(0, 0), zeros(0, 2)).cols).toBe(2);
    const ones = fromRows(Array.from({ length: 6 }, () => [1]));
    expect(distance(solve(hilbert(6), multiply(hilbert(6), ones)), ones)).toBeLessThan(1e-9);
  });

  test('refuses singular matrices by name of the pivot', () => {
    expect(() =>
      solve(
        fromRows([
          [1, 2],
          [2, 4],
        ]),
        fromRows([[1], [1]]),
      ),
    ).toThrow('solve: a must be non-singular to working precision; got pivot 1');
    expect(() => solve(zeros(2, 2), zeros(2, 1))).toThrow('pivot 0');
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 24 }), seedArb, scaleArb, (n, seed, factor) => {
        expect(() => solve(scale(lowRank(n, n, 1, seed), factor), zeros(n, 1))).toThrow(NumericalError);
      }),
    );
  });

  test('refuses wrong shapes and NaN', () => {
    expect(() => solve(zeros(2, 3), zeros(2, 1))).toThrow('solve: a must be square; got [2, 3].');
    expect(() => solve(zeros(2, 2), zeros(3, 1))).toThrow(
      'solve: b must be a matrix of 2 rows to match a [2, 2]; got [3, 1].',
    );
    expect(() => solve(diagonal([1]), fromRows([[Number.NaN]]))).toThrow(
      'solve: b must be finite everywhere',
    );
  });
});
