import type { Measurement, Reconstructor, Scores } from '@adjoint/mri';
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

/** PSNR under fresh randomness: the same for every kind of data, so that scores can be compared seed by seed. */
export async function freshScores(
  context: UnitContext,
  method: Reconstructor,
  measurement: Measurement,
  seeds: number,
  report: (fraction: number) => void = () => undefined,
): Promise<number[]> {
  const psnr: number[] = [];
  for (let attempt = 1; attempt <= seeds; attempt++) {
    report(attempt / (seeds + 1));
    const again = await reconstructAndRate(method, measurement, undefined, methodKey(context, attempt));
    again.image.dispose();
    psnr.push(again.scores.psnr);
  }
  return psnr;
}

/** A method on the data as they were measured, and how far its own randomness moves its score. */
export async function cleanUnit(context: UnitContext): Promise<UnitOutput> {
  const { seeds } = context.parameters<CleanParameters>();
  const method = (await methodMaker(context))();
  const { sampled, noiseFree, dispose } = await loadImage(context);
  try {
    const { image, ...first } = await reconstructAndRate(method, sampled, noiseFree, methodKey(context));
    const fresh = await freshScores(context, method, sampled, seeds, context.report.bind(context));
    const psnr = [first.scores.psnr, ...fresh];
    return { result: { ...first, psnr } satisfies CleanResult, tensors: { image } };
  } finally {
    dispose();
  }
}
