import {
  abs2,
  checkFloating,
  checkNumber,
  complexNormal,
  DTypeError,
  isComplex,
  type Key,
  mean,
  mul,
  ShapeError,
  scope,
  sqrt,
  type Tensor,
} from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';

export interface NoisyKspace {
  /** c64 [..., coils, H, W] */
  readonly kspace: Tensor;
  /** σ with E|n|² = σ² for every sample, f32 [...]. */
  readonly noiseDeviation: Tensor;
}

/**
 * k + n with circular complex white noise n of a stated signal-to-noise ratio, one slice at a time:
 *
 *     SNR = 10 log10( Σ|k|² / E Σ|n|² ) dB,
 *
 * the sums over all coils and samples of the slice. By Parseval it is the ratio of energies of the coil images, too.
 *
 * @param kspace c64 [..., coils, H, W]
 * @param snr in dB; Infinity adds nothing.
 * @throws ArgumentError, DTypeError, ShapeError
 */
export function addNoise(kspace: Tensor, snr: number, key: Key): NoisyKspace {
  const fn = 'addNoise';
  const { dtype, shape, rank } = checkFloating(fn, 'argument 1', kspace);
  if (!isComplex(dtype))
    throw new DTypeError({ fn, argument: 'argument 1', expected: 'complex k-space', got: dtype });
  if (rank < 3)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: '[..., coils, H, W]',
      got: `${rank} axes`,
    });
  if (snr !== Infinity) checkNumber(fn, 'snr', snr);
  return scope(() => {
    const power = mean(abs2(kspace), { axes: [-3, -2, -1], keepDims: true });
    const deviation = sqrt(mul(power, 10 ** (-snr / 10)));
    const noise = onBehalf(fn, () => complexNormal(key, shape, { dtype: dtype === 'c128' ? 'c128' : 'c64' }));
    return {
      kspace: kspace.add(mul(deviation, noise)),
      noiseDeviation: deviation.reshape(shape.slice(0, -3)),
    };
  });
}
