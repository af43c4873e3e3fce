import { ArgumentError } from '@adjoint/tensor';
import { type ImagePair, type Images, readPair } from './images.js';
import { spread } from './matching.js';
import { type Region, selectPixels } from './region.js';
import { sums } from './squaredError.js';

/** Keeps constant images finite; fastMRI's. */
const EPSILON = 1e-11;

/**
 * How well a detail is recovered: the mean squared error over a region after each image was normalised as a whole,
 * (x − mean)/(s + 1e-11) with the sample standard deviation s of all its pixels.
 *
 * @param reference real [..., H, W]
 * @param image of the same shape
 * @param region a box, a pattern, or 'foreground'
 * @throws ArgumentError for a box outside the image, NumericalError for a region without pixels; ShapeError,
 *   DTypeError for images that cannot be compared
 * @example await regionError(reference, image, { row: 120, column: 88, height: 3, width: 3 })
 */
export async function regionError(reference: Images, image: Images, region: Region): Promise<number> {
  const fn = 'regionError';
  if (region === undefined)
    throw new ArgumentError({
      fn,
      argument: 'region',
      expected: "'foreground', a box or a pattern",
      got: 'undefined',
    });
  const given = await readPair(fn, reference, image);
  const selection = await selectPixels(fn, given, region, 'volume');
  const pair = {
    ...given,
    reference: normalised(given, given.reference),
    image: normalised(given, given.image),
  };
  const { error, pixels } = sums(pair, selection);
  return error / pixels;
}

function normalised({ height, width }: ImagePair, stack: Float64Array): Float64Array {
  const pixels = height * width;
  const result = new Float64Array(stack.length);
  for (let start = 0; start < stack.length; start += pixels) {
    const { mean, deviation } = spread(stack.subarray(start, start + pixels));
    const sample = deviation * Math.sqrt(pixels / Math.max(pixels - 1, 1));
    for (let i = start; i < start + pixels; i++) result[i] = (stack[i]! - mean) / (sample + EPSILON);
  }
  return result;
}
