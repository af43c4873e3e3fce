import {
  abs2,
  conj,
  div,
  formatShape,
  isComplex,
  isDouble,
  maximum,
  mul,
  ShapeError,
  sameShape,
  scope,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { checkCoilStack } from './coilStack.js';

/**
 * Combines coil images by their sensitivities: x = Σ_c conj(S_c) z_c / Σ_c |S_c|², the least-squares solution of
 * z_c = S_c x, best for white noise (Roemer et al., MRM 16 (1990)). 0 where all sensitivities are 0.
 *
 * @param coilImages floating or complex [..., coils, H, W]
 * @param maps [..., coils, H, W] of the same coils and size; leading axes broadcast.
 * @returns [..., H, W]
 * @throws ShapeError, DTypeError
 */
export function senseCombine(coilImages: Tensor, maps: Tensor): Tensor {
  const fn = 'senseCombine';
  checkCoilStack(fn, 'coilImages', coilImages);
  checkCoilStack(fn, 'maps', maps);
  if (!sameShape(coilImages.shape.slice(-3), maps.shape.slice(-3)))
    throw new ShapeError({
      fn,
      argument: 'maps',
      expected: `[..., ${coilImages.shape.slice(-3).join(', ')}] to match the coil images`,
      got: formatShape(maps.shape),
      remedy: 'Crop or re-estimate the maps.',
    });
  return scope(() => {
    const weights = isComplex(maps.dtype) ? conj(maps) : maps;
    const energy = sum(abs2(maps), { axes: -3 });
    // the least normal number: only maps that are 0 are below
    const smallest = isDouble(maps.dtype) ? 2.3e-308 : 1.2e-38;
    return div(sum(mul(weights, coilImages), { axes: -3 }), maximum(energy, smallest));
  });
}
