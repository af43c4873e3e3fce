import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lstsq } from '../../packages/tensor/src/linalg/lstsq.js';
import { conjugateTranspose, multiply, scale, zeros } from '../../packages/tensor/src/linalg/matrix.js';
import { solve } from '../../packages/tensor/src/linalg/solve.js';
import {
  add,
  diagonal,
  distance,
  fromRows,
  lowRank,
  norm,
  randomMatrix,
  scaleArb,
  seedArb,
  sizeArb,
} from './samples.js';

describe('lstsq', () => {
  test('the residual is orthogonal to the range and x to the null space', () => {
    fc.assert(
      fc.property(
        sizeArb,
        sizeArb,
        fc.integer({ min: 1, max: 8 }),
        seedArb,
        scaleArb,
        (m, n, inner, seed, factor) => {
          const a = lowRank(m, n, inner, seed);
          const b = randomMatrix(m, 2, seed + 7);
          const solution = lstsq(scale(a, factor), b);
          // Near-dependent random factors may lose digits; they never gain rank.
          expect(solution.rank).toBeLessThanOrEqual(Math.min(m, n, inner));
          const x = scale(solution.x, factor);
          const residual = add(multiply(a, x), scale(b, -1));
          const bound = 1e-13 * norm(a) * (norm(a) * norm(x) + norm(b));
          expect(norm(multiply(conjugateTranspose(a), residual))).toBeLessThan(bound);
          // x = A^H z for some z, so projecting onto the row space changes nothing.
          const z = lstsq(conjugateTranspose(a), x).x;
          expect(distance(multiply(conjugateTranspose(a), z), x)).toBeLessThan(1e-9);
        },
      ),
    );
  });

  test('agrees with solve for square matrices', () => {
    const a = randomMatrix(6, 6, 3);
    const b = randomMatrix(6, 2, 4);
    const { x, rank } = lstsq(a, b);
    expect(rank).toBe(6);
    expect(distance(x, solve(a, b))).toBeLessThan(1e-12);
  });

  test('known values', () => {
    // Line through (0, 1), (1, 3), (2, 5): slope 2, intercept 1.
    const line = lstsq(
      fromRows([
        [0, 1],
        [1, 1],
        [2, 1],
      ]),
      fromRows([[1], [3], [5]]),
    );
    expect(line.x.re[0]).toBeCloseTo(2, 13);
    expect(line.x.re[1]).toBeCloseTo(1, 13);
    // x + y = 2 has the minimum-norm solution (1, 1).
    const wide = lstsq(fromRows([[1, 1]]), fromRows([[2]]));
    expect(wide.x.re[0]).toBeCloseTo(1, 14);
    expect(wide.x.re[1]).toBeCloseTo(1, 14);
    const zero = lstsq(zeros(3, 2), fromRows([[1], [2], [3]]));
    expect([zero.rank, ...zero.x.re]).toEqual([0, 0, 0]);
  });

  test('rcond cuts small singular values', () => {
    const a = diagonal([1, 1e-3]);
    const b = fromRows([[1], [1]]);
    expect(lstsq(a, b).rank).toBe(2);
    const cut = lstsq(a, b, { rcond: 1e-2 });
    expect(cut.rank).toBe(1);
    expect(Array.from(cut.x.re)).toEqual([1, 0]);
    expect(Array.from(cut.singularValues)).toEqual([1, 1e-3]);
  });

  test('refuses bad arguments', () => {
    expect(() => lstsq(zeros(2, 2), zeros(3, 1))).toThrow('lstsq: b must be a matrix of 2 rows');
    expect(() => lstsq(zeros(1, 1), zeros(1, 1), { rcond: Number.NaN })).toThrow(
      'lstsq: rcond must be a number >= 0; got NaN.',
    );
    expect(() => lstsq(fromRows([[Number.NaN]]), zeros(1, 1))).toThrow('lstsq: a must be finite');
  });
});
