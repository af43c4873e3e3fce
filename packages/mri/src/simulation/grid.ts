/**
 * Where a pixel lies in the field of view: pixel ⌊n/2⌋ is the origin and the field of view has length 1, so that a
 * field given by a formula means the same on every grid.
 */
export const position = (index: number, count: number): number => (index - Math.floor(count / 2)) / count;

/** All positions along an axis of `count` pixels, in [-1/2, 1/2). */
export const positions = (count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => position(i, count));
