import { type Device, type Tensor, tensor } from '@adjoint/tensor';
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
export const maskTensor = (mask: Mask, options: { device?: Device } = {}): Tensor =>
  tensor(mask.values, { ...options, shape: mask.shape });

/** A mask with its entries counted. @internal */
export const makeMask = (parts: Omit<Mask, 'numSampled'>): Mask => ({
  ...parts,
  numSampled: parts.values.reduce((count, value) => count + value, 0),
});
