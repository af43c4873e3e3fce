import { NumericalError } from '../errors.js';
import { applyReflector, makeReflector } from './householder.js';
import {
  type ComplexMatrix,
  checkFinite,
  checkSquare,
  EPSILON,
  hermitianPart,
  maxAbs,
  powerOfTwoScale,
  scale,
  zeros,
} from './matrix.js';

export interface Eigh {
  /** Eigenvalues, ascending. */
  readonly values: Float64Array;
  /** Unitary; column k belongs to `values[k]`. Each column is determined up to a unit phase. */
  readonly vectors: ComplexMatrix;
}

/** QL steps allowed per eigenvalue; two or three are usual. */
const MAX_STEPS = 60;

/**
 * Eigendecomposition of a Hermitian matrix: A = V diag(w) V^H, w ascending, V unitary.
 *
 * Householder reflections make A tridiagonal, a diagonal of phases makes it real, implicit QL finds the
 * eigenvalues and turns the vectors along. Error: a modest multiple of eps ||A||; eigenvalues much smaller
 * than ||A|| are accurate in that absolute sense only. Works on (A + A^H) / 2.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., sections 8.3 and 8.5; EISPACK imtql2.
 *
 * @throws ShapeError if A is not square; NumericalError if it has NaN or Inf, or is not Hermitian.
 */
export function eigh(a: ComplexMatrix): Eigh {
  checkSquare('eigh', 'a', a);
  checkFinite('eigh', 'a', a);
  const factor = powerOfTwoScale(maxAbs(a));
  const hermitian = hermitianPart('eigh', 'a', scale(a, factor));
  const tridiagonal = tridiagonalise(hermitian);
  const isReal = a.im.every((x) => x === 0);
  implicitQl(tridiagonal, isReal);

  const { diagonal, basis } = tridiagonal;
  const n = a.rows;
  const order = Array.from({ length: n }, (_, k) => k).sort((i, j) => diagonal[i] - diagonal[j]);
  const vectors = zeros(n, n);
  order.forEach((from, k) => {
    for (let i = 0; i < n; i++) {
      vectors.re[i * n + k] = basis.re[from * n + i];
      vectors.im[i * n + k] = basis.im[from * n + i];
    }
  });
  return { values: Float64Array.from(order, (from) => diagonal[from] / factor), vectors };
}

interface Tridiagonal {
  /** Diagonal, length n. */
  readonly diagonal: Float64Array;
  /** Real sub-diagonal at 0 .. n-2; the last entry is 0. */
  readonly offDiagonal: Float64Array;
  /** Row j is column j of the unitary Q with A = Q T Q^H: rotations of columns then touch contiguous memory. */
  readonly basis: ComplexMatrix;
}

/** A = Q T Q^H with T real symmetric tridiagonal. Overwrites `a`. */
function tridiagonalise(a: ComplexMatrix): Tridiagonal {
  const n = a.rows;
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const reflectors = zeros(n, n);
  const betas = new Float64Array(n);
  const basis = zeros(n, n);
  // T has complex off-diagonals alpha_k; T = D T' D^H makes them |alpha_k|, with D running products of phases.
  let phaseRe = 1;
  let phaseIm = 0;
  for (let k = 0; k < n; k++) {
    diagonal[k] = a.re[k * n + k];
    basis.re[k * n + k] = phaseRe;
    basis.im[k * n + k] = phaseIm;
    if (k === n - 1) break;
    const row = k * n;
    for (let i = k + 1; i < n; i++) {
      reflectors.re[row + i] = a.re[i * n + k];
      reflectors.im[row + i] = a.im[i * n + k];
    }
    const { beta, alphaRe, alphaIm } = makeReflector(reflectors.re, reflectors.im, row + k + 1, row + n);
    betas[k] = beta;
    if (beta !== 0) applyTwoSided(a, reflectors, k, beta);
    const size = Math.hypot(alphaRe, alphaIm);
    offDiagonal[k] = size < 1e-280 ? 0 : size;
    if (offDiagonal[k] > 0) {
      const re = (phaseRe * alphaRe - phaseIm * alphaIm) / size;
      phaseIm = (phaseRe * alphaIm + phaseIm * alphaRe) / size;
      phaseRe = re;
    }
    const modulus = Math.hypot(phaseRe, phaseIm);
    phaseRe /= modulus;
    phaseIm /= modulus;
  }
  // Q D: reflector k leaves columns 0 .. k alone, so later reflectors first keeps the work to a third.
  for (let k = n - 2; k >= 0; k--)
    for (let j = k + 1; j < n; j++)
      applyReflector(reflectors, k * n + k + 1, betas[k], basis, j * n + k + 1, n - k - 1);
  return { diagonal, offDiagonal, basis };
}

