import type { Scores } from '@adjoint/mri';
import type { UnitOutput } from '../core/store.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { type MethodParameters, methodMaker, reconstructAndRate } from './method.js';

export interface CleanParameters {
  readonly method: MethodParameters;
  /** Further reconstructions, with fresh randomness. */
  readonly seeds: number;
}

export interface CleanResult {
  readonly scores: Scores;
  readonly noiseFree: Scores | null;
  /** PSNR with the study's randomness, then with fresh ones. */
  readonly psnr: readonly number[];
}

/** The randomness of a method in every reconstruction that is compared with others. */
export const methodKey = (context: UnitContext, attempt = 0) => context.key('method', attempt);

/** A method on the data as they were measured, and how far its own randomness moves its score. */
export async function cleanUnit(context: UnitContext): Promise<UnitOutput> {
  const { seeds } = context.parameters<CleanParameters>();
  const method = (await methodMaker(context))();
  const { sampled, noiseFree, dispose } = await loadImage(context);
  try {
    const { image, ...first } = await reconstructAndRate(method, sampled, noiseFree, methodKey(context));
    const psnr = [first.scores.psnr];
    for (let attempt = 1; attempt <= seeds; attempt++) {
      context.report(attempt / (seeds + 1));
      const again = await reconstructAndRate(method, sampled, undefined, methodKey(context, attempt));
      again.image.dispose();
      psnr.push(again.scores.psnr);
    }
    return { result: { ...first, psnr } satisfies CleanResult, tensors: { image } };
  } finally {
    dispose();
  }
}
