import { NumericalError, ShapeError } from '../errors.js';
import { type ComplexMatrix, checkFinite, checkSquare, EPSILON, powerOfTwoScale } from './matrix.js';

/**
 * Solution X of A X = B, A [n, n] and B [n, k].
 *
 * Each row is scaled by a power of two, then LU with partial pivoting: P A = L U. Refused as singular when a
 * pivot is at most n eps times the largest entry of its column before elimination: X would have no correct digit.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., sections 3.4 and 3.5.2.
 *
 * @throws ShapeError if A is not square or B has other rows; NumericalError if there is NaN or Inf, or A is
 * singular to working precision (naming the pivot).
 */
export function solve(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  checkSquare('solve', 'a', a);
  if (b.rows !== a.rows)
    throw new ShapeError({
      fn: 'solve',
      argument: 'b',
      expected: `a matrix of ${a.rows} rows to match a [${a.rows}, ${a.cols}]`,
      got: `[${b.rows}, ${b.cols}]`,
    });
  checkFinite('solve', 'a', a);
  checkFinite('solve', 'b', b);
  const lu = { ...a, re: a.re.slice(), im: a.im.slice() };
  const x = { ...b, re: b.re.slice(), im: b.im.slice() };
  equilibrateRows(lu, x);
  eliminate(lu, x);
  substituteBack(lu, x);
  return x;
}

/** |Re| + |Im|: what LAPACK pivots on, within sqrt(2) of the modulus. */
const size = ({ re, im }: ComplexMatrix, index: number): number => Math.abs(re[index]) + Math.abs(im[index]);

/** Scales row i of A and B alike so that the largest entry of A's row is near 1. Exact, and leaves X as it is. */
function equilibrateRows(a: ComplexMatrix, b: ComplexMatrix): void {
  for (let i = 0; i < a.rows; i++) {
    let max = 0;
    for (let j = i * a.cols; j < (i + 1) * a.cols; j++)
      max = Math.max(max, Math.abs(a.re[j]), Math.abs(a.im[j]));
    const factor = powerOfTwoScale(max);
    for (const { cols, re, im } of [a, b])
      for (let j = i * cols; j < (i + 1) * cols; j++) {
        re[j] *= factor;
        im[j] *= factor;
      }
  }
}

/** Gaussian elimination of A and B together; A becomes U. */
function eliminate(a: ComplexMatrix, b: ComplexMatrix): void {
  const n = a.rows;
  const columnMax = new Float64Array(n);
  for (let index = 0; index < n * n; index++)
    columnMax[index % n] = Math.max(columnMax[index % n], size(a, index));
  for (let k = 0; k < n; k++) {
    let pivotRow = k;
    for (let i = k + 1; i < n; i++) if (size(a, i * n + k) > size(a, pivotRow * n + k)) pivotRow = i;
    const pivot = size(a, pivotRow * n + k);
    if (!(pivot > n * EPSILON * columnMax[k])) throw singular(k, pivot, columnMax[k]);
    if (pivotRow !== k) {
      swapRows(a, k, pivotRow);
      swapRows(b, k, pivotRow);
    }
    for (let i = k + 1; i < n; i++) {
      const [re, im] = divide(a.re[i * n + k], a.im[i * n + k], a.re[k * n + k], a.im[k * n + k]);
      if (re === 0 && im === 0) continue;
      subtractRow(a, i, k, k, re, im);
      subtractRow(b, i, k, 0, re, im);
    }
  }
}

function swapRows({ cols, re, im }: ComplexMatrix, i: number, j: number): void {
  for (const part of [re, im]) {
    const kept = part.slice(i * cols, (i + 1) * cols);
    part.copyWithin(i * cols, j * cols, (j + 1) * cols);
    part.set(kept, j * cols);
  }
}

/** row_i <- row_i - f row_k from column `from` on. */
function subtractRow(
  { cols, re, im }: ComplexMatrix,
  i: number,
  k: number,
  from: number,
  fRe: number,
  fIm: number,
): void {
  for (let j = from; j < cols; j++) {
    const x = re[k * cols + j];
    const y = im[k * cols + j];
    re[i * cols + j] -= fRe * x - fIm * y;
    im[i * cols + j] -= fRe * y + fIm * x;
  }
}

/** Solves U X = B in place of B. */
function substituteBack(u: ComplexMatrix, b: ComplexMatrix): void {
  const n = u.rows;
  for (let k = n - 1; k >= 0; k--) {
    for (let j = k * b.cols; j < (k + 1) * b.cols; j++)
      [b.re[j], b.im[j]] = divide(b.re[j], b.im[j], u.re[k * n + k], u.im[k * n + k]);
    for (let i = 0; i < k; i++) subtractRow(b, i, k, 0, u.re[i * n + k], u.im[i * n + k]);
  }
}

/** (a + bi) / (c + di) by Smith's method, which does not overflow where the quotient does not. */
function divide(a: number, b: number, c: number, d: number): [number, number] {
  if (d === 0) return [a / c, b / c];
  if (Math.abs(c) >= Math.abs(d)) {
    const ratio = d / c;
    const denominator = c + d * ratio;
    return [(a + b * ratio) / denominator, (b - a * ratio) / denominator];
  }
  const ratio = c / d;
  const denominator = c * ratio + d;
  return [(a * ratio + b) / denominator, (b * ratio - a) / denominator];
}

function singular(index: number, pivot: number, columnMax: number): NumericalError {
  return new NumericalError({
    fn: 'solve',
    argument: 'a',
    expected: 'non-singular to working precision',
    got: `pivot ${index} of size ${pivot} in a column of entries up to ${columnMax} (rows scaled to 1)`,
    remedy: 'Use lstsq for a minimum-norm solution.',
  });
}
