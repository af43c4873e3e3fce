import { checkInteger } from '../../check.js';
import { apply1, checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { DTypeError, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import { formatShape, formatType, normaliseAxis, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { add } from '../elementwise/index.js';
import { slice } from '../view/index.js';
import { embed } from './embed.js';
import {
  gatherReference,
  scatterReference,
  takeAdjointReference,
  takeReference,
} from './lookup.reference.js';
import { gatherWasm, takeWasm } from './lookup.wasm.js';
import { gatherWgsl, takeWgsl } from './lookup.wgsl.js';
import { scatterWasm, takeAdjointWasm } from './scatter.wasm.js';
import { scatterWgsl, takeAdjointWgsl } from './scatter.wgsl.js';

/** Attributes of the reading ops. */
export interface LookupAxis {
  readonly axis: number;
  /** What an index outside the axis reads; the adjoint of an addition, which ignores it, reads 0. */
  readonly outside: 'nan' | 'zero';
}

/** Attributes of their adjoints, which must know how long the axis was. */
export interface SpreadAxis {
  readonly axis: number;
  readonly size: number;
}

/** y[o, j, i] = x[o, k[o, j, i], i]; inputs x, k, equal in shape except along the axis. */
export const gatherOp = defineOp<LookupAxis>({
  name: 'gather',
  infer: ([x, k]) => [{ shape: k!.shape, dtype: x!.dtype }],
  reference: gatherReference,
  wasm: gatherWasm,
  wgsl: gatherWgsl,
});

/** y[o, k[o, j, i], i] += u[o, j, i] from y = 0; inputs k, u of one shape. The adjoint of gather. */
export const scatterOp = defineOp<SpreadAxis>({
  name: 'scatter',
  infer: ([k, u], { axis, size }) => [
    { shape: k!.shape.map((n, i) => (i === axis ? size : n)), dtype: u!.dtype },
  ],
  reference: scatterReference,
  wasm: scatterWasm,
  wgsl: scatterWgsl,
});

/** y[o, j, i] = x[o, k[j], i]; inputs x, k of any rank. */
export const takeOp = defineOp<LookupAxis>({
  name: 'take',
  infer: ([x, k], { axis }) => [
    { shape: [...x!.shape.slice(0, axis), ...k!.shape, ...x!.shape.slice(axis + 1)], dtype: x!.dtype },
  ],
  reference: takeReference,
  wasm: takeWasm,
  wgsl: takeWgsl,
});

/** y[o, k[j], i] += u[o, j, i] from y = 0; inputs k, u. The adjoint of take. */
export const takeAdjointOp = defineOp<SpreadAxis>({
  name: 'takeAdjoint',
  infer: ([k, u], { axis, size }) => [
    {
      shape: [...u!.shape.slice(0, axis), size, ...u!.shape.slice(axis + k!.shape.length)],
      dtype: u!.dtype,
    },
  ],
  reference: takeAdjointReference,
  wasm: takeAdjointWasm,
  wgsl: takeAdjointWgsl,
});

/**
 * Values picked along one axis, each by its own index: y[…, j, …] = x[…, indices[…, j, …], …]
 * (torch.gather, NumPy take_along_axis). Any dtype.
 *
 * Indices count from 0; one outside the axis gives NaN (0 for integers and bool), as values on a device
 * cannot be checked beforehand.
 *
 * @param indices i32, of x's rank; along other axes no longer than x, whose rest is then not read.
 * @throws ShapeError, DTypeError, AxisError
 */
export function gather(x: Tensor, indices: Tensor, axis: number): Tensor {
  checkTensor('gather', 'argument 1', x);
  checkIndices('gather', indices);
  const along = normaliseAxis('gather', axis, x.rank);
  checkAligned('gather', x, indices, along);
  return scope(() => apply1(gatherOp, [cropTo(x, indices, along), indices], { axis: along, outside: 'nan' }));
}

/**
 * Adds updates at indexed places of one axis: y = x, then y[…, indices[…, j, …], …] += updates[…, j, …]
 * (torch.scatter_add, as a function). f32, c64 or i32. Updates of one place are added in the order of j,
 * so the result does not depend on the number of threads. An index outside the axis is ignored.
 *
 * @param indices i32, of x's rank; along other axes no longer than x.
 * @param updates of the shape of `indices` and the dtype of x.
 * @throws ShapeError, DTypeError, AxisError
 */
export function scatterAdd(x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  checkTensor('scatterAdd', 'argument 1', x);
  checkIndices('scatterAdd', indices);
  checkTensor('scatterAdd', 'argument 3', updates);
  const along = normaliseAxis('scatterAdd', axis, x.rank);
  checkAligned('scatterAdd', x, indices, along);
  checkAddable('scatterAdd', updates);
  const parts = {
    fn: 'scatterAdd',
    argument: 'updates',
    expected: `${x.dtype} ${formatShape(indices.shape)}, as x and indices say`,
    got: formatType(updates),
  };
  if (updates.dtype !== x.dtype) throw new DTypeError(parts);
  if (!sameShape(updates.shape, indices.shape)) throw new ShapeError(parts);
  return scope(() => {
    const sums = apply1(scatterOp, [indices, updates], { axis: along, size: x.shape[along]! });
    return add(x, formatShape(sums.shape) === formatShape(x.shape) ? sums : embed(sums, x.shape));
  });
}

/**
 * Slices picked along one axis: y = x[…, indices, …], the axes of `indices` taking the place of `axis`
 * (NumPy take, torch index_select). Any dtype. An index outside the axis gives NaN (0 for integers and
 * bool).
 *
 * @param indices i32 of any rank.
 * @throws DTypeError, AxisError
 */
export function take(x: Tensor, indices: Tensor, axis: number): Tensor {
  checkTensor('take', 'argument 1', x);
  checkIndices('take', indices);
  return apply1(takeOp, [x, indices], { axis: normaliseAxis('take', axis, x.rank), outside: 'nan' });
}

/**
 * Adjoint of `take`: y[…, indices[j], …] += updates[…, j, …] from y = 0. f32, c64 or i32. Indices outside
 * the axis are ignored; updates of one place are added in order.
 *
 * @param axis of the result; `updates` has the axes of `indices` in its place.
 * @param size of that axis.
 * @throws ShapeError, DTypeError, AxisError
 */
export function takeAdjoint(indices: Tensor, updates: Tensor, axis: number, size: number): Tensor {
  checkIndices('takeAdjoint', indices);
  checkTensor('takeAdjoint', 'argument 2', updates);
  checkAddable('takeAdjoint', updates);
  const along = normaliseAxis('takeAdjoint', axis, Math.max(0, updates.rank - indices.rank + 1));
  checkInteger('takeAdjoint', 'size', size, { min: 0 });
  const placed = updates.shape.slice(along, along + indices.rank);
  if (formatShape(placed) !== formatShape(indices.shape))
    throw new ShapeError({
      fn: 'takeAdjoint',
      argument: 'updates',
      expected: `with axes ${formatShape(indices.shape)} from axis ${along} on`,
      got: formatShape(updates.shape),
    });
  return apply1(takeAdjointOp, [indices, updates], { axis: along, size });
}

function checkIndices(fn: string, indices: Tensor): void {
  checkTensor(fn, 'indices', indices);
  if (indices.dtype !== 'i32')
    throw new DTypeError({
      fn,
      argument: 'indices',
      expected: 'i32',
      got: indices.dtype,
      remedy: "Use cast(indices, 'i32').",
    });
}

function checkAddable(fn: string, updates: Tensor): void {
  if (dtypeInfo[updates.dtype].bytes === 1)
    throw new DTypeError({ fn, argument: 'updates', expected: 'f32, c64 or i32', got: updates.dtype });
}

function checkAligned(fn: string, x: Tensor, indices: Tensor, axis: number): void {
  const fits = indices.rank === x.rank && indices.shape.every((n, i) => i === axis || n <= x.shape[i]!);
  if (!fits)
    throw new ShapeError({
      fn,
      argument: 'indices',
      expected: `of rank ${x.rank} and, except along axis ${axis}, no larger than ${formatShape(x.shape)}`,
      got: formatShape(indices.shape),
    });
}

/** x without what lies beyond the indices along the other axes. */
function cropTo(x: Tensor, indices: Tensor, axis: number): Tensor {
  const same = x.shape.every((n, i) => i === axis || n === indices.shape[i]);
  return same
    ? x
    : slice(
        x,
        x.shape.map((_, i) => (i === axis ? null : [0, indices.shape[i]!])),
      );
}
