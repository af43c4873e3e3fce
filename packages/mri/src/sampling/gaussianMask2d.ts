import { ArgumentError, checkInteger, checkNumber, checkOptions } from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { firstCentreColumn, freshSeed } from './lineMask.js';
import { type Mask, makeMask } from './mask.js';
import { NumpyRandom, type Seed } from './numpyRandom.js';
import { roundHalfEven } from './roundHalfEven.js';

export interface GaussianMask2dOptions {
  /** Rows and columns of k-space. */
  readonly height: number;
  readonly width: number;
  /** R: exactly round(H W/R) entries are measured. */
  readonly acceleration: number;
  /** Fraction of each axis that forms the fully sampled rectangle around DC. Default 0.08. */
  readonly centerFraction?: number | undefined;
  /** Standard deviation of the density, as a fraction of each axis. Default 0.2. */
  readonly standardDeviation?: number | undefined;
  /** Equal seeds give equal masks. Default: a new one each time; the mask says which. */
  readonly seed?: Seed | undefined;
}

const known = ['height', 'width', 'acceleration', 'centerFraction', 'standardDeviation', 'seed'];

/**
 * Single entries of a plane with two phase-encoding axes, denser towards DC: the centred rectangle, and others drawn
 * one after the other without replacement, with probabilities proportional to
 *
 *     exp(−((i − ⌊H/2⌋)/(s H))²/2 − ((j − ⌊W/2⌋)/(s W))²/2).
 *
 * Draws all at once by sorting exponential variates E/weight (Efraimidis and Spirakis 2006).
 *
 * @returns a mask of shape [H, W]
 * @throws ArgumentError for options out of range, or a centre of more than H W/R entries
 */
export function gaussianMask2d(options: GaussianMask2dOptions): Mask {
  const fn = 'gaussianMask2d';
  checkOptions(fn, options, known);
  const height = checkInteger(fn, 'option height', options.height, { min: 1, max: 2 ** 14 });
  const width = checkInteger(fn, 'option width', options.width, { min: 1, max: 2 ** 14 });
  const acceleration = checkNumber(fn, 'option acceleration', options.acceleration, {
    min: 1,
    max: height * width,
  });
  const fraction = checkNumber(fn, 'option centerFraction', options.centerFraction ?? 0.08, {
    min: 0,
    max: 1,
  });
  const deviation = checkNumber(fn, 'option standardDeviation', options.standardDeviation ?? 0.2, {
    positive: true,
  });
  const seed = options.seed ?? freshSeed();
  const random = onBehalf(fn, () => new NumpyRandom(seed), 'option seed');
  const [rows, columns] = [roundHalfEven(height * fraction), roundHalfEven(width * fraction)];
  const target = roundHalfEven((height * width) / acceleration);
  if (rows * columns > target)
    throw new ArgumentError({
      fn,
      argument: 'option centerFraction',
      expected: `small enough for ${target} entries in all`,
      got: `a centre of ${rows} x ${columns}`,
      remedy: 'Take a smaller centre or a smaller acceleration.',
    });
  const values = new Float32Array(height * width);
  const density = { height, width, deviation };
  fillCentre(values, density, rows, columns);
  const drawn = drawOrder(values, density, random);
  for (const entry of drawn.slice(0, target - rows * columns)) values[entry] = 1;
  return makeMask({ values, shape: [height, width], acceleration, numLowFrequencies: columns, seed });
}

interface Density {
  readonly height: number;
  readonly width: number;
  readonly deviation: number;
}

/** Entries of the centred rectangle. */
function fillCentre(values: Float32Array, { height, width }: Density, rows: number, columns: number): void {
  const [top, left] = [firstCentreColumn(height, rows), firstCentreColumn(width, columns)];
  for (let i = top; i < top + rows; i++) values.fill(1, i * width + left, i * width + left + columns);
}

/** The entries that are not taken yet, in the order in which they are drawn. */
function drawOrder(values: Float32Array, density: Density, random: NumpyRandom): number[] {
  const { height, width, deviation } = density;
  const ranks = new Float64Array(values.length);
  for (let entry = 0; entry < ranks.length; entry++) {
    const dy = (Math.floor(entry / width) - Math.floor(height / 2)) / (deviation * height);
    const dx = ((entry % width) - Math.floor(width / 2)) / (deviation * width);
    // log(E/weight): far out the weights themselves underflow
    ranks[entry] = Math.log(-Math.log1p(-random.random())) + (dy * dy + dx * dx) / 2;
  }
  const free = Array.from(ranks.keys()).filter((entry) => values[entry] === 0);
  return free.sort((a, b) => ranks[a]! - ranks[b]!);
}
