import { checkOptions, ShapeError } from '@adjoint/tensor';
import { type Comparison, compare, type MetricOptions } from './comparison.js';
import { type Images, imageOf } from './images.js';
import { emptyRegion } from './region.js';
import { similarity, windowSize } from './similarity.js';

/**
 * Structural similarity as fastMRI and scikit-image compute it: windows of 7 x 7 pixels with equal weights, sample
 * covariances, K1 = 0.01, K2 = 0.03, the mean over all whole windows (a border of 3 pixels is dropped) of
 *
 *     S = (2 μg μr + C1)(2 σgr + C2) / ((μg² + μr² + C1)(σg² + σr² + C2)),   C1 = (K1 L)²,  C2 = (K2 L)²,
 *
 * and the mean over images. Computed in double precision. A region selects windows by their centres; images without
 * any do not count. Reference: Wang et al. 2004.
 *
 * @param reference g, real [..., H, W], H and W at least 7; gives L = max g after matching, unless the option says
 *   otherwise
 * @param image r, of the same shape
 * @returns at most 1; NaN if a window in the region has NaN, or L is one
 * @throws ShapeError for images smaller than the window or of two shapes, DTypeError for complex ones,
 *   NumericalError if L would not be positive, or no window is in the region
 * @example await ssim(reference, image, { matching: 'rec_to_gt', region: 'foreground' })
 */
export const ssim = async (reference: Images, image: Images, options: MetricOptions = {}): Promise<number> =>
  structuralSimilarity('ssim', await compare('ssim', reference, image, options));

/**
 * The score S of every whole window, at place [i, j] that of rows i … i + 6 and columns j … j + 6: where a
 * reconstruction is unlike the reference. `ssim` is its mean.
 *
 * @param reference real [..., H, W], as for `ssim`
 * @param image of the same shape
 * @returns double precision [..., H − 6, W − 6]
 * @throws as `ssim`
 */
export async function ssimMap(
  reference: Images,
  image: Images,
  options: Omit<MetricOptions, 'region'> = {},
): Promise<{ shape: number[]; data: Float64Array }> {
  const fn = 'ssimMap';
  checkOptions(fn, options, ['matching', 'dataRange']);
  const comparison = await compare(fn, reference, image, options);
  const { count, height, width, shape } = comparison.pair;
  checkWindow(fn, height, width);
  const [rows, columns] = [height - windowSize + 1, width - windowSize + 1];
  const data = new Float64Array(count * rows * columns);
  for (let k = 0; k < count; k++) data.set(windowScores(comparison, k), k * rows * columns);
  return { shape: [...shape.slice(0, -2), rows, columns], data };
}

export function structuralSimilarity(fn: string, comparison: Comparison): number {
  const { pair, selection } = comparison;
  checkWindow(fn, pair.height, pair.width);
  const means: number[] = [];
  for (let k = 0; k < pair.count; k++) {
    const mean = meanOver(windowScores(comparison, k), pair.width, selection && imageOf(pair, selection, k));
    if (mean !== undefined) means.push(mean);
  }
  if (means.length === 0) throw emptyRegion(fn);
  return means.reduce((sum, mean) => sum + mean, 0) / means.length;
}

const windowScores = ({ pair, ranges }: Comparison, k: number): Float64Array =>
  similarity(imageOf(pair, pair.reference, k), imageOf(pair, pair.image, k), {
    height: pair.height,
    width: pair.width,
    range: ranges[k]!,
  });

export function checkWindow(fn: string, height: number, width: number): void {
  if (height >= windowSize && width >= windowSize) return;
  throw new ShapeError({
    fn,
    argument: 'the reference',
    expected: `at least ${windowSize} x ${windowSize}, one window of SSIM`,
    got: `${height} x ${width}`,
  });
}

/** The mean of a map of window scores, or of those whose centre pixel is selected; undefined if none is. */
function meanOver(map: Float64Array, width: number, selection: Uint8Array | undefined): number | undefined {
  const columns = width - windowSize + 1;
  const border = (windowSize - 1) / 2;
  let [sum, count] = [0, 0];
  map.forEach((value, i) => {
    const centre = (Math.floor(i / columns) + border) * width + (i % columns) + border;
    if (selection?.[centre] === 0) return;
    sum += value;
    count++;
  });
  return count > 0 ? sum / count : undefined;
}
