import type { Measurement } from '@adjoint/mri';
import {
  checkNumber,
  checkOptions,
  complexNormal,
  div,
  foldIn,
  formatType,
  isComplex,
  type Key,
  key as makeKey,
  maximum,
  mul,
  ShapeError,
  scope,
  Tensor,
  where,
} from '@adjoint/tensor';
import { lengths } from './ball.js';

export interface GaussianControlOptions {
  /** ‖e‖₂ of every slice, or one for each: [..., 1, 1, 1]. */
  readonly norm: number | Tensor;
  /** Default key(0). */
  readonly key?: Key | undefined;
}

/**
 * The control of every attack: circular complex white noise on the sampled entries only, scaled to a norm. Noise on all of k-space,
 * most of which the mask takes away, would understate what chance does.
 *
 * @returns e, of the shape of the measurement's k-space, zero where nothing was sampled
 * @example const noise = gaussianControl(m, { norm: lengthOfTheAttack, key: key(7) });
 */
export function gaussianControl(
  { kspace, mask }: Pick<Measurement, 'kspace' | 'mask'>,
  options: GaussianControlOptions,
): Tensor {
  const fn = 'gaussianControl';
  const { norm, key = makeKey(0, { device: kspace.device }) } = checkOptions(fn, options, ['norm', 'key']);
  if (!(norm instanceof Tensor)) checkNumber(fn, 'option norm', norm, { min: 0 });
  if (!isComplex(kspace.dtype) || kspace.rank < 3)
    throw new ShapeError({
      ...{ fn, argument: 'kspace', expected: 'complex [..., coils, H, W]', got: formatType(kspace) },
    });
  return scope(() => {
    const draws = complexNormal(foldIn(key, 'control'), kspace.shape, { dtype: kspace.dtype as 'c64' });
    const noise = where(mask, draws, 0);
    return mul(noise, div(norm, maximum(lengths(noise), 1e-30)));
  });
}
