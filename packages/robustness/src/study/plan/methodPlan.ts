import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { shippedPath } from '@adjoint/models';
import { ArgumentError } from '@adjoint/tensor';
import type { Unit } from '../core/unit.js';
import type { AttackPlan } from '../units/attack.js';
import type { MethodParameters } from '../units/method.js';
import { externalPlan, type StudyProgram } from './externalPlan.js';
import type { Profile } from './profiles.js';
import { trainingUnit } from './trainingUnit.js';

export const methodNames = ['zero-filled', 'cg-sense', 'l1', 'unet'] as const;
export type StudyMethodName = (typeof methodNames)[number];

/** A method of the study: what it is, how it is attacked, how its weight is chosen. */
export interface MethodPlan {
  /** One of the library, or what the user calls a program. */
  readonly name: string;
  readonly about: string;
  readonly parameters: MethodParameters;
  /** Of several the worst is kept; none where there is nothing an attack could follow. */
  readonly attack: AttackPlan;
  readonly tuning: { readonly lambdas: readonly number[]; readonly refine: number } | null;
  /** Where its files lie: `weights`. */
  readonly files: Readonly<Record<string, string>>;
  /** Trains its weights, where the study does that. */
  readonly trained: Unit | null;
  /** About how many seconds one reconstruction takes: for the progress. */
  readonly cost: number;
}

/** The weights that come with the library, for the U-net of all profiles. */
const shippedUnet = 'unet-head-t1';

/** Which methods take part. */
export interface MethodChoice {
  readonly methods: readonly StudyMethodName[];
  /** File of the U-net's weights; default: those that come with the library. */
  readonly weights: string | undefined;
  /** Whether the study trains the U-net itself. */
  readonly retrain: boolean;
  readonly external: readonly StudyProgram[];
  readonly seed: number;
}

/**
 * The methods by name, then the programs.
 *
 * @throws ArgumentError where the weights cannot be read, or a program's command is none
 */
export async function planMethods(
  { methods, weights, retrain, external, seed }: MethodChoice,
  profile: Profile,
): Promise<MethodPlan[]> {
  const all: MethodPlan[] = [];
  for (const name of methods)
    if (name !== 'unet') all.push(classicalPlan(name, profile));
    else all.push(retrain ? trainedUnet(profile, seed) : await loadedUnet(profile, weights));
  for (const program of external) all.push(await externalPlan(program));
  return all;
}

const nothing = { files: {}, trained: null };

function classicalPlan(name: Exclude<StudyMethodName, 'unet'>, profile: Profile): MethodPlan {
  const { steps, jointSteps, restarts } = profile.attack;
  const search = { steps, restarts, iterations: null };
  const joint = { method: 'joint', steps: jointSteps, restarts: 1, iterations: null } as const;
  const plain = (iterations: number | null): MethodParameters => ({
    ...{ name, iterations, weights: null, program: null },
  });
  switch (name) {
    case 'zero-filled':
      return {
        ...{ name, about: 'inverse Fourier transform of the samples, root sum of squares', ...nothing },
        ...{ parameters: plain(null), attack: [{ method: 'apgd', ...search }], tuning: null, cost: 0.01 },
      };
    case 'cg-sense': {
      const { iterations, lambdas, refine } = profile.cgSense;
      return {
        ...{
          name,
          about: 'least squares with ESPIRiT maps and an l2 penalty, by conjugate gradients',
          ...nothing,
        },
        ...{ parameters: plain(iterations), attack: [{ method: 'unrolled', ...search }] },
        ...{ tuning: { lambdas, refine }, cost: 0.1 },
      };
    }
    case 'l1': {
      const { iterations, lambdas, refine } = profile.l1;
      return {
        ...{ name, about: 'least squares with ESPIRiT maps and sparse wavelets, by FISTA', ...nothing },
        ...{
          parameters: plain(iterations),
          attack: [joint, { method: 'unrolled', ...profile.l1.attack, restarts: 1 }],
        },
        ...{ tuning: { lambdas, refine }, cost: 0.4 },
      };
    }
  }
}

/** What all U-nets have in common. */
const unetPlan = ({ attack: { steps, restarts } }: Profile) => ({
  ...{ name: 'unet', about: 'U-net on the zero-filled magnitude image, as fastMRI trains it' },
  ...{ attack: [{ method: 'apgd', steps, restarts, iterations: null }] as const, tuning: null, cost: 0.03 },
});

/** Its weights are what a unit leaves. */
function trainedUnet(profile: Profile, seed: number): MethodPlan {
  const trained = trainingUnit(profile, profile.retraining, seed, { rated: [], isKept: true });
  const parameters = { name: 'unet', iterations: null, weights: null, program: null };
  return { ...unetPlan(profile), parameters, files: {}, trained };
}

async function loadedUnet(profile: Profile, given: string | undefined): Promise<MethodPlan> {
  const file = given ?? shippedPath(shippedUnet);
  const bytes = await readFile(file).catch((error: Error) => {
    throw new ArgumentError({
      fn: 'runStudy',
      argument: given === undefined ? `the weights ${shippedUnet}` : 'option weights',
      expected: 'a file that can be read',
      got: error.message,
      remedy: 'Train some (adjoint train), or leave the method unet out.',
    });
  });
  const digest = createHash('sha256').update(bytes).digest('hex');
  const parameters = { name: 'unet', iterations: null, weights: digest, program: null };
  return { ...unetPlan(profile), parameters, files: { weights: file }, trained: null };
}
