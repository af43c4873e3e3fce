import { checkOptions, NumericalError } from '@adjoint/tensor';
import type { RegionOptions } from './comparison.js';
import { type ImagePair, type Images, readPair } from './images.js';
import { selectPixels } from './region.js';

/**
 * Mean squared error, mean (g − r)², over all pixels of all images.
 *
 * @param reference g, real [..., H, W]
 * @param image r, of the same shape
 * @returns NaN if either has NaN in the region
 * @throws ShapeError, DTypeError for images that cannot be compared, NumericalError for a region without pixels
 */
export async function mse(reference: Images, image: Images, options: RegionOptions = {}): Promise<number> {
  const { pair, selection } = await unmatched('mse', reference, image, options);
  const { error, pixels } = sums(pair, selection);
  return error / pixels;
}

/**
 * Normalised squared error ‖g − r‖²/‖g‖², both norms over all images together, as fastMRI's evaluation.
 *
 * @param reference g, real [..., H, W]
 * @param image r, of the same shape
 * @returns NaN if either has NaN in the region
 * @throws NumericalError where the reference is 0 everywhere; ShapeError, DTypeError as `mse`
 */
export async function nmse(reference: Images, image: Images, options: RegionOptions = {}): Promise<number> {
  const { pair, selection } = await unmatched('nmse', reference, image, options);
  return normalisedError('nmse', pair, selection);
}

export function normalisedError(fn: string, pair: ImagePair, selection?: Uint8Array): number {
  const { error, signal } = sums(pair, selection);
  if (signal === 0)
    throw new NumericalError({ fn, argument: 'the reference', expected: 'not 0 everywhere', got: 'zeros' });
  return error / signal;
}

async function unmatched(fn: string, reference: Images, image: Images, options: RegionOptions) {
  checkOptions(fn, options, ['region']);
  const pair = await readPair(fn, reference, image);
  return { pair, selection: await selectPixels(fn, pair, options.region, 'volume') };
}

export interface Sums {
  /** Σ (g − r)², Σ g² and the number of pixels they run over. */
  readonly error: number;
  readonly signal: number;
  readonly pixels: number;
}

/** Over the selected pixels of all images, or of one. */
export function sums({ reference, image, count }: ImagePair, selection?: Uint8Array, only?: number): Sums {
  const size = reference.length / count;
  const [first, end] = only === undefined ? [0, reference.length] : [only * size, (only + 1) * size];
  let [error, signal, pixels] = [0, 0, 0];
  for (let i = first; i < end; i++) {
    if (selection?.[i] === 0) continue;
    error += (reference[i]! - image[i]!) ** 2;
    signal += reference[i]! ** 2;
    pixels++;
  }
  return { error, signal, pixels };
}
