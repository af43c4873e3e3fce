import { cropCentre, rss } from '@adjoint/mri';
import { centredIfft, mul, scope, type Tensor } from '@adjoint/tensor';
import { attack, gaussianControl } from '../../attacks/index.js';
import type { UnitOutput } from '../core/store.js';
import type { TriedAttackRecord } from '../records.js';
import { methodKey } from './clean.js';
import type { UnitContext } from './context.js';
import { type LoadedImage, loadImage } from './loadedImage.js';
import { type MethodParameters, methodMaker } from './method.js';
import {
  lengthOf,
  type PerturbationSize,
  type PerturbedScores,
  ratePerturbed,
  sizeOfPerturbation,
} from './perturbed.js';

/** How a method is attacked: by one attack, or by several of which the worst counts. */
export type AttackPlan = readonly PlannedTrial[];

export interface PlannedTrial {
  readonly method: 'apgd' | 'pgd' | 'joint' | 'implicit' | 'unrolled';
  readonly steps: number;
  readonly restarts: number;
  /** Of the solver that gradients go through; null: of the method itself. */
  readonly iterations: number | null;
}

export interface AttackParameters {
  readonly method: MethodParameters;
  readonly epsilon: number;
  readonly attack: AttackPlan;
  /** Further reconstructions of the attacked data, with fresh randomness. */
  readonly seeds: number;
}

export interface AttackUnitResult extends PerturbationSize {
  /** The attack that did most damage; `history` is its. */
  readonly attack: string;
  readonly history: readonly (readonly (number | null)[])[];
  readonly flags: readonly string[];
  /** Of several attacks each; empty where there was one. */
  readonly tried: readonly TriedAttackRecord[];
  readonly own: PerturbedScores;
  /** PSNR with the randomness that was attacked, then with fresh ones: those of the clean unit's `psnr`. */
  readonly psnr: readonly number[];
  /** Gaussian noise on the mask, of the same sampled norm. */
  readonly noise: PerturbedScores;
}

/** Crafts a perturbation for a method, and rates it and noise of its norm on that method. */
export async function attackUnit(context: UnitContext): Promise<UnitOutput> {
  const image = await loadImage(context);
  const { image: clean } = await context.tensors('clean');
  try {
    const { perturbation, flags, ...course } = await craft(context, image);
    using noise = await noiseLike(context, image, perturbation);
    const method = (await methodMaker(context))();
    const { seeds } = context.parameters<AttackParameters>();
    const own = await ratePerturbed(context, method, image, perturbation, seeds);
    context.report(0.9);
    const random = await ratePerturbed(context, method, image, noise);
    const result = {
      ...(await sizeOfPerturbation(image, perturbation)),
      ...course,
      // this unit tries noise itself, with the maps that are scored
      flags: dropOf(random) >= dropOf(own) ? [...flags, 'random-beats-gradient'] : flags,
      own: { reestimated: own.reestimated, cleanMaps: own.cleanMaps },
      psnr: own.psnr,
      noise: { reestimated: random.reestimated, cleanMaps: random.cleanMaps },
    } satisfies AttackUnitResult;
    const perturbationImage = imageOf(perturbation, image);
    const tensors = {
      perturbation,
      perturbationImage,
      clean: clean!,
      attacked: own.image,
      noisy: random.image,
    };
    return { result, tensors };
  } finally {
    image.dispose();
  }
}

/** Less PSNR is more damage: the clean score is the same for both. */
const dropOf = ({ reestimated }: PerturbedScores): number => -reestimated.scores.psnr;

interface Crafted extends Pick<AttackUnitResult, 'attack' | 'history' | 'flags' | 'tried'> {
  readonly perturbation: Tensor;
}

/** Maps stay clean while it is crafted; scores with both kinds follow. */
async function craft(context: UnitContext, { full, sampled }: LoadedImage): Promise<Crafted> {
  const { epsilon, attack: plan } = context.parameters<AttackParameters>();
  const make = await methodMaker(context);
  using found = await attack(make(), sampled, {
    ...{ epsilon, norm: 'l2', full: full.kspace, maps: 'clean', control: false },
    method: plan.map(({ iterations, ...trial }) =>
      iterations === null ? trial : { ...trial, through: make({ iterations }) },
    ),
    ...{ key: context.key('attack', ofImage(context)), methodKey: methodKey(context) },
    onProgress: ({ step, steps }) => context.report((0.8 * step) / steps),
  });
  const tried = (found.tried ?? []).map(({ method, damage, isWorst, ...rest }) => ({
    ...{ attack: method, damage: damage[0]!, isWorst: isWorst[0]!, ...rest },
  }));
  const perturbation = scope(() => mul(found.perturbation, 1));
  return { perturbation, attack: found.method, history: found.history, flags: found.flags, tried };
}

/** The same noise for every method and budget of an image, scaled to the norm of a perturbation. */
async function noiseLike(context: UnitContext, { sampled }: LoadedImage, e: Tensor): Promise<Tensor> {
  return gaussianControl(sampled, { norm: await lengthOf(e), key: context.key('noise', ofImage(context)) });
}

const ofImage = ({ unit }: UnitContext): string => unit.inputs.image!;

/** √Σ_c |F^H e|², to be looked at. */
const imageOf = (e: Tensor, { about }: LoadedImage): Tensor =>
  scope(() => {
    const coilImages = centredIfft(e);
    return rss(about.crop ? cropCentre(coilImages, about.crop) : coilImages);
  });
