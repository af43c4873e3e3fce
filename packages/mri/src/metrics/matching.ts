import { ArgumentError, describe } from '@adjoint/tensor';
import type { ImagePair } from './images.js';

/**
 * How intensities are matched before two images are compared, image by image, with population standard deviations:
 *
 * - `none`: not at all.
 * - `rec_to_gt`: the reconstruction gets the reference's mean and standard deviation. The score then does not change
 *   under any a r + b of the reconstruction with a > 0.
 * - `gt_to_rec`: the reference gets the reconstruction's, as in the published evaluation.
 *
 * A constant image is matched by its mean alone.
 */
export type Matching = 'none' | 'rec_to_gt' | 'gt_to_rec';

export const matchings = ['none', 'rec_to_gt', 'gt_to_rec'] as const;

export function matchIntensities(pair: ImagePair, matching: Matching): ImagePair {
  if (matching === 'none') return pair;
  if (matching === 'rec_to_gt') return { ...pair, image: matched(pair, pair.image, pair.reference) };
  return { ...pair, reference: matched(pair, pair.reference, pair.image) };
}

/** Every image of `from` with mean and standard deviation of the one in `to`. */
function matched({ count }: ImagePair, from: Float64Array, to: Float64Array): Float64Array {
  const result = new Float64Array(from.length);
  const pixels = from.length / count;
  for (let start = 0; start < from.length; start += pixels)
    result.set(matchedTo(to.subarray(start, start + pixels), from.subarray(start, start + pixels)), start);
  return result;
}

/** One image with mean and standard deviation of a reference: what `rec_to_gt` compares, for pictures. */
export function matchedTo(reference: ArrayLike<number>, image: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(checkNumbers('the image', image));
  const own = spread(values);
  const wanted = spread(Float64Array.from(checkNumbers('the reference', reference)));
  const factor = own.deviation === 0 ? 0 : wanted.deviation / own.deviation;
  return values.map((value) => (value - own.mean) * factor + wanted.mean);
}

/** NaN is a number here: it shows in the picture. */
function checkNumbers(argument: string, values: ArrayLike<number>): ArrayLike<number> {
  const isList = values !== null && typeof values === 'object' && values.length > 0;
  if (isList && Array.prototype.every.call(values, (value) => typeof value === 'number')) return values;
  throw new ArgumentError({
    fn: 'matchedTo',
    argument,
    expected: 'an array of at least one number',
    got: describe(values),
  });
}

/** Mean and population standard deviation. */
export function spread(values: Float64Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / values.length) };
}
