import { norm, type Tensor } from '@adjoint/tensor';
import { checkCoilStack } from './coilStack.js';

/**
 * Root sum of squares over the coils: √(Σ_c |z_c|²). The gradient is 0 where all coils are 0.
 *
 * @param coilImages floating or complex [..., coils, H, W]
 * @returns real [..., H, W]
 * @throws ShapeError, DTypeError
 */
export const rss = (coilImages: Tensor): Tensor =>
  norm(checkCoilStack('rss', 'coilImages', coilImages), { axes: -3 });
