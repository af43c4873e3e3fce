import type { DType } from './dtype.js';
import { AxisError, describe, ShapeError } from './errors.js';

export type Shape = readonly number[];

/** What is known about a tensor without its values. Shape rules map these to these. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tensor type and where its elements lie in a buffer; strides and offset count elements. */
export interface Layout extends TensorType {
  readonly strides: readonly number[];
  readonly offset: number;
}

export const sizeOf = (shape: Shape): number => {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
};

/** Row-major strides in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

/** Whether the elements lie densely in row-major order (the stride of a size-1 axis does not matter). */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 0) return true;
    if (shape[i] !== 1 && strides[i] !== step) return false;
    step *= shape[i]!;
  }
  return true;
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;
export const formatType = (type: TensorType): string => `${type.dtype} ${formatShape(type.shape)}`;

/** Text that tells types apart, for caches of kernels. */
export const typeKey = ({ dtype, shape }: TensorType): string => `${dtype}[${shape}]`;
/** The same with the order of the elements in memory; the offset is no part of a kernel. */
export const layoutKey = (layout: Layout): string =>
  `${typeKey(layout)}${isContiguous(layout.shape, layout.strides) ? '' : `/${layout.strides}`}`;

/** NumPy broadcasting of any number of shapes. */
export function broadcastShapes(fn: string, ...shapes: Shape[]): number[] {
  let rank = 0;
  for (const shape of shapes) rank = Math.max(rank, shape.length);
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const shift = rank - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const n = shape[i]!;
      if (n === 1) continue;
      const seen = result[i + shift]!;
      if (seen !== 1 && seen !== n)
        throw new ShapeError({
          fn,
          argument: 'the shapes',
          expected: 'equal or 1 on every axis, counted from the last',
          got: shapes.map(formatShape).join(' and '),
          remedy: 'Use reshape or expand to line the axes up.',
        });
      result[i + shift] = n;
    }
  }
  return result;
}

/** Validates a shape given by the user: non-negative safe integers. */
export function checkShape(fn: string, argument: string, shape: unknown): number[] {
  const isList = Array.isArray(shape);
  if (
    !isList ||
    !shape.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    !Number.isSafeInteger(sizeOf(shape))
  )
    throw new ShapeError({
      fn,
      argument,
      expected: 'an array of non-negative integers',
      got: describe(shape),
    });
  return [...(shape as number[])];
}

/** Axis counted from the end when negative, checked against the rank. */
export function normaliseAxis(fn: string, axis: unknown, rank: number, argument = 'axis'): number {
  if (!Number.isInteger(axis) || (axis as number) < -rank || (axis as number) >= rank)
    throw new AxisError({
      fn,
      argument,
      expected: rank === 0 ? 'absent for a scalar' : `an integer from ${-rank} to ${rank - 1}`,
      got: describe(axis),
    });
  return (axis as number) < 0 ? (axis as number) + rank : (axis as number);
}

/** One axis, a list, or `undefined` for all; result ascending, without repeats. */
export function normaliseAxes(fn: string, axes: unknown, rank: number, argument = 'axes'): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const list = (Array.isArray(axes) ? axes : [axes]).map((axis) => normaliseAxis(fn, axis, rank, argument));
  if (new Set(list).size !== list.length)
    throw new AxisError({ fn, argument, expected: 'without repeats', got: describe(axes) });
  return list.sort((a, b) => a - b);
}
