import { checkFloating } from '../dispatch.js';
import { ShapeError } from '../errors.js';
import { add } from '../ops/elementwise/index.js';
import { matmul } from '../ops/matmul/index.js';
import { swapAxes } from '../ops/view/index.js';
import { scope } from '../scope.js';
import { formatShape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/**
 * Affine map of the last axis: y = x Wᵀ + b (no conjugation).
 *
 * @param x `[…, in]`, real or complex
 * @param weight `[out, in]`, as PyTorch stores it
 * @param bias `[out]`
 * @returns `[…, out]`
 * @throws ShapeError when the sizes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const fn = 'linear';
  checkFloating(fn, 'argument 1', x);
  checkFloating(fn, 'weight', weight);
  if (weight.rank !== 2 || x.rank === 0 || x.shape.at(-1) !== weight.shape[1])
    throw new ShapeError({
      fn,
      argument: 'weight',
      expected: `[out, in] with in = the last axis of x, ${formatShape(x.shape)}`,
      got: formatShape(weight.shape),
    });
  if (bias !== undefined) checkBias(bias, weight);
  return scope(() => {
    const y = matmul(x, swapAxes(weight, 0, 1));
    return bias === undefined ? y : add(y, bias);
  });
}

function checkBias(bias: Tensor, weight: Tensor): void {
  const fn = 'linear';
  checkFloating(fn, 'bias', bias);
  if (bias.rank !== 1 || bias.shape[0] !== weight.shape[0])
    throw new ShapeError({
      fn,
      argument: 'bias',
      expected: `of shape [${weight.shape[0]}], as weight ${formatShape(weight.shape)} has outputs`,
      got: formatShape(bias.shape),
    });
}
