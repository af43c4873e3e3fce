import { checkInteger } from '@adjoint/tensor';
import { checkMask, type Mask, makeMask } from './mask.js';

/**
 * A mask without the columns outside [first, end): where a scanner pads k-space with zeros, nothing can have been
 * measured. fastMRI's header has the two as `padding_left` and `padding_right`.
 *
 * @throws ArgumentError unless 0 <= first < end <= W
 */
export function zeroOutside(mask: Mask, first: number, end: number): Mask {
  const width = checkMask('zeroOutside', mask).shape.at(-1)!;
  checkInteger('zeroOutside', 'end', end, { min: 1, max: width });
  checkInteger('zeroOutside', 'first', first, { min: 0, max: end - 1 });
  const values = mask.values.map((value, i) => (i % width >= first && i % width < end ? value : 0));
  return makeMask({ ...mask, values });
}

/** The middle `count` of `width` columns, with DC in the middle, as [first, end). @internal */
export function middleColumns(fn: string, width: number, count: number): [first: number, end: number] {
  checkInteger(fn, 'option acquiredColumns', count, { min: 1, max: width });
  const first = Math.floor(width / 2) - Math.floor(count / 2);
  return [first, first + count];
}
