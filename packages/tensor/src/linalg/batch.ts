import { tensor } from '../creation.js';
import type { Device } from '../device.js';
import { checkTensor } from '../dispatch.js';
import { type DType, dtypeInfo, isComplex, isDifferentiable, type TypedArray } from '../dtype.js';
import { AdjointError, DTypeError, type ErrorParts, ShapeError } from '../errors.js';
import { read } from '../read.js';
import { formatShape, formatType, sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { ComplexMatrix } from './matrix.js';

/** Host copy of a tensor of matrices [..., rows, cols]. */
export interface MatrixBatch {
  /** Leading axes. */
  readonly batch: readonly number[];
  readonly rows: number;
  readonly cols: number;
  /** Row-major values, interleaved if complex. */
  readonly data: TypedArray;
  readonly isComplex: boolean;
}

/** Checks that `x` is a live float or complex tensor of at least `minRank` axes. */
export function checkMatrices(fn: string, argument: string, x: Tensor, minRank = 2): Tensor {
  checkTensor(fn, argument, x);
  if (!isDifferentiable(x.dtype))
    throw new DTypeError({
      fn,
      argument,
      expected: 'of a float or complex dtype',
      got: formatType(x),
      remedy: "Use cast(x, 'f32').",
    });
  if (x.rank < minRank)
    throw new ShapeError({
      fn,
      argument,
      expected: minRank === 1 ? 'a vector [n] or matrices [..., n, k]' : 'matrices [..., rows, columns]',
      got: formatType(x),
    });
  return x;
}

/** Reads the values of `x`; a vector [n] counts as a matrix [n, 1]. */
export async function readMatrices(x: Tensor): Promise<MatrixBatch> {
  const shape = x.rank === 1 ? [...x.shape, 1] : x.shape;
  const [rows, cols] = shape.slice(-2);
  return { batch: shape.slice(0, -2), rows, cols, data: await read(x), isComplex: isComplex(x.dtype) };
}

/** Matrix `k` of the batch, in f64. */
export function matrixAt({ rows, cols, data, isComplex }: MatrixBatch, k: number): ComplexMatrix {
  const size = rows * cols;
  if (!isComplex)
    return {
      rows,
      cols,
      re: Float64Array.from(data.subarray(k * size, (k + 1) * size)),
      im: new Float64Array(size),
    };
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let i = 0, from = 2 * k * size; i < size; i++, from += 2) {
    re[i] = data[from];
    im[i] = data[from + 1];
  }
  return { rows, cols, re, im };
}

/** Longest stretch of work before timers and input get their turn. A single matrix is never interrupted. */
const SLICE_MS = 100;

/** compute(0), …, compute(product of `batch` - 1); an error also names the matrix it met. */
export async function mapBatch<T>(batch: readonly number[], compute: (k: number) => T): Promise<T[]> {
  const results: T[] = [];
  let start = performance.now();
  for (let k = 0; k < sizeOf(batch); k++) {
    try {
      results.push(compute(k));
    } catch (error) {
      throw batch.length > 0 ? locate(error, batch, k) : error;
    }
    if (performance.now() - start < SLICE_MS) continue;
    await new Promise((resume) => setTimeout(resume));
    start = performance.now();
  }
  return results;
}

function locate(error: unknown, batch: readonly number[], k: number): unknown {
  const parts = error instanceof AdjointError ? error.parts : undefined;
  if (!(error instanceof AdjointError) || !parts) return error;
  const index: number[] = [];
  for (let axis = batch.length - 1, rest = k; axis >= 0; axis--) {
    index.unshift(rest % batch[axis]);
    rest = Math.floor(rest / batch[axis]);
  }
  const Kind = error.constructor as new (parts: ErrorParts) => AdjointError;
  return new Kind({
    ...parts,
    got: `${parts.got}, in matrix ${formatShape(index)} of the batch`,
  });
}

/** Position in an operand of shape `batch` for each position in the broadcast shape `full`. */
export function broadcastIndex(batch: readonly number[], full: readonly number[]): (k: number) => number {
  return (k) => {
    let from = 0;
    let step = 1;
    for (let axis = full.length - 1, rest = k; axis >= 0; axis--) {
      const n = batch[axis - full.length + batch.length] ?? 1;
      from += n === 1 ? 0 : (rest % full[axis]) * step;
      rest = Math.floor(rest / full[axis]);
      step *= n;
    }
    return from;
  };
}

/** Packs matrices of one shape into a tensor [...shape]; a real dtype drops the imaginary parts, which are 0. */
export function packMatrices(
  matrices: readonly ComplexMatrix[],
  shape: readonly number[],
  dtype: DType,
  device: Device,
): Tensor {
  const { parts } = dtypeInfo[dtype];
  const data = new Float64Array(sizeOf(shape) * parts);
  let at = 0;
  for (const { re, im } of matrices)
    for (let i = 0; i < re.length; i++) {
      data[at++] = re[i];
      if (parts === 2) data[at++] = im[i];
    }
  return tensor(data, { shape, dtype, device });
}

/** Packs real vectors of one length into a tensor [...shape]. */
export function packVectors(
  vectors: readonly Float64Array[],
  shape: readonly number[],
  dtype: DType,
  device: Device,
): Tensor {
  const data = new Float64Array(sizeOf(shape));
  let at = 0;
  for (const vector of vectors) {
    data.set(vector, at);
    at += vector.length;
  }
  return tensor(data, { shape, dtype, device });
}
