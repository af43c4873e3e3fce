import {
  ArgumentError,
  checkDevice,
  checkOptions,
  type Device,
  describe,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import type { Seed } from './numpyRandom.js';

/** Which entries of k-space are measured. */
export interface Mask {
  /** 1 where measured, 0 elsewhere, row-major. */
  readonly values: Float32Array;
  /** [W]: whole columns; [H, W]: single entries. */
  readonly shape: readonly number[];
  /** What was asked for. The pattern's own is `values.length / numSampled`. */
  readonly acceleration: number;
  /** Columns of the fully sampled centre (of an [H, W] pattern: of the centred rectangle). */
  readonly numLowFrequencies: number;
  /** Measured columns or entries. */
  readonly numSampled: number;
  /** What the generator was seeded with; without one, the pattern was not drawn. */
  readonly seed?: Seed | undefined;
}

/** A mask as a tensor, f32 [W] or [H, W]. */
export function maskTensor(mask: Mask, options: { device?: Device } = {}): Tensor {
  const fn = 'maskTensor';
  const { values, shape } = checkMask(fn, mask);
  const { device } = checkOptions(fn, options, ['device']);
  return tensor(
    values,
    device === undefined ? { shape } : { shape, device: checkDevice(fn, 'option device', device) },
  );
}

/** Requires what this library's mask functions return. @internal */
export function checkMask(fn: string, mask: Mask): Mask {
  if (mask?.values instanceof Float32Array && Array.isArray(mask.shape)) return mask;
  throw new ArgumentError({
    fn,
    argument: 'the mask',
    expected: 'a Mask, as randomMask, detectMask and the like return',
    got: describe(mask),
  });
}

/** A mask with its entries counted. @internal */
export const makeMask = (parts: Omit<Mask, 'numSampled'>): Mask => ({
  ...parts,
  numSampled: parts.values.reduce((count, value) => count + value, 0),
});
