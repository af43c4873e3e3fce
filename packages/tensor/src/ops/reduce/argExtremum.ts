import { defineOp, type Op } from '../../op.js';
import type { Tensor } from '../../tensor.js';
import { argExtremumWasm, fusesArgExtremum } from './argExtremum.wasm.js';
import { argExtremumWgsl } from './argExtremum.wgsl.js';
import { checkNotEmpty, type ReduceOptions } from './axes.js';
import { reduceWith } from './extremum.js';
import { argExtremumReference, type Extremum } from './extremum.reference.js';
import { checkOrdered } from './order.js';
import { extentsOf, type Span, withoutSpan } from './span.js';

const argOp = (name: 'argmax' | 'argmin', which: Extremum): Op<Span> =>
  defineOp<Span>({
    name,
    infer: ([x], span) => {
      checkOrdered(name, x!.dtype);
      checkNotEmpty(name, x!, extentsOf(x!.shape, span).n);
      return [{ shape: withoutSpan(x!.shape, span), dtype: 'i32' }];
    },
    reference: argExtremumReference(which),
    fuses: fusesArgExtremum,
    wasm: argExtremumWasm(which),
    wgsl: argExtremumWgsl(which),
  });

/** y[o, i] = the first k at which x[o, k, i] is largest. */
export const argmaxOp = argOp('argmax', 'max');
/** y[o, i] = the first k at which x[o, k, i] is smallest. */
export const argminOp = argOp('argmin', 'min');

/**
 * Where the largest value is: i32 index into the reduced axes, in row-major order if there are several
 * (default: all). The first of equals; a NaN counts as largest.
 *
 * @throws DTypeError for complex input, ShapeError for an empty axis, AxisError.
 */
export const argmax = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  reduceWith('argmax', argmaxOp, x, options);

/** Where the smallest value is; a NaN counts as smallest. Otherwise as `argmax`. */
export const argmin = (x: Tensor, options: ReduceOptions = {}): Tensor =>
  reduceWith('argmin', argminOp, x, options);
