import type { UnitOutput } from '../core/store.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { methodMaker } from './method.js';
import {
  type PerturbationSize,
  type PerturbedScores,
  ratePerturbed,
  sizeOfPerturbation,
} from './perturbed.js';

export interface TransferResult extends PerturbationSize {
  readonly scores: PerturbedScores;
}

/** A method on a perturbation that was crafted for another, the input `attack`. */
export async function transferUnit(context: UnitContext): Promise<UnitOutput> {
  const method = (await methodMaker(context))();
  const image = await loadImage(context);
  const { perturbation, ...others } = await context.tensors('attack');
  for (const other of Object.values(others)) other.dispose();
  try {
    const size = await sizeOfPerturbation(image, perturbation!);
    const rated = await ratePerturbed(context, method, image, perturbation!);
    rated.image.dispose();
    const scores = { reestimated: rated.reestimated, cleanMaps: rated.cleanMaps };
    return { result: { ...size, scores } satisfies TransferResult };
  } finally {
    perturbation!.dispose();
    image.dispose();
  }
}
