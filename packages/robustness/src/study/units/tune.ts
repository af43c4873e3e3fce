import { tune } from '@adjoint/mri';
import type { UnitOutput } from '../core/store.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { type MethodParameters, methodMaker, type TuneResult } from './method.js';

export interface TuneParameters {
  readonly method: MethodParameters;
  readonly lambdas: readonly number[];
  readonly refine: number;
  readonly metric: 'psnr';
}

/** Chooses the weight of a method on the inputs `image0`, `image1`, …, which nothing is tested on. */
export async function tuneUnit(context: UnitContext): Promise<UnitOutput> {
  const { lambdas, refine, metric } = context.parameters<TuneParameters>();
  const make = await methodMaker(context);
  const inputs = Object.keys(context.unit.inputs);
  const images = await Promise.all(inputs.map((input) => loadImage(context, input)));
  try {
    const { lambda, score, table } = await tune(
      (weight) => make({ lambda: weight }),
      lambdas,
      images.map(({ sampled }) => sampled),
      { metric, refine, onProgress: ({ step, steps }) => context.report(step / steps) },
    );
    const rows = table.map((row) => ({ lambda: row.lambda, score: row.score }));
    return { result: { lambda, score, table: rows } satisfies TuneResult };
  } finally {
    for (const image of images) image.dispose();
  }
}
