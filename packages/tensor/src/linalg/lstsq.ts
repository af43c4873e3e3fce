import { ArgumentError, ShapeError } from '../errors.js';
import { type ComplexMatrix, checkFinite, conjugateTranspose, EPSILON, multiply } from './matrix.js';
import { svd } from './svd.js';

export interface LstsqOptions {
  /** Singular values <= rcond * s[0] count as zero. Default eps max(m, n), as NumPy. */
  readonly rcond?: number;
}

export interface Lstsq {
  /** [n, k]: of all minimisers of ||A X - B||_F the one of least norm. */
  readonly x: ComplexMatrix;
  /** Number of singular values above the cut. */
  readonly rank: number;
  /** Singular values of A, descending. */
  readonly singularValues: Float64Array;
}

/**
 * Minimum-norm least squares: X = V_r diag(1/s_r) U_r^H B, the minimiser of ||A X - B||_F of least ||X||_F,
 * A [m, n] of any shape and rank, B [m, k]; r is the numerical rank.
 *
 * Through the singular value decomposition.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 5.5.
 *
 * @throws ShapeError if B has other rows than A; ArgumentError if rcond is not a number >= 0; NumericalError if
 * there is NaN or Inf.
 */
export function lstsq(a: ComplexMatrix, b: ComplexMatrix, options: LstsqOptions = {}): Lstsq {
  if (b.rows !== a.rows)
    throw new ShapeError({
      fn: 'lstsq',
      argument: 'b',
      expected: `a matrix of ${a.rows} rows to match a [${a.rows}, ${a.cols}]`,
      got: `[${b.rows}, ${b.cols}]`,
    });
  const { rcond = EPSILON * Math.max(a.rows, a.cols) } = options;
  if (!(rcond >= 0))
    throw new ArgumentError({
      fn: 'lstsq',
      argument: 'rcond',
      expected: 'a number >= 0',
      got: String(rcond),
    });
  checkFinite('lstsq', 'a', a);
  checkFinite('lstsq', 'b', b);
  const { u, s, vh } = svd(a);
  const rank = s.filter((value) => value > rcond * s[0]).length;
  const coefficients = multiply(conjugateTranspose(u), b);
  const k = b.cols;
  for (let i = 0; i < u.cols; i++)
    for (let j = i * k; j < (i + 1) * k; j++) {
      coefficients.re[j] = i < rank ? coefficients.re[j] / s[i] : 0;
      coefficients.im[j] = i < rank ? coefficients.im[j] / s[i] : 0;
    }
  return { x: multiply(conjugateTranspose(vh), coefficients), rank, singularValues: s };
}
