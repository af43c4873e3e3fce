import { checkInteger } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { cast, div, mul, sub } from '../elementwise/index.js';
import { checkReduction, type ReduceOptions } from './axes.js';
import { moments } from './moments.js';
import { checkFloat, norm } from './norm.js';
import { sum } from './sum.js';

/**
 * Mean over axes: Σ x / n. f32 and c64 keep their dtype, integers and bool give f32. NaN over an empty axis.
 *
 * @throws AxisError
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkTensor('mean', 'the argument', x);
  const { count } = checkReduction('mean', x.shape, options);
  const { kind } = dtypeInfo[x.dtype];
  const isFloat = kind === 'float' || kind === 'complex';
  return scope(() => div(isFloat ? sum(x, options) : cast(sum(x, options), 'f32'), count));
}

export interface VarianceOptions extends ReduceOptions {
  /** The sum of squares is divided by n − correction. Default 1 (unbiased), as PyTorch; NumPy has 0. */
  readonly correction?: number;
}

interface Dispersion {
  readonly reduce: ReduceOptions;
  readonly count: number;
  /** n − correction. */
  readonly freedom: number;
}

function checkDispersion(fn: string, x: Tensor, options: VarianceOptions): Dispersion {
  checkTensor(fn, 'the argument', x);
  const { axes, count } = checkReduction(fn, x.shape, options, ['axes', 'keepDims', 'correction']);
  checkFloat(fn, x.dtype);
  const { correction = 1, keepDims = false } = options;
  checkInteger(fn, 'option correction', correction, { min: 0 });
  if (count <= correction)
    throw new ShapeError({
      fn,
      argument: 'the argument',
      expected: `of more than ${correction} elements along the reduced axes`,
      got: formatShape(x.shape),
      remedy: 'Use { correction: 0 } for the variance of the elements themselves.',
    });
  return { reduce: { axes, keepDims }, count, freedom: count - correction };
}

/**
 * Variance over axes: Σ |x − mean|² / (n − correction). f32 or c64, result f32; stable (see `moments`).
 *
 * @throws DTypeError for integers and bool, ShapeError unless n > correction, AxisError, ArgumentError.
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  const { reduce, count, freedom } = checkDispersion('variance', x, options);
  return scope(() => mul(moments(x, reduce).variance, count / freedom));
}

/**
 * Standard deviation over axes: ‖x − mean‖₂ / (n − correction)^½. f32 or c64, result f32. Where all
 * elements are equal its gradient is 0, never NaN.
 *
 * @throws as `variance`
 */
export function std(x: Tensor, options: VarianceOptions = {}): Tensor {
  const { reduce, freedom } = checkDispersion('std', x, options);
  return scope(() => {
    const deviation = sub(x, mean(x, { ...reduce, keepDims: true }));
    return div(norm(deviation, reduce), Math.sqrt(freedom));
  });
}
