import { gaussianControl } from '../../attacks/index.js';
import type { UnitOutput } from '../core/store.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { type MethodParameters, methodMaker } from './method.js';
import { lengthOf, ratePerturbed, sizeOfPerturbation } from './perturbed.js';
import type { TransferResult } from './transfer.js';

export interface NoiseParameters {
  readonly method: MethodParameters;
  readonly epsilon: number;
}

/**
 * A method without an attack of its own on noise: as large as an attack may be, and the same numbers that stand beside
 * the attacks on other methods.
 */
export async function noiseUnit(context: UnitContext): Promise<UnitOutput> {
  const { epsilon } = context.parameters<NoiseParameters>();
  const method = (await methodMaker(context))();
  const image = await loadImage(context);
  try {
    const norm = epsilon * (await lengthOf(image.full.kspace));
    using noise = gaussianControl(image.sampled, {
      norm,
      key: context.key('noise', context.unit.inputs.image!),
    });
    const { image: reconstruction, ...scores } = await ratePerturbed(context, method, image, noise);
    reconstruction.dispose();
    const result = { ...(await sizeOfPerturbation(image, noise)), scores } satisfies TransferResult;
    return { result };
  } finally {
    image.dispose();
  }
}
