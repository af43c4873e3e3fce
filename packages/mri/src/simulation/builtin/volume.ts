import {
  cast,
  concat,
  flip,
  item,
  max,
  mean,
  pad,
  reshape,
  scope,
  slice,
  type Tensor,
  transpose,
} from '@adjoint/tensor';
import type { Minc } from '../../io/minc/minc.js';

/** Slices one behind the other, upright. */
export interface Volume {
  /** [slices, H, W] of any real dtype. */
  readonly image: Tensor;
  /** Pixels of the square that images are padded to. */
  readonly side: number;
  /** mm between slices, where it is known. */
  readonly spacing: number | undefined;
  /** mm between rows and between columns, where it is known. */
  readonly pixel: readonly [row: number, column: number] | undefined;
}

export const planes = ['sagittal', 'axial', 'coronal'] as const;
export type Plane = (typeof planes)[number];

/** Where there is anatomy in both heads. */
export const headSlices: Record<Plane, readonly [first: number, last: number]> = {
  sagittal: [24, 136],
  axial: [48, 184],
  coronal: [40, 192],
};

/** Directions of slices, rows and columns of a plane; the first of each is right, front or top. */
const axesOf: Record<Plane, string> = { sagittal: 'xzy', axial: 'zyx', coronal: 'yzx' };

/**
 * A plane of a head as radiologists see it: top or front of the head up; the person's right on the left, and in
 * sagittal slices the face.
 */
export function headVolume({ image, axes, spacing }: Minc, plane: Plane): Volume {
  const order = [...axesOf[plane]].map((axis) => axes.indexOf(axis));
  return scope(() => {
    const turned = transpose(image, order);
    const backwards = [0, 1, 2].filter((axis) => spacing[order[axis]!]! > 0);
    const [between, row, column] = order.map((axis) => micrometres(spacing[axis]!)) as [
      number,
      number,
      number,
    ];
    return {
      image: backwards.length > 0 ? flip(turned, backwards) : turned.alias(),
      // one square for all planes
      side: Math.max(...image.shape),
      spacing: between,
      pixel: [row, column],
    };
  });
}

/** Files carry the rounding of the angles they were turned by. */
const micrometres = (distance: number): number => Math.round(1000 * Math.abs(distance)) / 1000;

/** Some slices, padded with zeros to a square and divided by `scale`: f32 [n, N, N]. */
export function squareSlices({ image, side }: Volume, indices: readonly number[], scale: number): Tensor {
  return scope(() => {
    const runs = indices.map((index) => cast(slice(image, [[index, index + 1]]), 'f32'));
    const pads = [1, 2].map((axis) => {
      const count = image.shape[axis]!;
      // the centre of the image, at ⌊n/2⌋, stays the centre
      const before = Math.floor(side / 2) - Math.floor(count / 2);
      return [before, side - count - before] as const;
    });
    return concat(runs.map((run) => pad(run.mul(1 / scale), pads)));
  });
}

/** Means over 2 × 2 pixels. */
export function halved({ image, side, spacing, pixel }: Volume): Volume {
  const [slices, height, width] = image.shape.map((count, axis) => (axis === 0 ? count : count >> 1));
  return {
    image: scope(() => mean(reshape(image, [slices!, height!, 2, width!, 2]), { axes: [2, 4] })),
    side: side >> 1,
    spacing,
    pixel: pixel && [2 * pixel[0], 2 * pixel[1]],
  };
}

export async function largest(image: Tensor): Promise<number> {
  using top = scope(() => max(cast(image, 'f32')));
  return (await item(top)) as number;
}
