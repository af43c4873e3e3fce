import { checkOptions } from '../check.js';
import { div, exp, log, sub } from '../ops/elementwise/index.js';

import { max, sum } from '../ops/reduce/index.js';
import { stopGradient } from '../ops/view/index.js';
import { scope } from '../scope.js';
import { normaliseAxis } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkReal } from './arguments.js';

export interface SoftmaxOptions {
  /** The axis along which results sum to 1. Default −1. */
  readonly axis?: number;
}

/** x less its largest entry along the axis, so that exp cannot overflow: neither function notices the shift. */
function shifted(fn: string, x: Tensor, options: SoftmaxOptions): { shift: Tensor; axes: number } {
  checkReal(fn, 'argument 1', x);
  checkOptions(fn, options, ['axis']);
  const { axis = -1 } = options;
  const axes = normaliseAxis(fn, axis, x.rank, 'option axis');
  if (x.shape[axes] === 0) return { shift: x, axes };
  return { shift: sub(x, stopGradient(max(x, { axes, keepDims: true }))), axes };
}

/**
 * exp(x) / sum exp(x) along an axis, without overflow.
 * @param x real, of rank 1 or more
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return scope(() => {
    const { shift, axes } = shifted('softmax', x, options);
    const powers = exp(shift);
    return div(powers, sum(powers, { axes, keepDims: true }));
  });
}

/**
 * log(softmax(x)) along an axis, exact also where softmax underflows.
 * @param x real, of rank 1 or more
 */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return scope(() => {
    const { shift, axes } = shifted('logSoftmax', x, options);
    return sub(shift, log(sum(exp(shift), { axes, keepDims: true })));
  });
}
