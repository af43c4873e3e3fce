import type { ComplexMatrix } from './matrix.js';

/**
 * Makes a Householder vector in place. For x = row[start .. end) of `re`, `im` it overwrites x with v so that
 * H = I - beta v v^H, which is Hermitian and unitary, maps x to alpha e_0 with alpha = -phase(x_0) ||x||.
 *
 * x is divided by its largest part first, so that neither tiny nor huge vectors under- or overflow.
 * Reference: Golub and Van Loan, Matrix Computations, 4th ed., section 5.1.
 */
export function makeReflector(re: Float64Array, im: Float64Array, start: number, end: number): Reflector {
  let max = 0;
  let tail = 0;
  for (let k = start; k < end; k++) {
    const size = Math.max(Math.abs(re[k]), Math.abs(im[k]));
    if (size > max) max = size;
    if (k > start && size > tail) tail = size;
  }
  // Nothing to eliminate: H = I keeps x_0 as it is.
  if (tail === 0)
    return { beta: 0, alphaRe: start < end ? re[start] : 0, alphaIm: start < end ? im[start] : 0 };
  let sum = 0;
  for (let k = start; k < end; k++) {
    re[k] /= max;
    im[k] /= max;
    sum += re[k] * re[k] + im[k] * im[k];
  }
  const norm = Math.sqrt(sum);
  const head = Math.hypot(re[start], im[start]);
  // The phase of a subnormal head would not have modulus 1; any phase serves there.
  const hasPhase = head > 1e-280;
  const phaseRe = hasPhase ? re[start] / head : 1;
  const phaseIm = hasPhase ? im[start] / head : 0;
  // v_0 = phase (|x_0| + ||x||) adds equal signs, so no digits cancel.
  re[start] = phaseRe * (head + norm);
  im[start] = phaseIm * (head + norm);
  return { beta: 1 / (norm * (norm + head)), alphaRe: -phaseRe * norm * max, alphaIm: -phaseIm * norm * max };
}

export interface Reflector {
  /** H = I - beta v v^H; 0 stands for H = I. */
  readonly beta: number;
  /** The entry that replaces x_0. */
  readonly alphaRe: number;
  readonly alphaIm: number;
}

/** y <- (I - beta v v^H) y, with v = entries [vStart, vStart + length) and y = entries [yStart, yStart + length). */
export function applyReflector(
  v: ComplexMatrix,
  vStart: number,
  beta: number,
  y: ComplexMatrix,
  yStart: number,
  length: number,
): void {
  if (beta === 0) return;
  const { re: vRe, im: vIm } = v;
  const { re: yRe, im: yIm } = y;
  let dotRe = 0;
  let dotIm = 0;
  for (let k = 0; k < length; k++) {
    const a = vRe[vStart + k];
    const b = vIm[vStart + k];
    const c = yRe[yStart + k];
    const d = yIm[yStart + k];
    dotRe += a * c + b * d;
    dotIm += a * d - b * c;
  }
  dotRe *= beta;
  dotIm *= beta;
  for (let k = 0; k < length; k++) {
    const a = vRe[vStart + k];
    const b = vIm[vStart + k];
    yRe[yStart + k] -= a * dotRe - b * dotIm;
    yIm[yStart + k] -= a * dotIm + b * dotRe;
  }
}
