import { NumericalError } from '../errors.js';
import {
  type ComplexMatrix,
  checkFinite,
  conjugateTranspose,
  EPSILON,
  identity,
  maxAbs,
  powerOfTwoScale,
  scale,
  transpose,
  zeros,
} from './matrix.js';
import { applyQ, packedQr, unpackR } from './qr.js';

export interface Svd {
  /** [m, k], k = min(m, n); orthonormal columns. */
  readonly u: ComplexMatrix;
  /** Singular values, descending, >= 0. */
  readonly s: Float64Array;
  /** V^H [k, n]; orthonormal rows. */
  readonly vh: ComplexMatrix;
}

/** Jacobi sweeps allowed; fewer than 12 are usual. */
const MAX_SWEEPS = 60;
/** Rows of R below this multiple of the largest are set to 0, so that squared norms stay normal numbers. */
const NEGLIGIBLE = 1e-140;

/**
 * Thin singular value decomposition: A = U diag(s) V^H, A [m, n], k = min(m, n), s descending.
 *
 * QR with column pivoting, then one-sided Jacobi on R^H: the rows of R fall off in size, which makes Jacobi
 * converge in few sweeps and keeps rank-deficient input harmless. U and V are orthonormal for any rank.
 * Error: a modest multiple of eps ||A||. Columns of U and rows of V^H share an arbitrary phase.
 * Reference: Drmac and Veselic, New fast and accurate Jacobi SVD algorithm, SIAM J. Matrix Anal. 29 (2008).
 *
 * @throws NumericalError if A has NaN or Inf.
 */
export function svd(a: ComplexMatrix): Svd {
  checkFinite('svd', 'a', a);
  if (a.rows >= a.cols) return tallSvd(a);
  const { u, s, vh } = tallSvd(conjugateTranspose(a));
  return { u: conjugateTranspose(vh), s, vh: conjugateTranspose(u) };
}

function tallSvd(a: ComplexMatrix): Svd {
  const { rows: m, cols: n } = a;
  const factor = powerOfTwoScale(maxAbs(a));
  const packed = packedQr(transpose(scale(a, factor)), true);
  // A P = Q R and R^H J = W diag(s) give A = (Q J) diag(s) (P W)^H.
  const right = conjugatedRows(unpackR(packed));
  const left = identity(n);
  orthogonaliseRows(right, left);

  const norms = rowNorms(right);
  const order = Array.from(norms.keys()).sort((i, j) => norms[j] - norms[i]);
  normaliseRows(right, norms);
  completeRows(right, norms);

  const uColumns = zeros(n, m);
  const vh = zeros(n, n);
  order.forEach((from, k) => {
    uColumns.re.set(left.re.subarray(from * n, (from + 1) * n), k * m);
    uColumns.im.set(left.im.subarray(from * n, (from + 1) * n), k * m);
    for (let j = 0; j < n; j++) {
      vh.re[k * n + packed.order[j]] = right.re[from * n + j];
      vh.im[k * n + packed.order[j]] = -right.im[from * n + j];
    }
  });
  applyQ(packed, uColumns);
  return { u: transpose(uColumns), s: Float64Array.from(order, (from) => norms[from] / factor), vh };
}

/** Row j is column j of R^H, that is the conjugate of row j of R; negligible rows become exactly 0. */
function conjugatedRows(r: ComplexMatrix): ComplexMatrix {
  const n = r.cols;
  const bound = NEGLIGIBLE * maxAbs(r);
  for (let j = 0; j < r.rows; j++) {
    const re = r.re.subarray(j * n, (j + 1) * n);
    const im = r.im.subarray(j * n, (j + 1) * n);
    const isNegligible = re.every((x) => Math.abs(x) <= bound) && im.every((x) => Math.abs(x) <= bound);
    for (let i = 0; i < n; i++) {
      re[i] = isNegligible ? 0 : re[i];
      im[i] = isNegligible ? 0 : -im[i];
    }
  }
  return r;
}

/** Rotates pairs of rows of `x` until all are orthogonal relative to their norms; `basis` turns along. */
function orthogonaliseRows(x: ComplexMatrix, basis: ComplexMatrix): void {
  const n = x.rows;
  const tolerance = 2 * EPSILON * Math.sqrt(n);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let isDone = true;
    for (let p = 0; p < n - 1; p++)
      for (let q = p + 1; q < n; q++) if (orthogonalisePair(x, basis, p, q, tolerance)) isDone = false;
    if (isDone) return;
  }
  throw new NumericalError({
    fn: 'svd',
    argument: 'a',
    expected: `such that Jacobi rotations converge within ${MAX_SWEEPS} sweeps`,
    got: 'no convergence',
    remedy: 'Please report the matrix: this should not happen for finite input.',
  });
}

