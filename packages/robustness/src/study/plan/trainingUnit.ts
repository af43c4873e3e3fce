import { makeUnit, type Unit } from '../core/unit.js';
import type { Profile, TrainingChoice } from './profiles.js';

/** Seconds of a step per image, per channel: about. */
const costOfStep = 0.002;

/**
 * The unit that trains a U-net.
 *
 * @param rated images that it is rated on; none for the network of a study, which is rated like any other method, so
 * that an image that cannot be made costs its own units only
 * @param isKept whether other units reconstruct with it
 */
export function trainingUnit(
  { mask, acquisition }: Pick<Profile, 'mask' | 'acquisition'>,
  choice: TrainingChoice,
  seed: number,
  { rated, isKept }: { readonly rated: readonly Unit[]; readonly isKept: boolean },
): Unit {
  return makeUnit('train', {
    label: isKept ? 'train unet for this study' : 'train unet from scratch',
    parameters: { ...choice, isKept, ...mask, acquisition: { ...acquisition, seed }, seed },
    inputs: Object.fromEntries(rated.map((image, i) => [`image${i}`, image])),
    cost: 1 + choice.steps * choice.batchSize * choice.chans * costOfStep,
  });
}
