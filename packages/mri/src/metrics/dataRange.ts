import { ArgumentError, checkNumber, NumericalError } from '@adjoint/tensor';
import type { ImagePair } from './images.js';

/**
 * L, what SSIM and PSNR measure errors against: the largest value of the reference volume (`volume`, fastMRI's), of
 * each image of it (`slice`: every image is scored on its own and scores are averaged), or a number.
 */
export type DataRange = 'volume' | 'slice' | number;

/** L of each image. NaN where the reference has NaN. */
export function dataRanges(fn: string, pair: ImagePair, range: DataRange): Float64Array {
  const { count, reference } = pair;
  if (typeof range === 'number')
    return new Float64Array(count).fill(checkNumber(fn, 'option dataRange', range, { positive: true }));
  if (range !== 'volume' && range !== 'slice')
    throw new ArgumentError({
      fn,
      argument: 'option dataRange',
      expected: "'volume', 'slice' or a number > 0",
      got: String(range),
    });
  const maxima = imageMaxima(reference, count);
  const ranges = range === 'slice' ? maxima : maxima.fill(largest(maxima));
  for (const value of ranges)
    if (value <= 0)
      throw new NumericalError({
        fn,
        argument: range === 'slice' ? 'every image of the reference' : 'the reference',
        expected: 'positive somewhere',
        got: `a maximum of ${value}`,
        remedy: 'Give the option dataRange as a number.',
      });
  return ranges;
}

export function imageMaxima(values: Float64Array, count: number): Float64Array {
  const pixels = values.length / count;
  return Float64Array.from({ length: count }, (_, i) =>
    largest(values.subarray(i * pixels, (i + 1) * pixels)),
  );
}

/** The maximum, NaN if there is one. */
export const largest = (values: Float64Array): number =>
  values.reduce((most, value) => (value <= most || Number.isNaN(most) ? most : value), -Infinity);
