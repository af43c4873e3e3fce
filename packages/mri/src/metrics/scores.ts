import { checkOptions } from '@adjoint/tensor';
import { compare, type MetricOptions } from './comparison.js';
import type { Images } from './images.js';
import { peakRatio } from './psnr.js';
import { selectPixels } from './region.js';
import { normalisedError, sums } from './squaredError.js';
import { structuralSimilarity } from './ssim.js';
import { type VifOptions, visualFidelity } from './vif.js';

/** Every score of a reconstruction. */
export interface Scores {
  readonly ssim: number;
  readonly psnr: number;
  readonly nmse: number;
  readonly mse: number;
  readonly vif: number;
  /** Over pixels above 8 % of the reference's maximum: a clean background alone does not count. */
  readonly ssim_foreground: number;
  readonly psnr_foreground: number;
}

export interface ScoresOptions extends Pick<MetricOptions, 'matching' | 'dataRange'> {
  /** Of VIF; default 'mean'. */
  readonly noiseVariance?: VifOptions['noiseVariance'];
}

/**
 * All metrics of one or more images. SSIM, PSNR and VIF are taken after intensities were matched, by default
 * `rec_to_gt`; NMSE and MSE of the images as they are. `matching: 'none'` scores a volume as fastMRI's evaluation
 * does: data range of the volume, SSIM averaged over slices, errors summed over them.
 *
 * @param reference real [..., H, W], H and W at least 7
 * @param image of the same shape
 * @throws ShapeError, DTypeError, NumericalError as `ssim`, `nmse` and `vif`
 * @example const { ssim, psnr_foreground } = await scores(reference, image);
 */
export async function scores(reference: Images, image: Images, options: ScoresOptions = {}): Promise<Scores> {
  const fn = 'scores';
  checkOptions(fn, options, ['matching', 'dataRange', 'noiseVariance']);
  const { matching = 'rec_to_gt', dataRange, noiseVariance = 'mean' } = options;
  const whole = await compare(fn, reference, image, { matching, dataRange });
  const { given, range } = whole;
  const foreground = { ...whole, selection: await selectPixels(fn, given, 'foreground', range) };
  const { error, pixels } = sums(given);
  return {
    ssim: structuralSimilarity(fn, whole),
    psnr: peakRatio(whole),
    nmse: normalisedError(fn, given),
    mse: error / pixels,
    vif: visualFidelity(fn, whole.pair, noiseVariance),
    ssim_foreground: structuralSimilarity(fn, foreground),
    psnr_foreground: peakRatio(foreground),
  };
}
