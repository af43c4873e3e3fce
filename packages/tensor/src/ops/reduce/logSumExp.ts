import { checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { DTypeError } from '../../errors.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { add, exp, full, isFinite as isFiniteEach, log, sub, where } from '../elementwise/index.js';
import { stopGradient } from '../view/index.js';
import { checkNotEmpty, checkReduction, type ReduceOptions, shaped } from './axes.js';
import { max } from './extremum.js';
import { sum } from './sum.js';

/**
 * y = log Σ exp(x) over axes, without overflow: the largest entry m is taken out first,
 * y = m + log Σ exp(x − m). f32. The gradient is ȳ softmax(x).
 *
 * @throws DTypeError unless real floating, ShapeError for an empty axis, AxisError.
 */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('logSumExp', 'the argument', x);
  const { axes, count, resultShape } = checkReduction('logSumExp', x.shape, options);
  if (dtypeInfo[x.dtype].kind !== 'float')
    throw new DTypeError({ fn: 'logSumExp', argument: 'the argument', expected: 'f32', got: x.dtype });
  checkNotEmpty('logSumExp', x, count);
  return scope(() => {
    const largest = stopGradient(max(x, { axes, keepDims: true }));
    // ±∞ minus itself would be NaN: an infinite maximum is not taken out.
    const shift = where(isFiniteEach(largest), largest, full([], 0, { dtype: x.dtype, device: x.device }));
    const total = sum(exp(sub(x, shift)), { axes, keepDims: true });
    return shaped(add(shift, log(total)), resultShape);
  });
}
