import { checkInteger } from '../../check.js';
import { apply1, checkTensor } from '../../dispatch.js';
import { ArgumentError, AxisError, describe, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import { formatShape, normaliseAxes, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { identity, unitAxesOp } from './view.js';

/** Elements `start + i·step`, i = 0 … shape − 1, along every axis. Steps may be negative, never 0. */
export interface SliceAttrs {
  readonly start: readonly number[];
  readonly step: readonly number[];
  readonly shape: Shape;
}

export const sliceOp = defineOp<SliceAttrs>({
  name: 'slice',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  view: ({ strides, offset }, { start, step, shape }) => ({
    shape,
    strides: strides.map((stride, i) => stride * step[i]!),
    offset: shape.includes(0) ? offset : strides.reduce((sum, stride, i) => sum + stride * start[i]!, offset),
  }),
});

/**
 * What to take of one axis: an index (the axis goes), `[start, stop, step]` with any part left out or
 * `null` as in NumPy (`[null, null, -1]` reverses), or `null` / `undefined` for all of it.
 */
export type Range =
  | number
  | readonly [(number | null)?, (number | null)?, (number | null)?]
  | null
  | undefined;

/**
 * A rectangular part, as NumPy's `x[start:stop:step, …]`. Negative numbers count from the end; ranges are
 * clipped to the axis; axes not named are taken whole. A view.
 *
 * @example slice(x, [[1, null, 2], -1])   // x[1::2, -1]
 * @throws AxisError when there are more ranges than axes, or an index is outside its axis.
 */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  checkTensor('slice', 'argument 1', x);
  if (!Array.isArray(ranges) || ranges.length > x.rank)
    throw new AxisError({
      fn: 'slice',
      argument: 'ranges',
      expected: `an array of at most ${x.rank} ranges, as ${formatShape(x.shape)} has axes`,
      got: Array.isArray(ranges) ? `${ranges.length} ranges` : describe(ranges),
    });
  const resolved = x.shape.map((n, axis) => resolve(ranges[axis], n, axis));
  const attrs = {
    start: resolved.map((r) => r.start),
    step: resolved.map((r) => r.step),
    shape: resolved.map((r) => r.length),
  };
  if (!ranges.some((range) => typeof range === 'number')) return apply1(sliceOp, [x], attrs);
  const rest = attrs.shape.filter((_, axis) => typeof ranges[axis] !== 'number');
  return scope(() => apply1(unitAxesOp, [apply1(sliceOp, [x], attrs)], { shape: rest }));
}

function resolve(range: Range, n: number, axis: number): { start: number; step: number; length: number } {
  if (range === null || range === undefined) return { start: 0, step: 1, length: n };
  if (typeof range === 'number') {
    if (!Number.isInteger(range) || range < -n || range >= n)
      throw new AxisError({
        fn: 'slice',
        argument: `the index of axis ${axis}`,
        expected: n === 0 ? 'absent: the axis is empty' : `an integer from ${-n} to ${n - 1}`,
        got: String(range),
      });
    return { start: range < 0 ? range + n : range, step: 1, length: 1 };
  }
  if (!Array.isArray(range) || range.length > 3)
    throw new ArgumentError({
      fn: 'slice',
      argument: `the range of axis ${axis}`,
      expected: 'an index, [start, stop, step] or null',
      got: describe(range),
    });
  const part = (value: number | null | undefined, name: string, otherwise: number): number =>
    value === null || value === undefined
      ? otherwise
      : checkInteger('slice', `${name} of axis ${axis}`, value);
  const step = part(range[2], 'step', 1);
  if (step === 0)
    throw new ArgumentError({ fn: 'slice', argument: `step of axis ${axis}`, expected: 'not 0', got: '0' });
  // NumPy's rules: clip to [0, n] going up, to [-1, n - 1] going down
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const clip = (value: number): number => Math.min(Math.max(value < 0 ? value + n : value, low), high);
  const start =
    range[0] === null || range[0] === undefined ? (step > 0 ? 0 : n - 1) : clip(part(range[0], 'start', 0));
  const stop =
    range[1] === null || range[1] === undefined ? (step > 0 ? n : -1) : clip(part(range[1], 'stop', 0));
  return { start, step, length: Math.max(0, Math.ceil((stop - start) / step)) };
}

/** Reverses the order along the axes named (default: all). A view. */
export function flip(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('flip', 'argument 1', x);
  const flipped = normaliseAxes('flip', axes, x.rank);
  if (flipped.length === 0) return identity(x);
  const isFlipped = x.shape.map((_, axis) => flipped.includes(axis));
  return apply1(sliceOp, [x], {
    start: x.shape.map((n, axis) => (isFlipped[axis] ? n - 1 : 0)),
    step: isFlipped.map((flip) => (flip ? -1 : 1)),
    shape: x.shape,
  });
}

/** Cuts along an axis into parts of the given sizes. Views. */
export function split(x: Tensor, sizes: readonly number[], axis = 0): Tensor[] {
  checkTensor('split', 'argument 1', x);
  const [along] = normaliseAxes('split', axis, x.rank, 'axis') as [number];
  const total = Array.isArray(sizes) ? sizes.reduce((sum, n) => sum + n, 0) : Number.NaN;
  if (total !== x.shape[along])
    throw new ShapeError({
      fn: 'split',
      argument: 'sizes',
      expected: `sizes that add up to ${x.shape[along]}`,
      got: describe(sizes),
    });
  let start = 0;
  return sizes.map((n) => {
    const range: Range[] = x.shape.map(() => null);
    range[along] = [start, start + n];
    start += n;
    return slice(x, range);
  });
}
