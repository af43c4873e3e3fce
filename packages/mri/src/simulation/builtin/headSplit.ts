import { checkChoice } from '@adjoint/tensor';
import { type Split, splitGap } from '../splits.js';
import { headSlices, type Plane, planes } from './volume.js';

/** Part of the slices with anatomy that is kept for tests, from their middle. */
const testPart = 0.2;

/** Both volumes have voxels of 1 mm. */
const spacing = 1;

/**
 * Which slices of the built-in head train, and which test: the middle fifth of those with anatomy tests, what lies 10
 * slices (10 mm) or more to its sides trains. Both volumes show one person, so that the split is the same for both.
 *
 * Training on one plane sees no voxel of that plane's test slices; slices of other planes cross them.
 */
export function headSplit(plane: Plane = 'axial'): Split {
  checkChoice('headSplit', 'plane', plane, planes);
  const [first, last] = headSlices[plane];
  const length = last - first + 1;
  const count = Math.round(testPart * length);
  const firstTest = first + Math.floor((length - count) / 2);
  const test = Array.from({ length: count }, (_, i) => firstTest + i);
  const gap = splitGap(spacing);
  const all = Array.from({ length }, (_, i) => first + i);
  return {
    training: all.filter((slice) => slice <= firstTest - gap || slice >= firstTest + count - 1 + gap),
    test,
    wording: 'within-subject',
  };
}
