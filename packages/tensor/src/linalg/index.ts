/**
 * Linear algebra on the host: asynchronous functions computed in f64, real or complex, whatever the device. They
 * take tensors [..., rows, columns] of any float or complex dtype and return tensors on the same device, of the
 * same precision. They are not ops: gradients do not pass through them.
 */

import { checkNumber, checkOptions } from '../check.js';
import { deviceOf } from '../dispatch.js';
import { isDouble, promote, realOf } from '../dtype.js';
import { ShapeError } from '../errors.js';
import { broadcastShapes, formatType } from '../shape.js';
import type { Tensor } from '../tensor.js';
import {
  broadcastIndex,
  checkMatrices,
  type MatrixBatch,
  mapBatch,
  matrixAt,
  packMatrices,
  packVectors,
  readMatrices,
} from './batch.js';
import { cholesky as choleskyOf } from './cholesky.js';
import { eigh as eighOf } from './eigh.js';
import { lstsq as lstsqOf } from './lstsq.js';
import { checkSquare } from './matrix.js';
import { qr as qrOf } from './qr.js';
import { solve as solveOf } from './solve.js';
import { svd as svdOf } from './svd.js';

/**
 * Eigendecomposition of Hermitian matrices: A = V diag(w) V^H, a [..., n, n] → values [..., n] ascending and real,
 * vectors [..., n, n], unitary, column k for value k up to a unit phase. Works on (A + A^H) / 2.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., sections 8.3 and 8.5.
 *
 * @throws ShapeError if a is not square; NumericalError if it has NaN or Inf, or is not Hermitian.
 * @example const { values, vectors } = await linalg.eigh(tensor([[2, 1], [1, 2]]));   // 1, 3
 */
export async function eigh(a: Tensor): Promise<{ values: Tensor; vectors: Tensor }> {
  checkMatrices('eigh', 'a', a);
  const { dtype, device } = a;
  const source = await readMatrices(a);
  checkSquareBatch('eigh', source);
  const { batch, rows: n } = source;
  const found = await mapBatch(batch, (k) => eighOf(matrixAt(source, k)));
  return {
    values: packVectors(
      found.map((x) => x.values),
      [...batch, n],
      realOf(dtype),
      device,
    ),
    vectors: packMatrices(
      found.map((x) => x.vectors),
      [...batch, n, n],
      dtype,
      device,
    ),
  };
}

/**
 * Thin singular value decomposition: A = U diag(s) V^H, a [..., m, n] → u [..., m, k], s [..., k] descending and
 * real, vh [..., k, n] with k = min(m, n). U and V are orthonormal for any rank.
 * Reference: Drmac and Veselic, New fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. 29 (2008).
 *
 * @throws NumericalError if a has NaN or Inf.
 * @example const { u, s, vh } = await linalg.svd(x);
 */
export async function svd(a: Tensor): Promise<{ u: Tensor; s: Tensor; vh: Tensor }> {
  checkMatrices('svd', 'a', a);
  const { dtype, device } = a;
  const source = await readMatrices(a);
  const { batch, rows: m, cols: n } = source;
  const k = Math.min(m, n);
  const found = await mapBatch(batch, (i) => svdOf(matrixAt(source, i)));
  return {
    u: packMatrices(
      found.map((x) => x.u),
      [...batch, m, k],
      dtype,
      device,
    ),
    s: packVectors(
      found.map((x) => x.s),
      [...batch, k],
      realOf(dtype),
      device,
    ),
    vh: packMatrices(
      found.map((x) => x.vh),
      [...batch, k, n],
      dtype,
      device,
    ),
  };
}

/**
 * Thin QR factorisation: A = Q R, a [..., m, n] → q [..., m, k] with orthonormal columns, r [..., k, n] upper
 * triangular, k = min(m, n). The diagonal of R is real and >= 0, which makes the factors unique for full column rank.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 5.2.
 *
 * @throws NumericalError if a has NaN or Inf.
 * @example const { q, r } = await linalg.qr(x);
 */
export async function qr(a: Tensor): Promise<{ q: Tensor; r: Tensor }> {
  checkMatrices('qr', 'a', a);
  const { dtype, device } = a;
  const source = await readMatrices(a);
  const { batch, rows: m, cols: n } = source;
  const k = Math.min(m, n);
  const found = await mapBatch(batch, (i) => qrOf(matrixAt(source, i)));
  return {
    q: packMatrices(
      found.map((x) => x.q),
      [...batch, m, k],
      dtype,
      device,
    ),
    r: packMatrices(
      found.map((x) => x.r),
      [...batch, k, n],
      dtype,
      device,
    ),
  };
}

/**
 * Cholesky factor of Hermitian positive definite matrices: A = L L^H, a [..., n, n] → L [..., n, n], lower
 * triangular with a real, positive diagonal. Works on (A + A^H) / 2.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 4.2.
 *
 * @throws ShapeError if a is not square; NumericalError if it has NaN or Inf, is not Hermitian, or is not positive
 * definite, naming the pivot.
 * @example const l = await linalg.cholesky(tensor([[4, 2], [2, 5]]));   // [[2, 0], [1, 2]]
 */
