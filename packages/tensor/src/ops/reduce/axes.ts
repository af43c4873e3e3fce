import { checkBoolean, checkOptions } from '../../check.js';
import { ShapeError } from '../../errors.js';
import { formatShape, normaliseAxes, type Shape, sizeOf, type TensorType } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { reshape, transpose } from '../view/index.js';
import { type Span, spansOf } from './span.js';

/** Which axes a reduction takes, and whether they stay as axes of size 1. */
export interface ReduceOptions {
  /** One axis or several, negative from the end; default all. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes with size 1, so that the result broadcasts against the input. Default false. */
  readonly keepDims?: boolean;
}

/** A reduction with its axes validated, and what the result's shape will be. */
export interface Reduction {
  /** Reduced axes, ascending. */
  readonly axes: readonly number[];
  /** Elements that one result comes from. */
  readonly count: number;
  /** Shape with the reduced axes at size 1. */
  readonly keptShape: readonly number[];
  /** `keptShape` or the shape without these axes, as the caller asked. */
  readonly resultShape: readonly number[];
}

/** Validates axes and options against a shape. Throws AxisError or ArgumentError. */
export function checkReduction(
  fn: string,
  shape: Shape,
  options: ReduceOptions,
  known: readonly string[] = ['axes', 'keepDims'],
): Reduction {
  const { keepDims = false } = checkOptions(fn, options, known);
  checkBoolean(fn, 'option keepDims', keepDims);
  const axes = normaliseAxes(fn, options.axes, shape.length);
  const keptShape = shape.map((size, i) => (axes.includes(i) ? 1 : size));
  const resultShape = keepDims ? keptShape : shape.filter((_, i) => !axes.includes(i));
  return { axes, count: sizeOf(axes.map((axis) => shape[axis]!)), keptShape, resultShape };
}

/** Refuses to reduce nothing where the reduction has no neutral element. */
export function checkNotEmpty(fn: string, { shape }: TensorType, count: number): void {
  if (count > 0) return;
  throw new ShapeError({
    fn,
    argument: 'the argument',
    expected: 'of size at least 1 along the reduced axes',
    got: formatShape(shape),
    remedy: 'This reduction has no value for an empty axis.',
  });
}

/**
 * The tensor with its reduced axes moved beside each other, before the last run of them: the kept axes
 * keep their order, so that the result needs no transposition.
 */
export function gatherAxes(x: Tensor, axes: readonly number[]): { x: Tensor; span: Span } {
  const spans = spansOf(axes);
  if (spans.length === 0) return { x, span: { axis: 0, count: 0 } };
  if (spans.length === 1) return { x, span: spans[0]! };
  const last = spans.at(-1)!;
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const before = kept.filter((i) => i < last.axis);
  const after = kept.filter((i) => i > last.axis);
  return {
    x: transpose(x, [...before, ...axes, ...after]),
    span: { axis: before.length, count: axes.length },
  };
}

/** Gives a reduced tensor the shape that was asked for; no view where it already has it. */
export const shaped = (y: Tensor, shape: Shape): Tensor =>
  y.shape.length === shape.length ? y : reshape(y, shape);
