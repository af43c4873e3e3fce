import { NumericalError } from '../errors.js';
import { type ComplexMatrix, checkFinite, checkSquare, hermitianPart, zeros } from './matrix.js';

/**
 * Cholesky factor of a Hermitian positive definite matrix: A = L L^H, L lower triangular, diagonal real and > 0.
 *
 * Row by row; works on (A + A^H) / 2. As in LAPACK a pivot is refused when it is <= 0 as computed, so a singular
 * matrix may pass by rounding with a pivot near eps times its diagonal entry.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 4.2.
 *
 * @throws ShapeError if A is not square; NumericalError if it has NaN or Inf, is not Hermitian, or is not
 * positive definite (naming the pivot).
 */
export function cholesky(a: ComplexMatrix): ComplexMatrix {
  checkSquare('cholesky', 'a', a);
  checkFinite('cholesky', 'a', a);
  const source = hermitianPart('cholesky', 'a', a);
  const n = a.rows;
  const lower = zeros(n, n);
  const { re, im } = lower;
  for (let i = 0; i < n; i++) {
    let pivot = source.re[i * n + i];
    for (let j = 0; j < i; j++) {
      let sumRe = source.re[i * n + j];
      let sumIm = source.im[i * n + j];
      for (let k = 0; k < j; k++) {
        const aRe = re[i * n + k];
        const aIm = im[i * n + k];
        const bRe = re[j * n + k];
        const bIm = im[j * n + k];
        sumRe -= aRe * bRe + aIm * bIm;
        sumIm -= aIm * bRe - aRe * bIm;
      }
      const entryRe = sumRe / re[j * n + j];
      const entryIm = sumIm / re[j * n + j];
      re[i * n + j] = entryRe;
      im[i * n + j] = entryIm;
      pivot -= entryRe * entryRe + entryIm * entryIm;
    }
    if (!(pivot > 0)) throw notPositiveDefinite(i, pivot);
    re[i * n + i] = Math.sqrt(pivot);
  }
  return lower;
}

function notPositiveDefinite(index: number, pivot: number): NumericalError {
  return new NumericalError({
    fn: 'cholesky',
    argument: 'a',
    expected: 'positive definite',
    got: `pivot ${index} equal to ${pivot}`,
    remedy: 'Add a small multiple of the identity, or use solve, lstsq or eigh.',
  });
}
