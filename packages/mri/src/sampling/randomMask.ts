import { checkLineOptions, checkRoom, type LineMaskOptions, type LinePlan, lineMask } from './lineMask.js';
import type { Mask } from './mask.js';
import type { NumpyRandom } from './numpyRandom.js';

/**
 * Random columns: the centre, and every other column with probability p = (W/R − n)/(W − n), n the columns of the
 * centre. The number of columns is W/R on average. Equals fastMRI's `RandomMaskFunc` for the same seed.
 *
 * @returns a mask of shape [W]
 * @throws ArgumentError for options out of range, or a centre of more than W/R columns
 * @example randomMask({ width: 368, acceleration: 4, centerFraction: 0.08, seed: 'file1000769.h5' })
 */
export function randomMask(options: LineMaskOptions): Mask {
  const fn = 'randomMask';
  checkLineOptions(fn, options);
  return lineMask(fn, options, (plan, random) => {
    checkRoom(fn, plan);
    return { plan, columns: randomColumns(plan, random) };
  });
}

/** p, with which a column outside the centre is measured. */
export function outerProbability({ width, acceleration, numLowFrequencies: n }: LinePlan): number {
  return width > n ? (width / acceleration - n) / (width - n) : 0;
}

/** One number is drawn for every column, also for those of the centre: fastMRI's order of draws. */
export function* randomColumns(plan: LinePlan, random: NumpyRandom): Generator<number> {
  const probability = outerProbability(plan);
  for (let column = 0; column < plan.width; column++) if (random.random() < probability) yield column;
}
