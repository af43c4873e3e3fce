import { checkInteger, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { ArgumentError, describe } from '../../errors.js';
import { scope } from '../../scope.js';
import { normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { gather } from '../index/index.js';

import { checkOrdered } from '../reduce/order.js';
import { contiguous, moveAxis, slice } from '../view/index.js';
import { orderOf } from './argsort.js';

export interface SortOptions {
  /** Default −1. */
  readonly axis?: number;
  /** Largest first. Default false. */
  readonly descending?: boolean;
}

export interface Sorted {
  readonly values: Tensor;
  /** i32: where the values stood along the axis. */
  readonly indices: Tensor;
}

/**
 * Values in order along an axis, with where they came from. Real dtypes. Stable; NaN counts as largest
 * (last, or first if descending; as PyTorch, and as NumPy ascending). Gradients go back to where the values
 * came from.
 *
 * @throws DTypeError for complex input, AxisError, ArgumentError
 */
export function sort(x: Tensor, options: SortOptions = {}): Sorted {
  const { axis, descending } = checkSort('sort', x, options);
  return scope(() => {
    const { rows, order } = rowsInOrder(x, axis, descending);
    return { values: moveAxis(gather(rows, order, -1), -1, axis), indices: moveAxis(order, -1, axis) };
  });
}

/** The indices that `sort` gives, without the values: i32. */
export function argsort(x: Tensor, options: SortOptions = {}): Tensor {
  const { axis, descending } = checkSort('argsort', x, options);
  return scope(() => moveAxis(rowsInOrder(x, axis, descending).order, -1, axis));
}

export interface TopkOptions {
  /** Default −1. */
  readonly axis?: number;
  /** The largest rather than the smallest values. Default true. */
  readonly largest?: boolean;
}

/**
 * The k largest (or smallest) values along an axis, in order, with where they came from; otherwise as
 * `sort`: equal values in their order, NaN counts as largest.
 *
 * @param k at most the size of the axis.
 * @throws DTypeError, AxisError, ArgumentError
 */
export function topk(x: Tensor, k: number, options: TopkOptions = {}): Sorted {
  checkTensor('topk', 'argument 1', x);
  checkOrdered('topk', x.dtype);
  checkOptions('topk', options, ['axis', 'largest']);
  const { axis: along = -1, largest = true } = options;
  const axis = normaliseAxis('topk', along, x.rank);
  checkInteger('topk', 'k', k, { min: 0, max: x.shape[axis]! });
  checkFlag('topk', 'option largest', largest);
  return scope(() => {
    const { rows, order } = rowsInOrder(x, axis, largest);
    const first = slice(order, [...order.shape.slice(1).map(() => null), [0, k]]);
    return { values: moveAxis(gather(rows, first, -1), -1, axis), indices: moveAxis(first, -1, axis) };
  });
}

/** The axis moved to the end, contiguous, and the order of these rows. */
function rowsInOrder(x: Tensor, axis: number, descending: boolean): { rows: Tensor; order: Tensor } {
  const rows = contiguous(moveAxis(x, axis, -1));
  return { rows, order: orderOf(rows, descending) };
}

function checkSort(fn: string, x: Tensor, options: SortOptions): { axis: number; descending: boolean } {
  checkTensor(fn, 'argument 1', x);
  checkOrdered(fn, x.dtype);
  checkOptions(fn, options, ['axis', 'descending']);
  const { axis = -1, descending = false } = options;
  checkFlag(fn, 'option descending', descending);
  return { axis: normaliseAxis(fn, axis, x.rank), descending };
}

function checkFlag(fn: string, argument: string, flag: unknown): void {
  if (typeof flag !== 'boolean')
    throw new ArgumentError({ fn, argument, expected: 'true or false', got: describe(flag) });
}
