import { checkTensor } from '../../dispatch.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { notEqual } from '../elementwise/index.js';
import { checkReduction, type ReduceOptions } from './axes.js';
import { max, min } from './extremum.js';
import { sum } from './sum.js';

/** Truth of every element: not equal to 0. */
const truth = (x: Tensor): Tensor => (x.dtype === 'bool' ? x : notEqual(x, 0));

/** Whether any element over the axes is not 0: bool; NaN counts as not 0; false over an empty axis. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('any', 'the argument', x);
  checkReduction('any', x.shape, options);
  return scope(() => max(truth(x), options));
}

/** Whether all elements over the axes are not 0: bool; true over an empty axis. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('all', 'the argument', x);
  checkReduction('all', x.shape, options);
  return scope(() => min(truth(x), options));
}

/** How many elements over the axes are not 0: i32. */
export function countNonzero(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('countNonzero', 'the argument', x);
  checkReduction('countNonzero', x.shape, options);
  return scope(() => sum(truth(x), options));
}
