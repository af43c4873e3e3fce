import fc from 'fast-check';
import {
  type ComplexMatrix,
  conjugateTranspose,
  identity,
  maxAbs,
  multiply,
  scale,
  zeros,
} from '../../packages/tensor/src/linalg/matrix.js';

/** Seeded uniform numbers in [-1, 1): mulberry32. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

export function randomMatrix(rows: number, cols: number, seed: number, isComplex = true): ComplexMatrix {
  const next = uniform(seed);
  const result = zeros(rows, cols);
  for (let i = 0; i < rows * cols; i++) {
    result.re[i] = next();
    if (isComplex) result.im[i] = next();
  }
  return result;
}

/** A B of inner dimension `rank`. */
export const lowRank = (rows: number, cols: number, rank: number, seed: number): ComplexMatrix =>
  multiply(randomMatrix(rows, rank, seed), randomMatrix(rank, cols, seed + 1));

export const hermitian = (size: number, seed: number, isComplex = true): ComplexMatrix => {
  const a = randomMatrix(size, size, seed, isComplex);
  return add(a, conjugateTranspose(a));
};

export function hilbert(size: number): ComplexMatrix {
  const result = zeros(size, size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) result.re[i * size + j] = 1 / (i + j + 1);
  return result;
}

export function diagonal(values: ArrayLike<number>): ComplexMatrix {
  const result = zeros(values.length, values.length);
  for (let i = 0; i < values.length; i++) result.re[i * values.length + i] = values[i];
  return result;
}

export function fromRows(rows: (number | [number, number])[][]): ComplexMatrix {
  const cols = rows[0]?.length ?? 0;
  const flat = rows.flat();
  return {
    rows: rows.length,
    cols,
    re: Float64Array.from(flat, (x) => (typeof x === 'number' ? x : x[0])),
    im: Float64Array.from(flat, (x) => (typeof x === 'number' ? 0 : x[1])),
  };
}

export const add = (a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix => ({
  rows: a.rows,
  cols: a.cols,
  re: a.re.map((x, i) => x + b.re[i]),
  im: a.im.map((x, i) => x + b.im[i]),
});

/** Frobenius norm, immune to overflow. */
export function norm(a: ComplexMatrix): number {
  const max = maxAbs(a);
  if (max === 0) return 0;
  let sum = 0;
  for (const part of [a.re, a.im]) for (const x of part) sum += (x / max) * (x / max);
  return Math.sqrt(sum) * max;
}

/** ||A - B||_F / ||B||_F, or ||A||_F where B = 0. */
export const distance = (a: ComplexMatrix, b: ComplexMatrix): number =>
  norm(add(a, scale(b, -1))) / (norm(b) || 1);

/** ||A^H A - I||_F. */
export const nonOrthogonality = (a: ComplexMatrix): number =>
  norm(add(multiply(conjugateTranspose(a), a), scale(identity(a.cols), -1)));

export const sizeArb = fc.integer({ min: 1, max: 24 });
export const seedArb = fc.integer({ min: 0, max: 2 ** 30 });
/** 1 most often, else a scale at which squares leave the range of f64. */
export const scaleArb = fc.constantFrom(1, 1, 1e150, 1e-150, 1e-300, 1e280);
