import {
  checkNumber,
  checkOptions,
  greater,
  mul,
  scope,
  squeeze,
  type Tensor,
  unsqueeze,
} from '@adjoint/tensor';
import type { Measurement } from '../measurement.js';
import { type CalibrationOptions, calibrationOptionNames, eigenmapsOf } from './espiritEigenmaps.js';

export interface EspiritOptions extends CalibrationOptions {
  /** Maps are 0 where their eigenvalue is not larger; default 0.8. */
  readonly crop?: number;
}

/**
 * Coil sensitivities from the fully sampled centre of k-space, as BART's `ecalib` (ESPIRiT: Uecker et al., MRM 71
 * (2014)). At every point r they are the unit eigenvector of the largest eigenvalue of
 *
 *     G(r) = 1/k² Σ_j w_j(r) w_j(r)^H
 *
 * with w_j the k x k kernels that span the row space of the calibration matrix. The eigenvalue is 1 where one set of
 * sensitivities explains the data, and about 0.6 in the background: where it is not larger than `crop` the
 * maps are 0. Elsewhere Σ_c |s_c|² = 1. The second largest eigenvalue gives a second set, and so on, which
 * describes an object larger than the field of view. One coil gets the map 1.
 *
 * @param source a measurement, or bare k-space [..., coils, H, W]; zeros where nothing was measured. Every slice is
 * calibrated by itself.
 * @returns complex [..., coils, H, W]; with option `sets` [..., sets, coils, H, W]
 * @throws NumericalError where there is NaN, no signal, a hole in the centre, or a calibration region smaller than
 * the kernel; ShapeError, DTypeError, ArgumentError; the reason of `signal`.
 * @example const maps = await espirit(m);
 * @example const maps = await espirit(kspace, { crop: 0.9, sets: 2 });
 */
export async function espirit(source: Measurement | Tensor, options: EspiritOptions = {}): Promise<Tensor> {
  const fn = 'espirit';
  checkOptions(fn, options, [...calibrationOptionNames, 'crop']);
  const { crop = 0.8, ...calibration } = options;
  checkNumber(fn, 'option crop', crop, { min: 0, max: 1 });
  const { vectors, values } = await eigenmapsOf(fn, source, calibration);
  try {
    return scope(() => {
      const maps = mul(vectors, greater(unsqueeze(values, -3), crop));
      return options.sets === undefined ? squeeze(maps, -4) : maps;
    });
  } finally {
    vectors.dispose();
    values.dispose();
  }
}
