import { checkChoice, checkNumber } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { ArgumentError, DTypeError, describe } from '../../errors.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { add, isNan, mul, where } from '../elementwise/index.js';
import { gather, stack } from '../index/index.js';
import { checkNotEmpty, checkReduction, type ReduceOptions } from '../reduce/axes.js';
import { reshape, slice, transpose } from '../view/index.js';
import { orderOf } from './argsort.js';

const interpolations = ['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const;
export type Interpolation = (typeof interpolations)[number];

export interface QuantileOptions extends ReduceOptions {
  /** What to take between two values; default 'linear'. 'nearest' rounds halves to even. As NumPy. */
  readonly interpolation?: Interpolation;
}

/**
 * Quantiles over axes: with the n values sorted, the one at position q (n − 1), interpolated. f32. A NaN
 * among the values gives NaN. Gradients go to the values taken.
 *
 * @param q in [0, 1]; a list gives a new first axis.
 * @throws DTypeError unless real floating, ShapeError for an empty axis, ArgumentError, AxisError.
 */
export function quantile(x: Tensor, q: number | readonly number[], options: QuantileOptions = {}): Tensor {
  checkTensor('quantile', 'argument 1', x);
  const list = (Array.isArray(q) ? q : [q]) as readonly number[];
  for (const value of list) checkNumber('quantile', 'q', value, { min: 0, max: 1 });
  if (list.length === 0)
    throw new ArgumentError({
      fn: 'quantile',
      argument: 'q',
      expected: 'a number or a list of at least one',
      got: describe(q),
    });
  return quantiles('quantile', x, list, Array.isArray(q), options);
}

/** The middle value over axes, the mean of two middle ones for an even number (as NumPy). As `quantile` at 0.5. */
export function median(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('median', 'argument 1', x);
  checkReduction('median', x.shape, options);
  return quantiles('median', x, [0.5], false, options);
}

function quantiles(
  fn: string,
  x: Tensor,
  list: readonly number[],
  isList: boolean,
  options: QuantileOptions,
): Tensor {
  const { axes, count, resultShape } = checkReduction(fn, x.shape, options, [
    'axes',
    'keepDims',
    'interpolation',
  ]);
  const { interpolation = 'linear' } = options;
  checkChoice(fn, 'option interpolation', interpolation, interpolations);
  if (dtypeInfo[x.dtype].kind !== 'float')
    throw new DTypeError({
      fn,
      argument: 'argument 1',
      expected: 'f32',
      got: x.dtype,
      remedy: "Use cast(x, 'f32'); complex numbers have no order.",
    });
  checkNotEmpty(fn, x, count);
  return scope(() => {
    const rows = sortableRows(x, axes, count);
    const order = orderOf(rows, false);
    const pick = (position: number): Tensor =>
      gather(rows, slice(order, [null, [position, position + 1]]), -1);
    const last = pick(count - 1);
    const hasNaN = isNan(last);
    const results = list.map((q) => {
      const value = between(q * (count - 1), interpolation, pick);
      return reshape(where(hasNaN, last, value), resultShape);
    });
    return isList ? stack(results, 0) : results[0]!;
  });
}

/** The reduced axes as the last of two. */
function sortableRows(x: Tensor, axes: readonly number[], count: number): Tensor {
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  return reshape(transpose(x, [...kept, ...axes]), [x.size / count, count]);
}

/** The value at a fractional position of the sorted rows. */
function between(position: number, interpolation: Interpolation, pick: (position: number) => Tensor): Tensor {
  const low = Math.floor(position);
  const high = Math.ceil(position);
  if (low === high || interpolation === 'lower') return pick(low);
  if (interpolation === 'higher') return pick(high);
  if (interpolation === 'nearest') {
    const fraction = position - low;
    const isHigh = fraction > 0.5 || (fraction === 0.5 && low % 2 === 1);
    return pick(isHigh ? high : low);
  }
  const weight = interpolation === 'midpoint' ? 0.5 : position - low;
  return add(mul(pick(low), 1 - weight), mul(pick(high), weight));
}
