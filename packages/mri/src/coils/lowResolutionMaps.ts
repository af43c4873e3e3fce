import {
  centredIfft,
  checkInteger,
  checkNumber,
  checkOptions,
  div,
  embed,
  greater,
  max,
  maximum,
  mul,
  norm,
  scope,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import type { Measurement } from '../measurement.js';
import { type CalibrationBlock, readCalibrationBlock } from './calibrationBlock.js';
import { calibrationSource, overSlices } from './calibrationSource.js';
import { complexTypeOf } from './coilStack.js';

export interface LowResolutionOptions {
  /** Largest side of the region of k-space that is used, default 24. */
  readonly calibration?: number;
  /** Maps are 0 where their images' root sum of squares is at most this part of its largest value; default 0. */
  readonly crop?: number;
  /** Real [W] or [H, W], for bare k-space; default: what is not 0 was sampled. */
  readonly mask?: Tensor;
}

/**
 * Coil sensitivities from low-resolution images: s_c = z_c / √(Σ_c |z_c|²), z_c the inverse transform of the fully
 * sampled centre of k-space under a Hann window (McKenzie et al., MRM 47 (2002)). Quick, and good where
 * sensitivities are smooth and images too; `espirit` is better at edges. The phase is that of the object.
 *
 * @param source a measurement, or bare k-space [..., coils, H, W]; zeros where nothing was measured
 * @returns complex [..., coils, H, W] with Σ_c |s_c|² = 1, or 0 where there is no signal
 * @throws NumericalError where there is NaN, no signal or a hole in the centre; ShapeError, DTypeError,
 * ArgumentError.
 */
export async function lowResolutionMaps(
  source: Measurement | Tensor,
  options: LowResolutionOptions = {},
): Promise<Tensor> {
  const fn = 'lowResolutionMaps';
  const { calibration = 24, crop = 0, mask } = checkOptions(fn, options, ['calibration', 'crop', 'mask']);
  checkInteger(fn, 'option calibration', calibration, { min: 1 });
  checkNumber(fn, 'option crop', crop, { min: 0, max: 1 });
  const from = calibrationSource(fn, source, mask);
  const { maps } = await overSlices(from, async (kspace, sampled) => {
    const block = await readCalibrationBlock(fn, kspace, sampled, calibration);
    return { maps: scope(() => mapsOf(block, kspace, crop)) };
  });
  return maps;
}

function mapsOf(block: CalibrationBlock, kspace: Tensor, crop: number): Tensor {
  const { coils, rows, columns, firstRow, firstColumn } = block;
  const target = { dtype: complexTypeOf(kspace), device: kspace.device };
  const centre = tensor(windowed(block), { shape: [coils, rows, columns], ...target });
  const images = centredIfft(embed(centre, kspace.shape, { start: [0, firstRow, firstColumn] }));
  const size = norm(images, { axes: 0, keepDims: true });
  // the block is scaled to 1: only where there is nothing at all is it below
  return mul(div(images, maximum(size, 1e-30)), greater(size, mul(max(size), crop)));
}

/** The block times a Hann window that is 0 just outside it, scaled to a largest entry of 1. */
function windowed({ coils, rows, columns, re, im }: CalibrationBlock): Float64Array {
  const hann = (i: number, n: number): number =>
    0.5 + 0.5 * Math.cos((2 * Math.PI * (i - (n - 1) / 2)) / (n + 1));
  const scale = 1 / re.reduce((most, value, i) => Math.max(most, Math.hypot(value, im[i]!)), 0);
  const values = new Float64Array(2 * coils * rows * columns);
  for (let i = 0; i < re.length; i++) {
    const weight = scale * hann(Math.floor(i / columns) % rows, rows) * hann(i % columns, columns);
    values[2 * i] = re[i]! * weight;
    values[2 * i + 1] = im[i]! * weight;
  }
  return values;
}
