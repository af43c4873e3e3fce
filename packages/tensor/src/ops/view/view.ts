import { apply1, checkTensor } from '../../dispatch.js';
import { ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import {
  checkShape,
  contiguousStrides,
  formatShape,
  normaliseAxes,
  normaliseAxis,
  type Shape,
  sameShape,
  sizeOf,
} from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { copyOp } from '../elementwise/copy.js';

/** The same value as a new variable: what a gradient is taken with respect to. */
export const identityOp = defineOp<undefined>({
  name: 'identity',
  infer: ([x]) => [x!],
  view: ({ shape, strides, offset }) => ({ shape, strides, offset }),
});

/** The same value, which no tape follows. */
export const stopGradientOp = defineOp<undefined>({
  ...identityOp,
  name: 'stopGradient',
  stopsGradient: true,
});

export const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'reshape',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  view: ({ offset }, { shape }) => ({ shape, strides: contiguousStrides(shape), offset }),
});

export const transposeOp = defineOp<{ axes: readonly number[] }>({
  name: 'transpose',
  infer: ([x], { axes }) => [{ shape: axes.map((axis) => x!.shape[axis]!), dtype: x!.dtype }],
  view: ({ shape, strides, offset }, { axes }) => ({
    shape: axes.map((axis) => shape[axis]!),
    strides: axes.map((axis) => strides[axis]!),
    offset,
  }),
});

export const expandOp = defineOp<{ shape: Shape }>({
  name: 'expand',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  view: (x, { shape }) => {
    const shift = shape.length - x.shape.length;
    const strides = shape.map((n, i) => (i < shift || x.shape[i - shift] !== n ? 0 : x.strides[i - shift]!));
    return { shape, strides, offset: x.offset };
  },
});

/** Adds or drops axes of size 1, whatever the strides: all other axes keep theirs. */
export const unitAxesOp = defineOp<{ shape: Shape }>({
  name: 'unitAxes',
  infer: ([x], { shape }) => [{ shape, dtype: x!.dtype }],
  view: (x, { shape }) => {
    const kept = x.strides.filter((_, i) => x.shape[i] !== 1);
    let next = 0;
    return { shape, strides: shape.map((n) => (n === 1 ? 0 : kept[next++]!)), offset: x.offset };
  },
});

/** Identity on values; a new variable for gradients. */
export const identity = (x: Tensor): Tensor => apply1(identityOp, [x], undefined);

/**
 * The same value with no gradient: tapes do not see it.
 * @param x any tensor
 */
export function stopGradient(x: Tensor): Tensor {
  return apply1(stopGradientOp, [x], undefined);
}

/**
 * The same elements in row-major order under another shape. A view where the tensor is contiguous, else a copy.
 *
 * @param shape one size may be −1: it is computed from the others.
 * @throws ShapeError when the number of elements differs.
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor('reshape', 'argument 1', x);
  const target = completeShape(x, shape);
  if (sameShape(target, x.shape)) return identity(x);
  return x.isContiguous
    ? apply1(reshapeOp, [x], { shape: target })
    : scope(() => apply1(reshapeOp, [contiguous(x)], { shape: target }));
}

function completeShape(x: Tensor, shape: readonly number[]): number[] {
  const open = Array.isArray(shape) ? shape.indexOf(-1) : -1;
  const known = open < 0 ? shape : shape.map((n: number, i: number) => (i === open ? 1 : n));
  const target = checkShape('reshape', 'shape', known);
  const rest = sizeOf(target);
  if (open >= 0) target[open] = rest === 0 ? 0 : x.size / rest;
  if (!target.every(Number.isInteger) || sizeOf(target) !== x.size)
    throw new ShapeError({
      fn: 'reshape',
      argument: 'shape',
      expected: `of ${x.size} elements, as ${formatShape(x.shape)} has`,
      got: formatShape(shape),
    });
  return target;
}

/** The tensor itself if contiguous, else a contiguous copy. */
export function contiguous(x: Tensor): Tensor {
  checkTensor('contiguous', 'the argument', x);
  return x.isContiguous ? x : apply1(copyOp, [x], undefined);
}

/**
 * Axes in another order; default: all reversed (the matrix transpose for rank 2). No conjugation. A view.
 * @throws AxisError unless `axes` names every axis once.
 */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  checkTensor('transpose', 'argument 1', x);
  const order =
    axes === undefined ? x.shape.map((_, i) => x.rank - 1 - i) : [...(Array.isArray(axes) ? axes : [axes])];
  const positive = order.map((axis) => normaliseAxis('transpose', axis, x.rank, 'axes'));
  if (normaliseAxes('transpose', positive, x.rank).length !== x.rank)
    throw new ShapeError({
      fn: 'transpose',
      argument: 'axes',
      expected: `a permutation of the ${x.rank} axes`,
      got: formatShape(order),
    });
  return apply1(transposeOp, [x], { axes: positive });
}

/** Exchanges two axes. A view. */
export function swapAxes(x: Tensor, a: number, b: number): Tensor {
  checkTensor('swapAxes', 'argument 1', x);
  const [i, j] = [
    normaliseAxis('swapAxes', a, x.rank, 'axis a'),
    normaliseAxis('swapAxes', b, x.rank, 'axis b'),
  ];
  return apply1(transposeOp, [x], { axes: x.shape.map((_, k) => (k === i ? j : k === j ? i : k)) });
}

/** Moves one axis to another position; the others keep their order. A view. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  checkTensor('moveAxis', 'argument 1', x);
  const source = normaliseAxis('moveAxis', from, x.rank, 'from');
  const axes = x.shape.map((_, i) => i).filter((i) => i !== source);
  axes.splice(normaliseAxis('moveAxis', to, x.rank, 'to'), 0, source);
  return apply1(transposeOp, [x], { axes });
}

/**
 * Repeats size-1 and missing leading axes to reach `shape` (NumPy broadcast_to). A view without copies.
 * @throws ShapeError when an axis is neither 1 nor equal.
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  checkTensor('expand', 'argument 1', x);
  const target = checkShape('expand', 'shape', shape);
  const shift = target.length - x.rank;
  if (shift < 0 || x.shape.some((n, i) => n !== 1 && n !== target[i + shift]))
    throw new ShapeError({
      fn: 'expand',
      argument: 'shape',
      expected: `one that ${formatShape(x.shape)} broadcasts to`,
      got: formatShape(target),
    });
  return sameShape(target, x.shape) ? identity(x) : apply1(expandOp, [x], { shape: target });
}

/**
 * Drops axes of size 1: those named, or all. A view.
 * @throws ShapeError when a named axis has another size.
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('squeeze', 'argument 1', x);
  const named = axes !== undefined;
  const drop = named
    ? normaliseAxes('squeeze', axes, x.rank)
    : x.shape.flatMap((n, i) => (n === 1 ? [i] : []));
  for (const axis of drop)
    if (x.shape[axis] !== 1)
      throw new ShapeError({
        fn: 'squeeze',
        argument: `axis ${axis}`,
        expected: 'of size 1',
        got: formatShape(x.shape),
      });
  return apply1(unitAxesOp, [x], { shape: x.shape.filter((_, i) => !drop.includes(i)) });
}

/** Inserts an axis of size 1 before position `axis` of the result (NumPy expand_dims). A view. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  checkTensor('unsqueeze', 'argument 1', x);
  const position = normaliseAxis('unsqueeze', axis, x.rank + 1);
  return apply1(unitAxesOp, [x], { shape: [...x.shape.slice(0, position), 1, ...x.shape.slice(position)] });
}
