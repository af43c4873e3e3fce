import { apply1, checkTensor } from '../../dispatch.js';
import { defineOp, type Op } from '../../op.js';
import { scope } from '../../scope.js';
import type { TensorType } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkNotEmpty, checkReduction, gatherAxes, type ReduceOptions, shaped } from './axes.js';
import { extremumReference } from './extremum.reference.js';
import { extremumWasm } from './extremum.wasm.js';
import { extremumWgsl } from './extremum.wgsl.js';
import { checkOrdered } from './order.js';
import { extentsOf, type Span, withoutSpan } from './span.js';
import { fusesLoad } from './staging.wasm.js';

function infer(fn: string, x: TensorType, span: Span): TensorType[] {
  checkOrdered(fn, x.dtype);
  // Over nothing only "any" and "all" have a value.
  if (x.dtype !== 'bool') checkNotEmpty(fn, x, extentsOf(x.shape, span).n);
  return [{ shape: withoutSpan(x.shape, span), dtype: x.dtype }];
}

/** y[o, i] = max_k x[o, k, i]; NaN if there is one; over an empty axis of bool: false. */
export const maxOp = defineOp<Span>({
  name: 'max',
  infer: ([x], span) => infer('max', x!, span),
  reference: extremumReference('max'),
  fuses: fusesLoad,
  wasm: extremumWasm('max'),
  wgsl: extremumWgsl('max'),
});

/** y[o, i] = min_k x[o, k, i]; NaN if there is one; over an empty axis of bool: true. */
export const minOp = defineOp<Span>({
  name: 'min',
  infer: ([x], span) => infer('min', x!, span),
  reference: extremumReference('min'),
  fuses: fusesLoad,
  wasm: extremumWasm('min'),
  wgsl: extremumWgsl('min'),
});

/** Applies a reduction that wants its axes beside each other. */
export function reduceWith(fn: string, op: Op<Span>, x: Tensor, options: ReduceOptions): Tensor {
  checkTensor(fn, 'the argument', x);
  const { axes, resultShape } = checkReduction(fn, x.shape, options);
  return scope(() => {
    const gathered = gatherAxes(x, axes);
    return shaped(apply1(op, [gathered.x], gathered.span), resultShape);
  });
}

/**
 * Largest value over axes. Real dtypes. A NaN gives NaN. Where several entries are equal to the maximum,
 * the gradient is divided evenly among them (as torch.amax).
 *
 * @throws DTypeError for complex input, ShapeError for an empty axis, AxisError.
 */
export const max = (x: Tensor, options: ReduceOptions = {}): Tensor => reduceWith('max', maxOp, x, options);

/** Smallest value over axes: otherwise as `max`. */
export const min = (x: Tensor, options: ReduceOptions = {}): Tensor => reduceWith('min', minOp, x, options);
