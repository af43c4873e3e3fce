import type { Measurement } from '@adjoint/mri';
import { scope, type Tensor, where } from '@adjoint/tensor';
import type { UnitContext } from './context.js';

/** What the unit of an image tells. */
export interface ImageResult {
  readonly coils: number;
  readonly size: readonly [height: number, width: number];
  readonly crop: readonly [height: number, width: number] | null;
  readonly lines: number;
  readonly centre: number;
  /** Part of Nyquist that the source's k-space reaches; null where it was not measured. */
  readonly support: readonly [rows: number, columns: number] | null;
}

/** An image of the study as methods and attacks need it. */
export interface LoadedImage {
  readonly about: ImageResult;
  /** Fully sampled k-space c64 [coils, H, W] with the mask of the study, without maps. */
  readonly full: Measurement;
  /** What was measured, with maps estimated from it. */
  readonly sampled: Measurement;
  /** The reference without noise, where it is known. */
  readonly noiseFree: Tensor | undefined;
  dispose(): void;
}

/** Reads an image that a unit left in the store. */
export async function loadImage(context: UnitContext, input = 'image'): Promise<LoadedImage> {
  const about = await context.result<ImageResult>(input);
  const { kspace, mask, maps, reference, noiseFree } = await context.tensors(input);
  const rest = { mask: mask!, crop: about.crop ?? undefined, reference: reference! };
  const kept = scope(() => where(mask!, kspace!, 0));
  return {
    about,
    full: { kspace: kspace!, ...rest },
    sampled: { kspace: kept, ...rest, maps: maps! },
    noiseFree,
    dispose() {
      for (const held of [kspace, mask, maps, reference, noiseFree, kept]) held?.dispose();
    },
  };
}
