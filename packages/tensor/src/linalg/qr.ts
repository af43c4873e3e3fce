import { applyReflector, makeReflector } from './householder.js';
import {
  type ComplexMatrix,
  checkFinite,
  maxAbs,
  powerOfTwoScale,
  scale,
  transpose,
  zeros,
} from './matrix.js';

export interface Qr {
  /** [m, k], k = min(m, n); orthonormal columns. */
  readonly q: ComplexMatrix;
  /** [k, n], upper triangular or trapezoidal; diagonal real and >= 0. */
  readonly r: ComplexMatrix;
}

/**
 * Thin QR factorisation: A = Q R, A [m, n], Q [m, k], R [k, n], k = min(m, n), Q^H Q = I.
 *
 * Convention: the diagonal of R is real and >= 0, which makes the factors unique for full column rank
 * (NumPy and LAPACK leave its signs to the algorithm). Householder reflections without pivoting.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 5.2.
 *
 * @throws NumericalError if A has NaN or Inf.
 */
export function qr(a: ComplexMatrix): Qr {
  checkFinite('qr', 'a', a);
  const { rows: m, cols: n } = a;
  const k = Math.min(m, n);
  const factor = powerOfTwoScale(maxAbs(a));
  const packed = packedQr(transpose(scale(a, factor)), false);
  const r = unpackR(packed);
  const columns = zeros(k, m);
  for (let i = 0; i < k; i++) {
    // R <- D^H R and Q <- Q D, with D the phases of R's diagonal.
    const re = r.re[i * n + i];
    const im = r.im[i * n + i];
    const size = Math.hypot(re, im);
    const hasPhase = size > 1e-280;
    const phaseRe = hasPhase ? re / size : 1;
    const phaseIm = hasPhase ? im / size : 0;
    for (let j = i; j < n; j++) {
      const x = r.re[i * n + j];
      const y = r.im[i * n + j];
      r.re[i * n + j] = (phaseRe * x + phaseIm * y) / factor;
      r.im[i * n + j] = (phaseRe * y - phaseIm * x) / factor;
    }
    r.re[i * n + i] = size / factor;
    r.im[i * n + i] = 0;
    columns.re[i * m + i] = phaseRe;
    columns.im[i * m + i] = phaseIm;
  }
  applyQ(packed, columns);
  return { q: transpose(columns), r };
}

/** Reflectors and R of A P = Q R, kept by column. */
export interface PackedQr {
  /** Row j is column j of A P: R above the diagonal, the Householder vector from the diagonal down. */
  readonly columns: ComplexMatrix;
  readonly betas: Float64Array;
  /** R's diagonal. */
  readonly diagonalRe: Float64Array;
  readonly diagonalIm: Float64Array;
  /** Column j of A P is column `order[j]` of A. */
  readonly order: Int32Array;
}

/**
 * Householder QR of the matrix whose columns are the rows of `columns`, which it overwrites. With `pivot` the
 * column of largest remaining norm comes next, so that the rows of R fall off in size and show the rank.
 */
export function packedQr(columns: ComplexMatrix, pivot: boolean): PackedQr {
  const { rows: n, cols: m, re, im } = columns;
  const k = Math.min(m, n);
  const betas = new Float64Array(k);
  const diagonalRe = new Float64Array(k);
  const diagonalIm = new Float64Array(k);
  const order = Int32Array.from({ length: n }, (_, j) => j);
  for (let i = 0; i < k; i++) {
    if (pivot) bringLargestForward(columns, i, order);
    const start = i * m + i;
    const { beta, alphaRe, alphaIm } = makeReflector(re, im, start, (i + 1) * m);
    betas[i] = beta;
    diagonalRe[i] = alphaRe;
    diagonalIm[i] = alphaIm;
    for (let j = i + 1; j < n; j++) applyReflector(columns, start, beta, columns, j * m + i, m - i);
  }
  return { columns, betas, diagonalRe, diagonalIm, order };
}

/** Swaps the column of largest norm below row `i` into place `i`. Norms are recomputed: downdating loses digits. */
function bringLargestForward(
  { rows: n, cols: m, re, im }: ComplexMatrix,
  i: number,
  order: Int32Array,
): void {
  let best = i;
  let bestNorm = -1;
  for (let j = i; j < n; j++) {
    let norm = 0;
    for (let t = j * m + i; t < (j + 1) * m; t++) norm += re[t] * re[t] + im[t] * im[t];
    if (norm > bestNorm) {
      bestNorm = norm;
      best = j;
    }
  }
  if (best === i) return;
  for (const part of [re, im]) {
    const kept = part.slice(i * m, (i + 1) * m);
    part.copyWithin(i * m, best * m, (best + 1) * m);
    part.set(kept, best * m);
  }
  [order[i], order[best]] = [order[best], order[i]];
}

/** The upper triangular R [k, n]. */
export function unpackR({ columns, diagonalRe, diagonalIm }: PackedQr): ComplexMatrix {
  const { rows: n, cols: m } = columns;
  const k = Math.min(m, n);
  const r = zeros(k, n);
  for (let i = 0; i < k; i++) {
    r.re[i * n + i] = diagonalRe[i];
    r.im[i * n + i] = diagonalIm[i];
    for (let j = i + 1; j < n; j++) {
      r.re[i * n + j] = columns.re[j * m + i];
      r.im[i * n + j] = columns.im[j * m + i];
    }
  }
  return r;
}

/** y <- Q y for every row y (length m) of `vectors`, in place. */
export function applyQ({ columns, betas }: PackedQr, vectors: ComplexMatrix): void {
  const m = columns.cols;
  for (let i = betas.length - 1; i >= 0; i--)
    for (let row = 0; row < vectors.rows; row++)
      applyReflector(columns, i * m + i, betas[i], vectors, row * m + i, m - i);
}
