import type { NumpyRandom } from '@adjoint/mri';
import {
  checkBoolean,
  checkNumber,
  checkOptions,
  contiguous,
  flip,
  roll,
  scope,
  swapAxes,
  type Tensor,
} from '@adjoint/tensor';

export interface Augmentation {
  /** Mirrors rows and columns, each with probability 1/2; default true. */
  readonly flips?: boolean | undefined;
  /** Swaps rows and columns of square images with probability 1/2; default true. */
  readonly transposes?: boolean | undefined;
  /** Moves images, around the edges, by up to this part of their sides; default 0.1. */
  readonly shifts?: number | undefined;
}

export type CheckedAugmentation = { readonly [K in keyof Augmentation]-?: NonNullable<Augmentation[K]> };

/** `true` is all defaults, `false` nothing at all. */
export function checkAugmentation(
  fn: string,
  given: boolean | Augmentation,
): CheckedAugmentation | undefined {
  if (given === false) return undefined;
  const options =
    given === true ? {} : checkOptions(fn, given, ['flips', 'transposes', 'shifts'], 'option augment');
  const { flips = true, transposes = true, shifts = 0.1 } = options;
  return {
    flips: checkBoolean(fn, 'option augment.flips', flips),
    transposes: checkBoolean(fn, 'option augment.transposes', transposes),
    shifts: checkNumber(fn, 'option augment.shifts', shifts, { min: 0, max: 0.5 }),
  };
}

/**
 * Images [..., H, W], all moved in the same way. The same numbers are drawn whatever is switched on and however large the
 * images are, so that masks drawn after them do not depend on it.
 */
export function augmented(images: Tensor, options: CheckedAugmentation, random: NumpyRandom): Tensor {
  const [upsideDown, mirrored, transposed, down, right] = Array.from({ length: 5 }, () =>
    random.random(),
  ) as [number, number, number, number, number];
  const [height, width] = images.shape.slice(-2) as [number, number];
  const step = (draw: number, size: number): number => Math.round((2 * draw - 1) * options.shifts * size);
  const axes = [...(upsideDown < 0.5 ? [-2] : []), ...(mirrored < 0.5 ? [-1] : [])];
  return scope(() => {
    let x = images;
    if (options.flips && axes.length > 0) x = flip(x, axes);
    if (options.transposes && height === width && transposed < 0.5) x = swapAxes(x, -2, -1);
    const moves = [step(down, height), step(right, width)];
    if (moves[0] !== 0) x = roll(x, moves[0]!, -2);
    if (moves[1] !== 0) x = roll(x, moves[1]!, -1);
    return contiguous(x);
  });
}
