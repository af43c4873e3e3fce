import { apply1 } from '../../dispatch.js';
import { defineOp } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { argsortReference } from './argsort.reference.js';
import { argsortWasm } from './argsort.wasm.js';
import { argsortWgsl } from './argsort.wgsl.js';

export interface Order {
  readonly descending: boolean;
}

/** Indices that put every row (last axis) in order, equal elements staying in theirs. NaN is largest. */
export const argsortOp = defineOp<Order>({
  name: 'argsort',
  infer: ([x]) => [{ shape: x!.shape, dtype: 'i32' }],
  reference: argsortReference,
  wasm: argsortWasm,
  wgsl: argsortWgsl,
});

/** Order of the rows of a tensor of rank 1 or more. */
export const orderOf = (rows: Tensor, descending: boolean): Tensor =>
  apply1(argsortOp, [rows], { descending });
