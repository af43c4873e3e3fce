import { NumericalError, ShapeError } from '../errors.js';

/**
 * A complex matrix in f64, row-major, real and imaginary parts in separate arrays: entry (i, j) is
 * `re[i * cols + j] + i im[i * cols + j]`. A real matrix has `im` all zero.
 */
export interface ComplexMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Distance from 1 to the next f64, 2^-52. */
export const EPSILON = Number.EPSILON;

export function zeros(rows: number, cols: number): ComplexMatrix {
  return { rows, cols, re: new Float64Array(rows * cols), im: new Float64Array(rows * cols) };
}

export function identity(size: number): ComplexMatrix {
  const result = zeros(size, size);
  for (let i = 0; i < size; i++) result.re[i * size + i] = 1;
  return result;
}

/** B = A^T, without conjugation. */
export function transpose(a: ComplexMatrix): ComplexMatrix {
  const result = zeros(a.cols, a.rows);
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < a.cols; j++) {
      result.re[j * a.rows + i] = a.re[i * a.cols + j];
      result.im[j * a.rows + i] = a.im[i * a.cols + j];
    }
  return result;
}

/** B = A^H. */
export function conjugateTranspose(a: ComplexMatrix): ComplexMatrix {
  const result = transpose(a);
  for (let i = 0; i < result.im.length; i++) result.im[i] = -result.im[i];
  return result;
}

/** C = A B, A [m, k] and B [k, n]. */
export function multiply(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  if (a.cols !== b.rows)
    throw new ShapeError({
      fn: 'multiply',
      argument: 'b',
      expected: `a matrix of ${a.cols} rows to match a [${a.rows}, ${a.cols}]`,
      got: `[${b.rows}, ${b.cols}]`,
    });
  const result = zeros(a.rows, b.cols);
  const n = b.cols;
  for (let i = 0; i < a.rows; i++)
    for (let k = 0; k < a.cols; k++) {
      const re = a.re[i * a.cols + k];
      const im = a.im[i * a.cols + k];
      if (re === 0 && im === 0) continue;
      for (let j = 0; j < n; j++) {
        const bRe = b.re[k * n + j];
        const bIm = b.im[k * n + j];
        result.re[i * n + j] += re * bRe - im * bIm;
        result.im[i * n + j] += re * bIm + im * bRe;
      }
    }
  return result;
}

/** B = factor A, factor real. */
export function scale(a: ComplexMatrix, factor: number): ComplexMatrix {
  return { rows: a.rows, cols: a.cols, re: a.re.map((x) => x * factor), im: a.im.map((x) => x * factor) };
}

/** Largest |Re| or |Im| of any entry: within a factor sqrt(2) of the largest modulus, and it cannot overflow. */
export function maxAbs(a: ComplexMatrix): number {
  let max = 0;
  for (const part of [a.re, a.im]) for (const x of part) if (Math.abs(x) > max) max = Math.abs(x);
  return max;
}

/**
 * Power of two s with 1/2 <= s max < 1, so that scaling by s is exact and squares neither overflow nor
 * vanish; 1 for max = 0. Clamped to 2^±1000 so that 1/s stays finite.
 */
export function powerOfTwoScale(max: number): number {
  let factor = 1;
  if (max === 0) return factor;
  for (let k = 0; k < 1000 && max * factor >= 1; k++) factor /= 2;
  for (let k = 0; k < 1000 && max * factor < 0.5; k++) factor *= 2;
  return factor;
}

/** Throws NumericalError naming the first NaN or infinite entry, which would make an iteration meaningless. */
export function checkFinite(fn: string, argument: string, a: ComplexMatrix): void {
  for (let index = 0; index < a.re.length; index++) {
    if (Number.isFinite(a.re[index]) && Number.isFinite(a.im[index])) continue;
    throw new NumericalError({
      fn,
      argument,
      expected: 'finite everywhere',
      got: `${a.re[index]} + ${a.im[index]}i at [${Math.floor(index / a.cols)}, ${index % a.cols}]`,
      remedy: 'Look for a division by zero or an overflow upstream.',
    });
  }
}

/** Throws ShapeError unless `a` is square. */
export function checkSquare(fn: string, argument: string, a: ComplexMatrix): void {
  if (a.rows !== a.cols)
    throw new ShapeError({ fn, argument, expected: 'square', got: `[${a.rows}, ${a.cols}]` });
}

/** Allowed max |A - A^H| / max |A|: covers products rounded in f32, refuses a matrix that is not Hermitian. */
const HERMITIAN_TOLERANCE = 1e-4;

/** (A + A^H) / 2, its diagonal exactly real. Throws NumericalError if A is not Hermitian to rounding. */
export function hermitianPart(fn: string, argument: string, a: ComplexMatrix): ComplexMatrix {
  const n = a.rows;
  const result = zeros(n, n);
  const bound = HERMITIAN_TOLERANCE * maxAbs(a);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const lower = i * n + j;
      const upper = j * n + i;
      // Halved before adding: entries near the largest f64 must not overflow.
      const gapRe = Math.abs(a.re[lower] / 2 - a.re[upper] / 2) * 2;
      const gapIm = Math.abs(a.im[lower] / 2 + a.im[upper] / 2) * 2;
      if (gapRe > bound || gapIm > bound)
        throw new NumericalError({
          fn,
          argument,
          expected: 'Hermitian (equal to its conjugate transpose)',
          got: `entries [${i}, ${j}] and [${j}, ${i}] that are not conjugates`,
          remedy: 'Pass (A + A^H) / 2 if that is the matrix meant.',
        });
      const re = a.re[lower] / 2 + a.re[upper] / 2;
      const im = a.im[lower] / 2 - a.im[upper] / 2;
      result.re[lower] = re;
      result.re[upper] = re;
      result.im[lower] = i === j ? 0 : im;
      result.im[upper] = i === j ? 0 : -im;
    }
  return result;
}
