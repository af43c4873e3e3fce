import type { Measurement, Reconstructor } from '@adjoint/mri';
import { add, item, norm, scope, type Tensor, where } from '@adjoint/tensor';
import { freshScores, methodKey } from './clean.js';
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

export interface RatedImage extends PerturbedScores {
  /** Goes with re-estimated maps. */
  readonly image: Tensor;
  /** PSNR with re-estimated maps: with the randomness of every comparison, then with fresh ones. */
  readonly psnr: readonly number[];
}

/**
 * Scores on perturbed data.
 *
 * @param seeds further reconstructions, with fresh randomness
 */
export async function ratePerturbed(
  context: UnitContext,
  method: Reconstructor,
  { sampled, noiseFree, about }: LoadedImage,
  e: Tensor,
  seeds = 0,
): Promise<RatedImage> {
  const { method: parameters } = context.parameters<{ method: MethodParameters }>();
  const measurement = perturb(sampled, e);
  const rateWith = async (maps: Tensor | undefined, fresh: number) => {
    const given = { ...measurement, maps };
    const { image, ...pair } = await reconstructAndRate(method, given, noiseFree, methodKey(context));
    return { image, pair, psnr: [pair.scores.psnr, ...(await freshScores(context, method, given, fresh))] };
  };
  try {
    if (!usesMaps(parameters)) {
      const { image, pair, psnr } = await rateWith(undefined, seeds);
      return { image, reestimated: pair, cleanMaps: null, psnr };
    }
    const known = await rateWith(sampled.maps, 0);
    known.image.dispose();
    using maps = await estimateMaps(measurement, about.centre);
    const { image, pair, psnr } = await rateWith(maps, seeds);
    return { image, reestimated: pair, cleanMaps: known.pair, psnr };
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
