import type { Measurement, Reconstructor } from '@adjoint/mri';
import { add, item, norm, scope, type Tensor, where } from '@adjoint/tensor';
import { methodKey } from './clean.js';
import type { UnitContext } from './context.js';
import type { LoadedImage } from './loadedImage.js';
import { estimateMaps } from './maps.js';
import { type MethodParameters, reconstructAndRate, type ScorePair } from './method.js';

/** A method on perturbed data. */
export interface PerturbedScores {
  /** Coil maps estimated from the perturbed data, as a scanner would. */
  readonly reestimated: ScorePair;
  /** Maps of the data without perturbation; null for methods that use none. */
  readonly cleanMaps: ScorePair | null;
}

/** Programs are given maps, whether they look at them or not. */
const usesMaps = ({ name, program }: MethodParameters): boolean =>
  name === 'cg-sense' || name === 'l1' || program !== null;

/** What was measured plus a perturbation where something was measured. */
const perturb = ({ kspace, ...rest }: Measurement, e: Tensor): Measurement => ({
  ...rest,
  kspace: scope(() => add(kspace, where(rest.mask, e, 0))),
});

/** Scores on perturbed data, with the image that goes with re-estimated maps. */
export async function ratePerturbed(
  context: UnitContext,
  method: Reconstructor,
  { sampled, noiseFree, about }: LoadedImage,
  e: Tensor,
): Promise<PerturbedScores & { image: Tensor }> {
  const { method: parameters } = context.parameters<{ method: MethodParameters }>();
  const measurement = perturb(sampled, e);
  const rateWith = async (maps: Tensor | undefined) => {
    const given = { ...measurement, maps };
    const { image, ...pair } = await reconstructAndRate(method, given, noiseFree, methodKey(context));
    return { image, pair };
  };
  try {
    if (!usesMaps(parameters)) {
      const { image, pair } = await rateWith(undefined);
      return { image, reestimated: pair, cleanMaps: null };
    }
    const known = await rateWith(sampled.maps);
    known.image.dispose();
    using maps = await estimateMaps(measurement, about.centre);
    const { image, pair } = await rateWith(maps);
    return { image, reestimated: pair, cleanMaps: known.pair };
  } finally {
    measurement.kspace.dispose();
  }
}

export interface PerturbationSize {
  /** ‖e‖/‖k_full‖ */
  readonly reached: number;
  /** ‖e‖/‖y‖ */
  readonly sampled: number;
}

/** How large a perturbation is, relative to all of k-space and to what was measured. */
export async function sizeOfPerturbation(
  { full, sampled }: LoadedImage,
  e: Tensor,
): Promise<PerturbationSize> {
  const lengths = await Promise.all([e, full.kspace, sampled.kspace].map(lengthOf));
  return { reached: lengths[0]! / lengths[1]!, sampled: lengths[0]! / lengths[2]! };
}

/** ‖x‖₂ of all entries. */
export async function lengthOf(x: Tensor): Promise<number> {
  using length = norm(x);
  return (await item(length)) as number;
}
