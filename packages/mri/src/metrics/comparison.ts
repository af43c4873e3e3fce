import { checkChoice, checkOptions } from '@adjoint/tensor';
import { type DataRange, dataRanges } from './dataRange.js';
import { type ImagePair, type Images, readPair } from './images.js';
import { type Matching, matchIntensities, matchings } from './matching.js';
import { type Region, selectPixels } from './region.js';

export interface RegionOptions {
  /** What is scored; default: every pixel. */
  readonly region?: Region | undefined;
}

export interface MetricOptions extends RegionOptions {
  /** Default 'none'. */
  readonly matching?: Matching | undefined;
  /** Default 'volume'. */
  readonly dataRange?: DataRange | undefined;
}

/** Two stacks of images, ready to be compared. */
export interface Comparison {
  /** As they came. */
  readonly given: ImagePair;
  /** After matching. */
  readonly pair: ImagePair;
  readonly range: DataRange;
  /** L of each image. */
  readonly ranges: Float64Array;
  readonly selection: Uint8Array | undefined;
}

/** Reads, checks and matches what a metric compares. */
export async function compare(
  fn: string,
  reference: Images,
  image: Images,
  options: MetricOptions,
): Promise<Comparison> {
  checkOptions(fn, options, ['region', 'matching', 'dataRange']);
  const { matching = 'none', dataRange: range = 'volume', region } = options;
  checkChoice(fn, 'option matching', matching, matchings);
  const given = await readPair(fn, reference, image);
  const pair = matchIntensities(given, matching);
  // before matching: where there is signal does not depend on what it is compared with
  const selection = await selectPixels(fn, given, region, range);
  return { given, pair, range, ranges: dataRanges(fn, pair, range), selection };
}
