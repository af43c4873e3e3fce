import { ArgumentError, checkInteger, checkNumber, checkOptions } from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { type Mask, makeMask } from './mask.js';
import { NumpyRandom, type Seed } from './numpyRandom.js';
import { roundHalfEven } from './roundHalfEven.js';

/** What every pattern of whole columns takes. */
export interface LineMaskOptions {
  /** Columns of k-space, W. */
  readonly width: number;
  /** R: about one column in R is measured. Of several, one is drawn together with its centre fraction. */
  readonly acceleration: number | readonly number[];
  /** Fraction of the columns that form the fully sampled centre. */
  readonly centerFraction: number | readonly number[];
  /** Equal seeds give equal masks. Default: a new one each time; the mask says which. */
  readonly seed?: Seed | undefined;
}

/** A drawn pair of acceleration and centre. */
export interface LinePlan {
  readonly width: number;
  readonly acceleration: number;
  readonly numLowFrequencies: number;
}

/**
 * The union of a fully sampled centre and the columns that `outer` names, as fastMRI's `MaskFunc` composes them: it
 * draws the pair of acceleration and centre first, then the pattern.
 */
export function lineMask(
  fn: string,
  options: LineMaskOptions,
  outer: (plan: LinePlan, random: NumpyRandom) => { plan: LinePlan; columns: Iterable<number> },
): Mask {
  const seed = options.seed ?? freshSeed();
  const random = onBehalf(fn, () => new NumpyRandom(seed), 'option seed');
  const { plan, columns } = outer(drawPlan(fn, options, random), random);
  const values = centreColumns(plan);
  for (const column of columns) values[column] = 1;
  const { width, acceleration, numLowFrequencies } = plan;
  return makeMask({ values, shape: [width], acceleration, numLowFrequencies, seed });
}

/** Options as they must be, with those of the pattern itself. */
export function checkLineOptions(fn: string, options: object, more: readonly string[] = []): void {
  checkOptions(fn, options, ['width', 'acceleration', 'centerFraction', 'seed', ...more]);
}

/** Some seed that nobody chose. */
export const freshSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;

export function drawPlan(fn: string, options: LineMaskOptions, random: NumpyRandom): LinePlan {
  const width = checkInteger(fn, 'option width', options.width, { min: 1, max: 2 ** 24 });
  const accelerations = listed(options.acceleration);
  const fractions = listed(options.centerFraction);
  if (accelerations.length === 0 || accelerations.length !== fractions.length)
    throw new ArgumentError({
      fn,
      argument: 'option centerFraction',
      expected: `as many as accelerations (${accelerations.length}), at least one`,
      got: `${fractions.length}`,
    });
  const choice = random.randint(0, accelerations.length);
  const acceleration = checkNumber(fn, 'option acceleration', accelerations[choice], { min: 1, max: width });
  const fraction = checkNumber(fn, 'option centerFraction', fractions[choice], { min: 0, max: 1 });
  return { width, acceleration, numLowFrequencies: roundHalfEven(width * fraction) };
}

const listed = (value: number | readonly number[]): readonly number[] =>
  Array.isArray(value) ? value : [value as number];

/** The centre leaves something to draw: its columns alone are fewer than the acceleration allows. */
export function checkRoom(fn: string, { width, acceleration, numLowFrequencies }: LinePlan): void {
  if (numLowFrequencies <= width / acceleration) return;
  throw new ArgumentError({
    fn,
    argument: 'option centerFraction',
    expected: `at most 1/acceleration = ${(1 / acceleration).toPrecision(3)}`,
    got: `${numLowFrequencies} of ${width} columns`,
    remedy: 'Take a smaller centre or a smaller acceleration.',
  });
}

/** First column of the centre: the middle of W columns is column ⌊W/2⌋, where DC stands. */
export const firstCentreColumn = (width: number, count: number): number =>
  Math.floor((width - count + 1) / 2);

function centreColumns({ width, numLowFrequencies: count }: LinePlan): Float32Array {
  const first = firstCentreColumn(width, count);
  return new Float32Array(width).fill(1, first, first + count);
}
