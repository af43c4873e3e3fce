import { checkInteger } from '@adjoint/tensor';
import { type EquispacedMaskOptions, every, givenOffset } from './equispacedMask.js';
import { checkLineOptions, lineMask } from './lineMask.js';
import type { Mask } from './mask.js';
import { roundHalfEven } from './roundHalfEven.js';

/**
 * Every R-th column, the two halves of k-space offset against each other: conjugate symmetry of nearly real images
 * then fills gaps ("masks are magic"). Equals fastMRI's `MagicMaskFunc` for the same seed.
 *
 * With an offset o in [0, R) the columns are, from the centre outwards, o + 1, o + 1 + R, … on the right and
 * o + 2, … on the left for even o; o + 2 and o − 1 for odd o.
 *
 * @returns a mask of shape [W]
 * @throws ArgumentError for options out of range; R must be an integer
 */
export function magicMask(options: EquispacedMaskOptions): Mask {
  const fn = 'magicMask';
  checkLineOptions(fn, options, ['offset']);
  return lineMask(fn, options, (plan, random) => {
    const step = checkInteger(fn, 'option acceleration', plan.acceleration, { min: 1 });
    const offset = givenOffset(fn, options) ?? random.randint(0, step);
    return { plan, columns: magicColumns(plan.width, step, offset) };
  });
}

/**
 * A `magicMask` whose columns, centre included, are about W/R: with n columns in the centre (1 at least, round(W/R)
 * at most) the others are every R'-th, R' = round(W/(round(W/R) − n)). Equals fastMRI's `MagicMaskFractionFunc` for
 * the same seed.
 *
 * @returns a mask of shape [W]
 * @throws ArgumentError for options out of range
 */
export function magicFractionMask(options: EquispacedMaskOptions): Mask {
  const fn = 'magicFractionMask';
  checkLineOptions(fn, options, ['offset']);
  return lineMask(fn, options, (asked, random) => {
    const target = roundHalfEven(asked.width / asked.acceleration);
    const numLowFrequencies = Math.max(Math.min(asked.numLowFrequencies, target), 1);
    const plan = { ...asked, numLowFrequencies };
    if (target === numLowFrequencies) return { plan, columns: [] };
    const step = roundHalfEven(asked.width / (target - numLowFrequencies));
    const offset = givenOffset(fn, options) ?? random.randint(0, step);
    return { plan, columns: magicColumns(asked.width, step, offset) };
  });
}

/** From the centre's column ⌊W/2⌋ to the right, and from its left neighbour to the left. */
function* magicColumns(width: number, step: number, offset: number): Generator<number> {
  const [right, left] = offset % 2 === 0 ? [offset + 1, offset + 2] : [offset + 2, offset - 1];
  const centre = Math.floor(width / 2);
  for (const distance of every(step, right, width - centre)) yield centre + distance;
  for (const distance of every(step, left, centre)) yield centre - 1 - distance;
}
