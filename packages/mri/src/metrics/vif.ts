import { ArgumentError, checkChoice, checkNumber, checkOptions, NumericalError } from '@adjoint/tensor';
import { gaussianBlur, type Plane } from './gaussianBlur.js';
import { type ImagePair, type Images, imageOf, readPair } from './images.js';
import { type Matching, matchIntensities, matchings, spread } from './matching.js';

export interface VifOptions {
  /** Default 'none'. */
  readonly matching?: Matching | undefined;
  /** σn², the variance of the visual system's noise: 'mean' (default) is the mean of each reference image. */
  readonly noiseVariance?: 'mean' | number | undefined;
}

const scales = [1, 2, 3, 4];
/** Below this a variance counts as 0. */
const TINY = 1e-10;

/**
 * Visual information fidelity in the pixel domain: how much of the information about the reference that the eye gets
 * from it it would get from the image, 1 for equal images. At four scales, with local variances s1, s2 and
 * covariance s12 under a Gaussian window, r = gain · g + noise of variance sv explains the image locally, and
 *
 *     VIF = Σ log(1 + gain² s1/(sv + σn²)) / Σ log(1 + s1/σn²).
 *
 * The mean over images; computed in double precision. Reference: Sheikh and Bovik 2006, pixel-domain version.
 *
 * @param reference g, real [..., H, W]
 * @param image r, of the same shape
 * @returns 0 or more; NaN if either has NaN
 * @throws NumericalError where a reference image is constant or its mean (as σn²) is not positive; ShapeError,
 *   DTypeError for images that cannot be compared
 */
export async function vif(reference: Images, image: Images, options: VifOptions = {}): Promise<number> {
  const fn = 'vif';
  checkOptions(fn, options, ['matching', 'noiseVariance']);
  const { matching = 'none', noiseVariance = 'mean' } = options;
  checkChoice(fn, 'option matching', matching, matchings);
  const pair = matchIntensities(await readPair(fn, reference, image), matching);
  return visualFidelity(fn, pair, noiseVariance);
}

export function visualFidelity(fn: string, pair: ImagePair, noiseVariance: 'mean' | number): number {
  const { count, height, width } = pair;
  let total = 0;
  for (let k = 0; k < count; k++) {
    const g: Plane = { height, width, data: imageOf(pair, pair.reference, k) };
    const r: Plane = { height, width, data: imageOf(pair, pair.image, k) };
    total += fidelityOfImage(fn, g, r, checkVariance(fn, noiseVariance, g));
  }
  return total / count;
}

function checkVariance(fn: string, given: 'mean' | number, { data }: Plane): number {
  if (typeof given === 'number') return checkNumber(fn, 'option noiseVariance', given, { positive: true });
  if (given !== 'mean')
    throw new ArgumentError({
      fn,
      argument: 'option noiseVariance',
      expected: "'mean' or a number > 0",
      got: String(given),
    });
  const { mean } = spread(data);
  if (mean <= 0)
    throw new NumericalError({
      fn,
      argument: 'every image of the reference',
      expected: 'positive on average',
      got: `a mean of ${mean}`,
      remedy: 'Give the option noiseVariance as a number.',
    });
  return mean;
}

function fidelityOfImage(fn: string, g: Plane, r: Plane, noise: number): number {
  let [seen, available] = [0, 0];
  let [reference, image] = [g, r];
  for (const scale of scales) {
    const deviation = (2 ** (5 - scale) + 1) / 5;
    if (scale > 1) {
      reference = halved(gaussianBlur(reference, deviation));
      image = halved(gaussianBlur(image, deviation));
    }
    const { s1, s2, s12 } = localMoments(reference, image, deviation);
    for (let i = 0; i < s1.length; i++) {
      const local = explain(s1[i]!, s2[i]!, s12[i]!);
      seen += Math.log10(1 + (local.gain ** 2 * local.signal) / (local.rest + noise));
      available += Math.log10(1 + local.signal / noise);
    }
  }
  if (available === 0)
    throw new NumericalError({
      fn,
      argument: 'every image of the reference',
      expected: 'not constant',
      got: 'one without variance',
    });
  return seen / available;
}

/** Local variances of both and their covariance. */
function localMoments(g: Plane, r: Plane, deviation: number) {
  const blur = (data: Float64Array) => gaussianBlur({ ...g, data }, deviation).data;
  const [m1, m2] = [blur(g.data), blur(r.data)];
  const moment = (x: Float64Array, y: Float64Array, mx: Float64Array, my: Float64Array) =>
    blur(x.map((value, i) => value * y[i]!)).map((value, i) => value - mx[i]! * my[i]!);
  const variance = (x: Float64Array, mean: Float64Array) =>
    moment(x, x, mean, mean).map((value) => Math.max(value, 0));
  return {
    s1: variance(g.data, m1),
    s2: variance(r.data, m2),
    s12: moment(g.data, r.data, m1, m2),
  };
}

/** The reference's variance, how much of it the image has (gain), and the rest of the image's variance. */
function explain(s1: number, s2: number, s12: number): { signal: number; gain: number; rest: number } {
  const gain = s12 / (s1 + TINY);
  if (s2 < TINY) return { signal: s1 < TINY ? 0 : s1, gain: 0, rest: TINY };
  if (s1 < TINY) return { signal: 0, gain: 0, rest: Math.max(s2, TINY) };
  if (gain < 0) return { signal: s1, gain: 0, rest: Math.max(s2, TINY) };
  return { signal: s1, gain, rest: Math.max(s2 - gain * s12, TINY) };
}

/** Every second row and column. */
function halved({ height, width, data }: Plane): Plane {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const result = Float64Array.from(
    { length: rows * columns },
    (_, i) => data[2 * Math.floor(i / columns) * width + 2 * (i % columns)]!,
  );
  return { height: rows, width: columns, data: result };
}