/** One Jacobi rotation of rows p and q; false if they are orthogonal already. */
function orthogonalisePair(
  x: ComplexMatrix,
  basis: ComplexMatrix,
  p: number,
  q: number,
  tolerance: number,
): boolean {
  const n = x.cols;
  const { re, im } = x;
  let normP = 0;
  let normQ = 0;
  let dotRe = 0;
  let dotIm = 0;
  for (let i = p * n, j = q * n; i < (p + 1) * n; i++, j++) {
    const a = re[i];
    const b = im[i];
    const c = re[j];
    const d = im[j];
    normP += a * a + b * b;
    normQ += c * c + d * d;
    dotRe += a * c + b * d;
    dotIm += a * d - b * c;
  }
  const size = Math.hypot(dotRe, dotIm);
  if (size <= tolerance * Math.sqrt(normP) * Math.sqrt(normQ) || size < 1e-300) return false;
  const zeta = (normQ - normP) / (2 * size);
  const t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
  const cosine = 1 / Math.sqrt(1 + t * t);
  const sine = cosine * t;
  const rotation = { sine, tau: sine / (1 + cosine), phaseRe: dotRe / size, phaseIm: dotIm / size };
  rotateRows(x, p, q, rotation);
  rotateRows(basis, p, q, rotation);
  return true;
}

interface Rotation {
  readonly sine: number;
  /** sine / (1 + cosine). */
  readonly tau: number;
  /** Phase f of x_p^H x_q. */
  readonly phaseRe: number;
  readonly phaseIm: number;
}

/**
 * x_p <- c x_p - s conj(f) x_q, x_q <- s f x_p + c x_q, written with tau as small corrections to both rows: the
 * rounding error of a small rotation is then small too, so that late sweeps add next to none.
 */
function rotateRows({ cols: n, re, im }: ComplexMatrix, p: number, q: number, rotation: Rotation): void {
  const { sine, tau, phaseRe, phaseIm } = rotation;
  for (let i = p * n, j = q * n; i < (p + 1) * n; i++, j++) {
    const a = re[i];
    const b = im[i];
    const c = re[j];
    const d = im[j];
    re[i] = a - sine * (phaseRe * c + phaseIm * d + tau * a);
    im[i] = b - sine * (phaseRe * d - phaseIm * c + tau * b);
    re[j] = c + sine * (phaseRe * a - phaseIm * b - tau * c);
    im[j] = d + sine * (phaseRe * b + phaseIm * a - tau * d);
  }
}

function rowNorms({ rows, cols, re, im }: ComplexMatrix): Float64Array {
  const norms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let k = row * cols; k < (row + 1) * cols; k++) sum += re[k] * re[k] + im[k] * im[k];
    norms[row] = Math.sqrt(sum);
  }
  return norms;
}

function normaliseRows({ cols, re, im }: ComplexMatrix, norms: Float64Array): void {
  norms.forEach((norm, row) => {
    for (let k = row * cols; k < (row + 1) * cols; k++) {
      re[k] = norm === 0 ? 0 : re[k] / norm;
      im[k] = norm === 0 ? 0 : im[k] / norm;
    }
  });
}

/** Fills the rows whose norm is 0 so that all rows of the square `x` are orthonormal. */
function completeRows(x: ComplexMatrix, norms: Float64Array): void {
  const n = x.rows;
  const known = Array.from(norms.keys()).filter((row) => norms[row] > 0);
  for (const row of Array.from(norms.keys()).filter((k) => norms[k] === 0)) {
    // Some unit vector has at least (n - known) / n of its energy outside the span: take the best one.
    const inside = new Float64Array(n);
    for (const k of known)
      for (let i = 0; i < n; i++)
        inside[i] += x.re[k * n + i] * x.re[k * n + i] + x.im[k * n + i] * x.im[k * n + i];
    x.re[row * n + inside.indexOf(Math.min(...inside))] = 1;
    // Twice is enough: the second pass removes what rounding left behind.
    for (let pass = 0; pass < 2; pass++) {
      for (const k of known) removeComponent(x, row, k);
      const norm = rowNorms({ rows: 1, cols: n, re: x.re.subarray(row * n), im: x.im.subarray(row * n) })[0];
      for (let i = row * n; i < (row + 1) * n; i++) {
        x.re[i] /= norm;
        x.im[i] /= norm;
      }
    }
    known.push(row);
  }
}

/** x_row <- x_row - x_k (x_k^H x_row), x_k of unit norm. */
function removeComponent({ cols: n, re, im }: ComplexMatrix, row: number, k: number): void {
  let dotRe = 0;
  let dotIm = 0;
  for (let i = row * n, j = k * n; i < (row + 1) * n; i++, j++) {
    dotRe += re[j] * re[i] + im[j] * im[i];
    dotIm += re[j] * im[i] - im[j] * re[i];
  }
  for (let i = row * n, j = k * n; i < (row + 1) * n; i++, j++) {
    re[i] -= re[j] * dotRe - im[j] * dotIm;
    im[i] -= re[j] * dotIm + im[j] * dotRe;
  }
}
