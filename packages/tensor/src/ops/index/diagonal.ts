import { checkInteger, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { AxisError, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape, normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { full, iota, lessEqual, sub, where } from '../elementwise/index.js';

import { sum } from '../reduce/index.js';
import { reshape, slice, transpose } from '../view/index.js';

/** Which diagonal of which two axes. */
export interface DiagonalOptions {
  /** Columns right of the main diagonal; negative below it. Default 0. */
  readonly offset?: number;
  /** Rows and columns; default [-2, -1]. */
  readonly axes?: readonly [number, number];
}

/**
 * Diagonal of two axes: y[…, i] = x[…, i, i + offset]; the two axes are replaced by one at the end.
 * Any dtype.
 *
 * @throws AxisError, ShapeError for rank below 2.
 */
export function diagonal(x: Tensor, options: DiagonalOptions = {}): Tensor {
  checkTensor('diagonal', 'argument 1', x);
  return scope(() => takeDiagonal('diagonal', x, options));
}

/** Sum of a diagonal: y[…] = Σ_i x[…, i, i + offset]. Same arguments as `diagonal`. */
export function trace(x: Tensor, options: DiagonalOptions = {}): Tensor {
  checkTensor('trace', 'argument 1', x);
  return scope(() => sum(takeDiagonal('trace', x, options), { axes: -1 }));
}

function takeDiagonal(fn: string, x: Tensor, options: DiagonalOptions): Tensor {
  checkOptions(fn, options, ['offset', 'axes']);
  const { offset = 0, axes = [-2, -1] } = options;
  checkInteger(fn, 'option offset', offset);
  checkMatrix(fn, x);
  if (!Array.isArray(axes) || axes.length !== 2)
    throw new AxisError({ fn, argument: 'option axes', expected: 'two axes', got: String(axes) });
  const [row, column] = axes.map((axis) => normaliseAxis(fn, axis, x.rank, 'option axes')) as [
    number,
    number,
  ];
  if (row === column)
    throw new AxisError({ fn, argument: 'option axes', expected: 'two different axes', got: `[${axes}]` });
  const others = x.shape.map((_, i) => i).filter((i) => i !== row && i !== column);
  const batch = others.map((i) => x.shape[i]!);
  const [rows, columns] = [x.shape[row]!, x.shape[column]!];
  const length = Math.max(0, Math.min(rows - Math.max(0, -offset), columns - Math.max(0, offset)));
  // In row-major order the diagonal is a strided slice of the flattened matrix.
  const start = length === 0 ? 0 : offset < 0 ? -offset * columns : offset;
  const flat = reshape(transpose(x, [...others, row, column]), [...batch, rows * columns]);
  const stop = length === 0 ? 0 : start + (length - 1) * (columns + 1) + 1;
  return slice(flat, [...batch.map(() => null), [start, stop, columns + 1]]);
}

/** Lower triangles: y[…, i, j] = x[…, i, j] where j ≤ i + offset, else 0. Any dtype. */
export function tril(x: Tensor, offset = 0): Tensor {
  checkTriangle('tril', x, offset);
  return scope(() => where(below(x, offset), x, zeroLike(x)));
}

/** Upper triangles: y[…, i, j] = x[…, i, j] where j ≥ i + offset, else 0. Any dtype. */
export function triu(x: Tensor, offset = 0): Tensor {
  checkTriangle('triu', x, offset);
  return scope(() => where(below(x, offset - 1), zeroLike(x), x));
}

const zeroLike = (x: Tensor): Tensor => full([], 0, { dtype: x.dtype, device: x.device });

function checkTriangle(fn: string, x: Tensor, offset: number): void {
  checkTensor(fn, 'argument 1', x);
  checkInteger(fn, 'offset', offset);
  checkMatrix(fn, x);
}

/** Mask [rows, columns] of j ≤ i + offset. */
function below(x: Tensor, offset: number): Tensor {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const { device } = x;
  const row = reshape(iota(rows, { device }), [rows, 1]);
  return lessEqual(sub(iota(columns, { device }), row), offset);
}

function checkMatrix(fn: string, x: Tensor): void {
  if (x.rank < 2)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: 'of rank 2 or more',
      got: formatShape(x.shape),
    });
}
