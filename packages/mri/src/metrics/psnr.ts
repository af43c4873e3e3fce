import { type Comparison, compare, type MetricOptions } from './comparison.js';
import type { Images } from './images.js';
import { type Sums, sums } from './squaredError.js';

/**
 * Peak signal-to-noise ratio in dB, 10 log10(L²/MSE), the MSE over all images together; with `dataRange: 'slice'`
 * the mean of the images' ratios. Infinity for equal images.
 *
 * @param reference g, real [..., H, W]; gives L = max g after matching, unless the option says otherwise
 * @param image r, of the same shape
 * @returns NaN if either has NaN in the region, or L is one
 * @throws NumericalError if L would not be positive, or no pixel is in the region; ShapeError, DTypeError as `mse`
 */
export const psnr = async (reference: Images, image: Images, options: MetricOptions = {}): Promise<number> =>
  peakRatio(await compare('psnr', reference, image, options));

export function peakRatio({ pair, range, ranges, selection }: Comparison): number {
  const ratio = (peak: number, { error, pixels }: Sums) => 10 * Math.log10((peak * peak * pixels) / error);
  if (range !== 'slice') return ratio(ranges[0]!, sums(pair, selection));
  const single = Array.from(ranges.keys(), (i) => ({ peak: ranges[i]!, sums: sums(pair, selection, i) }));
  const scored = single.filter((one) => one.sums.pixels > 0);
  return scored.reduce((total, one) => total + ratio(one.peak, one.sums), 0) / scored.length;
}
