import { type Shape, sizeOf } from '../../shape.js';

/**
 * Element offset of an operand's matrix for each entry of the broadcast batch axes.
 *
 * @param batchShape broadcast batch axes of the result.
 * @param shape, strides the whole operand, two matrix axes last.
 */
export function batchOffsets(batchShape: Shape, shape: Shape, strides: readonly number[]): number[] {
  const missing = batchShape.length - (shape.length - 2);
  const steps = batchShape.map((_, i) =>
    i < missing || shape[i - missing] === 1 ? 0 : strides[i - missing]!,
  );
  let offsets = [0];
  if (sizeOf(batchShape) === 0) return [];
  batchShape.forEach((size, axis) => {
    offsets = offsets.flatMap((offset) => Array.from({ length: size }, (_, i) => offset + i * steps[axis]!));
  });
  return offsets;
}
