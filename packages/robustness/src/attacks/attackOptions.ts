import type { LoopOptions, Measurement, Reconstructor, Scores } from '@adjoint/mri';
import type { Key, Tensor } from '@adjoint/tensor';
import type { BallNorm } from './ball.js';
import type { StepSize } from './climbers.js';
import type { AttackFlag } from './health.js';

export type AttackMethod = 'auto' | 'pgd' | 'apgd' | 'adam' | 'joint' | 'unrolled' | 'implicit';
export const attackMethods: readonly AttackMethod[] = [
  ...(['auto', 'pgd', 'apgd', 'adam', 'joint', 'unrolled', 'implicit'] as const),
];

export interface AttackOptions extends LoopOptions {
  /** Size of the perturbation: ‖e‖/‖k_full‖, over all of k-space; at most that of the samples themselves. */
  readonly epsilon: number;
  /** 'l2' (default), or 'linf': |eᵢ| ≤ ε ‖k_full‖/√n for each of the n samples, a ball within that of 'l2'. */
  readonly norm?: BallNorm | undefined;
  /** See `attack`. Default 'auto'. Of several the worst is kept: each searches for itself, with randomness of its own. */
  readonly method?: AttackMethod | readonly (AttackMethod | AttackTrial)[] | undefined;
  /** Gradient steps; default 100. Of 'joint' those after the warm-up; default 200. */
  readonly steps?: number | undefined;
  /** Random starts, of which the worst is kept; default 1. */
  readonly restarts?: number | undefined;
  /** Of 'pgd'; default 0. */
  readonly momentum?: number | undefined;
  /** Part of the radius, as `ascend` has it; of 'joint' the factor of gradient steps of image and perturbation (default 0.283). */
  readonly stepSize?: StepSize | undefined;
  /**
   * What the reconstruction is driven away from: its own 'clean' image (default), or the 'reference'. Of 'joint' 'reference' are
   * the coil images of the full k-space (default where that is known), 'clean' those of its own warm-up.
   */
  readonly target?: 'clean' | 'reference' | undefined;
  /**
   * Whether coil maps are estimated again from the perturbed data for the scores (default), or stay those of the clean data (default
   * where the measurement brings maps). The perturbation is always made with the clean ones.
   */
  readonly maps?: 'reestimated' | 'clean' | undefined;
  /** 'faithful': start and stopping rules of the published code for 'adam' and 'joint'. Default 'corrected'. */
  readonly mode?: 'corrected' | 'faithful' | undefined;
  /**
   * What is followed instead of the method, such as the same solver with fewer iterations: gradients go through it, or 'joint' takes its
   * problem. What its perturbation does to the method itself is what counts. Default the method.
   */
  readonly through?: Reconstructor | undefined;
  /** Full k-space, c64 of the samples' shape; default what the measurement holds, also where its mask is 0. */
  readonly full?: Tensor | undefined;
  /** Of starts and control; default key(0). */
  readonly key?: Key | undefined;
  /** Of the method's own randomness, the same whatever it reconstructs; default `key`. */
  readonly methodKey?: Key | undefined;
  /** Whether Gaussian noise of the same sampled norm is tried as well; default true. */
  readonly control?: boolean | undefined;
}

const trialNames = [
  'method',
  'steps',
  'restarts',
  'momentum',
  'stepSize',
  'target',
  'mode',
  'through',
] as const;
/** @internal */
export const attackTrialNames: readonly string[] = trialNames;

/** One of several attacks. What it does not say is as for all of them. */
export interface AttackTrial extends Pick<AttackOptions, Exclude<(typeof trialNames)[number], 'method'>> {
  readonly method: AttackMethod;
}

export const attackOptionNames = [
  ...['epsilon', 'norm', 'maps', 'full', 'key', 'methodKey', 'control', 'signal', 'onProgress'],
  ...trialNames,
];

/** What noise does to the image of a method. */
export interface Damage {
  /** Its image of the noisy samples. */
  readonly reconstruction: Tensor;
  readonly scores: Scores;
  /** PSNR lost, in dB (rec_to_gt). */
  readonly drop: number;
}

/** How large a perturbation was allowed to be, in whose terms. */
export interface Budget {
  readonly norm: BallNorm;
  /** ε asked for. */
  readonly epsilon: number;
  /** 'full': ε is relative to the norm of the full k-space; 'sampled': nothing but the samples was known. */
  readonly reference: 'full' | 'sampled';
  readonly support: 'mask';
  /** ‖k‖ that ε is relative to, of every slice. */
  readonly norms: readonly number[];
}

/** One of several attacks, and how it did. */
export interface TriedAttack {
  readonly method: AttackMethod;
  /**
   * ‖f(y + e) − t‖²/‖t‖² of every slice: what is compared. f is the method as it reconstructs, with the coil maps of the clean
   * samples, and t the target of the call.
   */
  readonly damage: readonly number[];
  /** PSNR lost with those maps, in dB. */
  readonly drop: number;
  /** In which slices its perturbation is the one that is kept. */
  readonly isWorst: readonly boolean[];
  readonly history: readonly (readonly number[])[];
  /** What its course gives away. */
  readonly flags: readonly AttackFlag[];
}

export interface AttackResult extends Disposable {
  /** e, c64 of the samples' shape, 0 where nothing was sampled. */
  readonly perturbation: Tensor;
  /** y + e. */
  readonly perturbed: Measurement;
  /** The method's image of the clean samples. */
  readonly clean: Tensor;
  /** Its image of the perturbed ones. */
  readonly reconstruction: Tensor;
  /**
   * Which attack made the perturbation, of several the one that won (in most slices of a stack); 'imported' is a perturbation made elsewhere
   * (`assess`).
   */
  readonly method: AttackMethod | 'imported';
  /** Its objective at every step, one list per restart; what it is depends on the attack. */
  readonly history: readonly (readonly number[])[];
  /** Of that attack, and of what came out. */
  readonly flags: readonly AttackFlag[];
  /** All attacks, where several were asked for. */
  readonly tried?: readonly TriedAttack[] | undefined;
  /** Against the reference, intensities matched to it (`rec_to_gt`). */
  readonly scores: { readonly clean: Scores; readonly attacked: Scores };
  /** PSNR lost, in dB. */
  readonly drop: number;
  /** Reached: ‖e‖/‖k_full‖, the largest of all slices. */
  readonly epsilon: number;
  /** ‖e‖/‖y‖ */
  readonly epsilonSampled: number;
  readonly budget: Budget;
  /** Gaussian noise of the same norm on the same samples. */
  readonly control?: Damage | undefined;
  dispose(): void;
}
