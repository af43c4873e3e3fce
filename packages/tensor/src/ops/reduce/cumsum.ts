import { checkOptions } from '../../check.js';
import { apply1, checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { ArgumentError, describe } from '../../errors.js';
import { defineOp } from '../../op.js';
import { normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';

import { cumsumReference } from './cumsum.reference.js';
import { cumsumWasm } from './cumsum.wasm.js';
import { cumsumWgsl } from './cumsum.wgsl.js';

export interface CumsumAttrs {
  readonly axis: number;
  readonly reverse: boolean;
}

/** y[o, k, i] = Σ_{l ≤ k} x[o, l, i], or over l ≥ k in reverse; integers and bool add up to i32. */
export const cumsumOp = defineOp<CumsumAttrs>({
  name: 'cumsum',
  infer: ([x]) => {
    const { kind } = dtypeInfo[x!.dtype];
    return [{ shape: x!.shape, dtype: kind === 'integer' || kind === 'bool' ? 'i32' : x!.dtype }];
  },
  reference: cumsumReference,
  wasm: cumsumWasm,
  wgsl: cumsumWgsl,
});

export interface CumsumOptions {
  /** Default −1. */
  readonly axis?: number;
  /** Sum from the end: y[k] = Σ_{l ≥ k} x[l]. Default false. */
  readonly reverse?: boolean;
}

/**
 * Running sum along an axis: y[k] = Σ_{l ≤ k} x[l]. Dtypes and accuracy as `sum`. C-linear; its adjoint is
 * the running sum from the other end.
 *
 * @throws AxisError, ArgumentError
 */
export function cumsum(x: Tensor, options: CumsumOptions = {}): Tensor {
  checkTensor('cumsum', 'argument 1', x);
  checkOptions('cumsum', options, ['axis', 'reverse']);
  const { axis = -1, reverse = false } = options;
  if (typeof reverse !== 'boolean')
    throw new ArgumentError({
      fn: 'cumsum',
      argument: 'option reverse',
      expected: 'true or false',
      got: describe(reverse),
    });
  return apply1(cumsumOp, [x], { axis: normaliseAxis('cumsum', axis, x.rank), reverse });
}
