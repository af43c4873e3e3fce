import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import { formatShape, mul, ShapeError, square, type Tensor, type TensorType } from '@adjoint/tensor';
import { checkMask, checkPlane, endsWith } from './spaces.js';

/**
 * Undersampling: y = M ∘ x, zeros where nothing is measured; self-adjoint. M is usually 0 and 1, but may hold
 * weights, which gradients reach.
 *
 * @param mask real [W] (whole columns, for every row) or [H, W] (a 2-D pattern)
 * @param space floating or complex [..., H, W], domain and range
 * @throws ShapeError when the mask does not have the last axes of the space; DTypeError.
 */
export function sampling(mask: Tensor, space: TensorType): LinearOperator {
  const fn = 'sampling';
  checkMask(fn, mask);
  const domain = checkPlane(fn, 'the space', space);
  if (!endsWith(domain.shape, mask.shape))
    throw new ShapeError({
      fn,
      argument: 'mask',
      expected: `[${domain.shape.at(-1)}] or ${formatShape(domain.shape.slice(-2))} to match the space ${formatShape(domain.shape)}`,
      got: formatShape(mask.shape),
    });
  const apply = (x: Tensor): Tensor => mul(x, mask);
  return linearOperator({
    name: 'sampling',
    domain,
    range: domain,
    apply,
    adjoint: apply,
    normal: (x) => mul(x, square(mask)),
  });
}
