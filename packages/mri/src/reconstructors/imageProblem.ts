import { abs, abs2, add, type Key, max, mul, sub, sum, type Tensor, unsqueeze, zeros } from '@adjoint/tensor';
import type { Measurement } from '../measurement.js';
import { senseSystem } from '../operators/index.js';
import type { Params, ReconstructionProblem } from '../reconstructor.js';
import type { Scaling } from './scaledSystem.js';

export interface ImageProblemOptions {
  readonly lambda: number;
  readonly scaling: Scaling;
  /** R(x), summed over all slices; a real scalar. */
  readonly value: (x: Tensor) => Tensor;
}

/**
 * ½‖A x − y‖² + λ R(x) as an optimisation problem whose parameters are the complex images themselves.
 *
 * @param maps which also say how large the images are, and where they live
 * @internal
 */
export function imageProblem(maps: Tensor, options: ImageProblemOptions): ReconstructionProblem {
  const { lambda, scaling, value } = options;
  const shape = [...maps.shape.slice(0, -3), ...maps.shape.slice(-2)];
  const imageOf = (params: Params): Tensor => (params as { readonly image: Tensor }).image;
  return {
    init: (_key: Key) => ({ image: zeros(shape, { dtype: maps.dtype, device: maps.device }) }),
    objective(params: Params, kspace: Tensor, { mask }: Measurement) {
      const x = imageOf(params);
      const { operator, data } = senseSystem(maps, mask, kspace, { batch: x.shape.slice(0, -2) });
      const misfit = mul(sum(abs2(sub(operator.apply(x), data))), 0.5);
      const unit = scaling === 'absolute' ? 1 : max(abs(operator.adjoint(data)));
      return add(misfit, mul(mul(value(x), unit), lambda));
    },
    coilImages: (params: Params) => mul(maps, unsqueeze(imageOf(params), -3)),
  };
}
