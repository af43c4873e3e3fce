import { checkChoice, checkNumber, checkOptions } from '../check.js';
import { checkFloating } from '../dispatch.js';
import { ShapeError } from '../errors.js';
import { abs, abs2, less, mul, sub, where } from '../ops/elementwise/index.js';

import { mean, sum } from '../ops/reduce/index.js';
import { scope } from '../scope.js';
import { formatShape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkReal } from './arguments.js';

export interface LossOptions {
  /** Over all entries: their mean (default), their sum, or no reduction. */
  readonly reduction?: 'mean' | 'sum' | 'none';
}

export interface SmoothL1Options extends LossOptions {
  /** Where the loss turns from quadratic to linear. Default 1; 0 is the l1 loss. */
  readonly beta?: number;
}

const reductions = ['mean', 'sum', 'none'] as const;

function reduce(losses: Tensor, { reduction = 'mean' }: LossOptions): Tensor {
  return reduction === 'none' ? losses : reduction === 'sum' ? sum(losses) : mean(losses);
}

/** x − y, the two of one shape: a loss that broadcast by mistake would still look like a loss. */
function difference(fn: string, x: Tensor, y: Tensor): Tensor {
  if (!sameShape(x.shape, y.shape))
    throw new ShapeError({
      fn,
      argument: 'argument 2',
      expected: `of the shape of argument 1, ${formatShape(x.shape)}`,
      got: formatShape(y.shape),
      remedy: 'Use expand() if broadcasting is meant.',
    });
  return sub(x, y);
}

function checkOperands(
  fn: string,
  x: Tensor,
  y: Tensor,
  options: LossOptions,
  known: readonly string[],
): void {
  checkFloating(fn, 'argument 1', x);
  checkFloating(fn, 'argument 2', y);
  checkOptions(fn, options, known);
  const { reduction = 'mean' } = options;
  checkChoice(fn, 'option reduction', reduction, reductions);
}

/**
 * Mean absolute error |x − y|; for complex data the modulus. Its gradient at x = y is 0.
 *
 * @param x real or complex
 * @param y of the same shape
 * @returns a real scalar, or the entries' losses for reduction 'none'
 */
export function l1Loss(x: Tensor, y: Tensor, options: LossOptions = {}): Tensor {
  checkOperands('l1Loss', x, y, options, ['reduction']);
  return scope(() => reduce(abs(difference('l1Loss', x, y)), options));
}

/**
 * Mean squared error |x − y|². Complex entries count once: over n complex numbers the mean divides by n, where
 * a loss over real and imaginary parts as separate entries would divide by 2n.
 *
 * @param x real or complex
 * @param y of the same shape
 * @returns a real scalar, or the entries' losses for reduction 'none'
 */
export function mseLoss(x: Tensor, y: Tensor, options: LossOptions = {}): Tensor {
  checkOperands('mseLoss', x, y, options, ['reduction']);
  return scope(() => reduce(abs2(difference('mseLoss', x, y)), options));
}

/**
 * Huber's loss divided by beta: with d = |x − y|, d²/(2 beta) where d < beta, else d − beta/2.
 *
 * @param x real
 * @param y of the same shape
 * @returns a real scalar, or the entries' losses for reduction 'none'
 * Reference: Girshick, ICCV 2015, arXiv:1504.08083.
 */
export function smoothL1Loss(x: Tensor, y: Tensor, options: SmoothL1Options = {}): Tensor {
  const fn = 'smoothL1Loss';
  checkReal(fn, 'argument 1', x);
  checkReal(fn, 'argument 2', y);
  checkOperands(fn, x, y, options, ['reduction', 'beta']);
  const { beta = 1 } = options;
  checkNumber(fn, 'option beta', beta, { min: 0 });
  return scope(() => {
    const delta = difference(fn, x, y);
    const distance = abs(delta);
    if (beta === 0) return reduce(distance, options);
    const quadratic = mul(abs2(delta), 0.5 / beta);
    return reduce(where(less(distance, beta), quadratic, sub(distance, beta / 2)), options);
  });
}