/** A <- H A H on the trailing block, as the rank-two update A - v w^H - w v^H, w = p - (beta/2)(v^H p) v, p = beta A v. */
function applyTwoSided(a: ComplexMatrix, v: ComplexMatrix, k: number, beta: number): void {
  const n = a.rows;
  const row = k * n;
  const wRe = new Float64Array(n);
  const wIm = new Float64Array(n);
  let dot = 0;
  for (let i = k + 1; i < n; i++) {
    let sumRe = 0;
    let sumIm = 0;
    for (let j = k + 1; j < n; j++) {
      sumRe += a.re[i * n + j] * v.re[row + j] - a.im[i * n + j] * v.im[row + j];
      sumIm += a.re[i * n + j] * v.im[row + j] + a.im[i * n + j] * v.re[row + j];
    }
    wRe[i] = beta * sumRe;
    wIm[i] = beta * sumIm;
    // v^H A v is real.
    dot += v.re[row + i] * wRe[i] + v.im[row + i] * wIm[i];
  }
  for (let i = k + 1; i < n; i++) {
    wRe[i] -= 0.5 * beta * dot * v.re[row + i];
    wIm[i] -= 0.5 * beta * dot * v.im[row + i];
  }
  for (let i = k + 1; i < n; i++) {
    const vRe = v.re[row + i];
    const vIm = v.im[row + i];
    for (let j = k + 1; j < n; j++) {
      const uRe = v.re[row + j];
      const uIm = v.im[row + j];
      a.re[i * n + j] -= vRe * wRe[j] + vIm * wIm[j] + wRe[i] * uRe + wIm[i] * uIm;
      a.im[i * n + j] -= vIm * wRe[j] - vRe * wIm[j] + wIm[i] * uRe - wRe[i] * uIm;
    }
  }
}

/** Diagonalises T in place by implicitly shifted QL; `basis` receives every rotation. */
function implicitQl({ diagonal: d, offDiagonal: e, basis }: Tridiagonal, isReal: boolean): void {
  const n = d.length;
  // An off-diagonal is negligible beside the largest entry met so far or beside its neighbours. The former is
  // needed where large entries come first: rounding keeps e from falling below eps times their size.
  let largest = 0;
  for (let l = 0; l < n; l++) {
    largest = Math.max(largest, Math.abs(d[l]) + Math.abs(e[l]));
    const floor = Math.max((EPSILON / 2) * largest, 1e-280);
    for (let step = 0; ; step++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]) > Math.max(EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])), floor))
        m++;
      if (m === l) break;
      if (step === MAX_STEPS) throw notConverged(l);
      qlStep(d, e, l, m, (i, c, s) => {
        rotateRows(basis.re, i * n, n, c, s);
        if (!isReal) rotateRows(basis.im, i * n, n, c, s);
      });
    }
  }
}

/** One QL sweep with Wilkinson's shift on the unreduced block l .. m. */
function qlStep(
  d: Float64Array,
  e: Float64Array,
  l: number,
  m: number,
  rotate: (i: number, c: number, s: number) => void,
): void {
  const ratio = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.hypot(ratio, 1);
  let g = d[m] - d[l] + e[l] / (ratio + (ratio < 0 ? -root : root));
  let s = 1;
  let c = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i];
    const b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The block splits by underflow: undo the shift and let the caller look again.
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    g = d[i + 1] - p;
    const t = (d[i] - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    rotate(i, c, s);
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

/** Rotates two neighbouring rows of length n, the first at `start`. */
function rotateRows(x: Float64Array, start: number, n: number, c: number, s: number): void {
  for (let k = start; k < start + n; k++) {
    const lower = x[k + n];
    x[k + n] = s * x[k] + c * lower;
    x[k] = c * x[k] - s * lower;
  }
}

function notConverged(index: number): NumericalError {
  return new NumericalError({
    fn: 'eigh',
    argument: 'a',
    expected: `such that eigenvalue ${index} converges within ${MAX_STEPS} QL steps`,
    got: 'no convergence',
    remedy: 'Please report the matrix: this should not happen for finite Hermitian input.',
  });
}
