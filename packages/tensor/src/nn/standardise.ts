import { add, mul, rsqrt, sub } from '../ops/elementwise/index.js';
import type { Moments } from '../ops/reduce/index.js';
import { reshape } from '../ops/view/index.js';
import type { Tensor } from '../tensor.js';

/** The learnt part of a normalisation layer: y ↦ y · weight + bias. */
export interface Affine {
  readonly weight?: Tensor;
  readonly bias?: Tensor;
}

/**
 * (x − mean) / √(variance + eps) · weight + bias, everything broadcasting against x. Subtracting first keeps
 * the digits of data far from 0; weight and root meet before they meet x, where they are small.
 */
export function standardise(x: Tensor, { mean, variance }: Moments, eps: number, affine: Affine): Tensor {
  const { weight, bias } = affine;
  const scale = rsqrt(add(variance, eps));
  const y = mul(sub(x, mean), weight ? mul(scale, weight) : scale);
  return bias ? add(y, bias) : y;
}

/** Weight and bias in another shape. */
export const reshapeAffine = ({ weight, bias }: Affine, shape: readonly number[]): Affine => ({
  weight: weight && reshape(weight, shape),
  bias: bias && reshape(bias, shape),
});

/** Shape of a per-channel vector that lies along the channels of `[N, C, …]`. */
export const channelShape = (x: Tensor): number[] => [x.shape[1]!, ...new Array<number>(x.rank - 2).fill(1)];