export async function cholesky(a: Tensor): Promise<Tensor> {
  checkMatrices('cholesky', 'a', a);
  const { dtype, device } = a;
  const source = await readMatrices(a);
  checkSquareBatch('cholesky', source);
  const { batch, rows: n } = source;
  const found = await mapBatch(batch, (k) => choleskyOf(matrixAt(source, k)));
  return packMatrices(found, [...batch, n, n], dtype, device);
}

/**
 * Solution X of A X = B by LU with partial pivoting: a [..., n, n], b [..., n, k] → [..., n, k]; a vector b [n]
 * gives [..., n]. Leading axes broadcast.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 3.4.
 *
 * @throws ShapeError if the shapes do not fit; NumericalError if there is NaN or Inf, or a is singular to working
 * precision, naming the pivot.
 * @example const x = await linalg.solve(a, b);
 */
export async function solve(a: Tensor, b: Tensor): Promise<Tensor> {
  const { left, right, batch, dtype, device, isVector } = await readPair('solve', a, b);
  checkSquareBatch('solve', left);
  const [leftIndex, rightIndex] = [broadcastIndex(left.batch, batch), broadcastIndex(right.batch, batch)];
  const found = await mapBatch(batch, (k) =>
    solveOf(matrixAt(left, leftIndex(k)), matrixAt(right, rightIndex(k))),
  );
  const columns = isVector ? [] : [right.cols];
  return packMatrices(found, [...batch, left.cols, ...columns], dtype, device);
}

export interface LstsqOptions {
  /**
   * Singular values <= rcond times the largest count as zero. Default eps max(m, n), with the eps of a's precision.
   */
  readonly rcond?: number;
}

/**
 * Minimum-norm least squares: of all minimisers of ||A X - B|| the one of least norm. a [..., m, n] of any rank,
 * b [..., m, k] → x [..., n, k], rank [...] (i32), singularValues [..., min(m, n)] descending; a vector b [m] gives
 * x [..., n]. Leading axes broadcast.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 5.5.
 *
 * @throws ShapeError if the shapes do not fit; ArgumentError if rcond is not >= 0; NumericalError if there is NaN or
 * Inf.
 * @example const { x, rank } = await linalg.lstsq(a, b, { rcond: 1e-4 });
 */
export async function lstsq(
  a: Tensor,
  b: Tensor,
  options: LstsqOptions = {},
): Promise<{ x: Tensor; rank: Tensor; singularValues: Tensor }> {
  const single = 2 ** -23;
  const isWide = isDouble(checkMatrices('lstsq', 'a', a).dtype);
  checkOptions('lstsq', options, ['rcond']);
  const { rcond = (isWide ? Number.EPSILON : single) * Math.max(...a.shape.slice(-2)) } = options;
  checkNumber('lstsq', 'option rcond', rcond, { min: 0 });
  const { left, right, batch, dtype, device, isVector } = await readPair('lstsq', a, b);
  const [leftIndex, rightIndex] = [broadcastIndex(left.batch, batch), broadcastIndex(right.batch, batch)];
  const found = await mapBatch(batch, (k) =>
    lstsqOf(matrixAt(left, leftIndex(k)), matrixAt(right, rightIndex(k)), { rcond }),
  );
  const columns = isVector ? [] : [right.cols];
  const count = Math.min(left.rows, left.cols);
  return {
    x: packMatrices(
      found.map((y) => y.x),
      [...batch, left.cols, ...columns],
      dtype,
      device,
    ),
    rank: packVectors(
      found.map((y) => Float64Array.of(y.rank)),
      batch,
      'i32',
      device,
    ),
    singularValues: packVectors(
      found.map((y) => y.singularValues),
      [...batch, count],
      realOf(dtype),
      device,
    ),
  };
}

/** Checks and reads A and B; both reads start before the first wait, so that either handle may go meanwhile. */
async function readPair(fn: string, a: Tensor, b: Tensor) {
  checkMatrices(fn, 'a', a);
  checkMatrices(fn, 'b', b, 1);
  const device = deviceOf(fn, [a, b])!;
  const isVector = b.rank === 1;
  const rows = a.shape[a.rank - 2];
  if (b.shape[isVector ? 0 : b.rank - 2] !== rows)
    throw new ShapeError({
      fn,
      argument: 'b',
      expected: `[${rows}] or [..., ${rows}, k] to match a ${formatType(a)}`,
      got: formatType(b),
    });
  const batch = broadcastShapes(fn, a.shape.slice(0, -2), isVector ? [] : b.shape.slice(0, -2));
  const dtype = promote(a.dtype, b.dtype);
  const [left, right] = await Promise.all([readMatrices(a), readMatrices(b)]);
  return { left, right, batch, dtype, device, isVector };
}

/** Also for an empty batch, whose matrices never reach the numeric code. */
function checkSquareBatch(fn: string, { rows, cols }: MatrixBatch): void {
  checkSquare(fn, 'a', { rows, cols, re: new Float64Array(), im: new Float64Array() });
}
