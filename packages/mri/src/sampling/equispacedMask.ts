import { checkInteger } from '@adjoint/tensor';
import { checkLineOptions, checkRoom, type LineMaskOptions, type LinePlan, lineMask } from './lineMask.js';
import type { Mask } from './mask.js';
import type { NumpyRandom } from './numpyRandom.js';
import { roundHalfEven } from './roundHalfEven.js';

export interface EquispacedMaskOptions extends LineMaskOptions {
  /** First column of the lattice; default: drawn. */
  readonly offset?: number | undefined;
}

/**
 * Every R-th column from an offset in [0, R), and the centre: what a scanner's parallel imaging acquires. The centre
 * comes on top, so that the pattern's acceleration is below R. Equals fastMRI's `EquiSpacedMaskFunc` for the same
 * seed.
 *
 * @returns a mask of shape [W]
 * @throws ArgumentError for options out of range; R must be an integer
 */
export function equispacedMask(options: EquispacedMaskOptions): Mask {
  const fn = 'equispacedMask';
  checkLineOptions(fn, options, ['offset']);
  return lineMask(fn, options, (plan, random) => {
    const step = checkInteger(fn, 'option acceleration', plan.acceleration, { min: 1 });
    const first = givenOffset(fn, options) ?? random.randint(0, step);
    return { plan, columns: every(step, first, plan.width) };
  });
}

/** The option `offset`, if it is given. */
export const givenOffset = (fn: string, { offset, width }: EquispacedMaskOptions): number | undefined =>
  offset === undefined ? undefined : checkInteger(fn, 'option offset', offset, { min: 0, max: width - 1 });

/** Columns first, first + step, … below `width`. */
export function* every(step: number, first: number, width: number): Generator<number> {
  for (let column = first; column < width; column += step) yield column;
}

/**
 * Columns at equal distances that are wider than R, so that they and the centre together are about W/R:
 * a = R (n − W)/(n R − W), n the columns of the centre; columns round(offset + k a), offset in [0, round(a)). Equals
 * fastMRI's `EquispacedMaskFractionFunc` for the same seed, which published work also calls "equispaced".
 *
 * @returns a mask of shape [W]
 * @throws ArgumentError for options out of range, or a centre of W/R columns or more
 */
export function equispacedFractionMask(options: EquispacedMaskOptions): Mask {
  const fn = 'equispacedFractionMask';
  checkLineOptions(fn, options, ['offset']);
  return lineMask(fn, options, (plan, random) => {
    checkRoom(fn, plan);
    return { plan, columns: fractionColumns(plan, random, givenOffset(fn, options)) };
  });
}

/** The distance of columns of an `equispacedFractionMask`. Infinite where the centre is all there may be. */
export const adjustedAcceleration = ({ width, acceleration, numLowFrequencies: n }: LinePlan): number =>
  (acceleration * (width - n)) / (width - n * acceleration);

export function* fractionColumns(plan: LinePlan, random: NumpyRandom, offset?: number): Generator<number> {
  const step = adjustedAcceleration(plan);
  if (!Number.isFinite(step)) return;
  const first = offset ?? random.randint(0, roundHalfEven(step));
  // numpy.arange(first, width - 1, step): it excludes the last column, and its distance is this rounded difference
  const distance = first + step - first;
  const count = Math.ceil((plan.width - 1 - first) / step);
  for (let k = 0; k < count; k++) yield roundHalfEven(first + k * distance);
}
