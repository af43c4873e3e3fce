import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { shippedPath } from '@adjoint/models';
import { ArgumentError } from '@adjoint/tensor';
import type { AttackPlan } from '../units/attack.js';
import type { MethodParameters } from '../units/method.js';
import type { Profile } from './profiles.js';

export const methodNames = ['zero-filled', 'cg-sense', 'l1', 'unet'] as const;
export type StudyMethodName = (typeof methodNames)[number];

/** A method of the study: what it is, how it is attacked, how its weight is chosen. */
export interface MethodPlan {
  readonly name: StudyMethodName;
  readonly about: string;
  readonly parameters: MethodParameters;
  readonly attack: AttackPlan;
  readonly tuning: { readonly lambdas: readonly number[]; readonly refine: number } | null;
  /** Where its files lie: `weights`. */
  readonly files: Readonly<Record<string, string>>;
  /** About how many seconds one reconstruction takes: for the progress. */
  readonly cost: number;
}

/** The weights that come with the library, for the U-net of all profiles. */
const shippedUnet = 'unet-head-t1';

/**
 * The methods by name.
 *
 * @param weights file of the U-net's; default: those that come with the library
 * @throws ArgumentError where the weights cannot be read
 */
export async function planMethods(
  names: readonly StudyMethodName[],
  profile: Profile,
  weights: string | undefined,
): Promise<MethodPlan[]> {
  const all: MethodPlan[] = [];
  for (const name of names)
    all.push(name === 'unet' ? await unetPlan(profile, weights) : classicalPlan(name, profile));
  return all;
}

function classicalPlan(name: Exclude<StudyMethodName, 'unet'>, profile: Profile): MethodPlan {
  const { steps, jointSteps, restarts } = profile.attack;
  const search = { steps, restarts, iterations: null };
  const joint = { method: 'joint', steps: jointSteps, restarts: 1, iterations: null } as const;
  const plain = (iterations: number | null): MethodParameters => ({ name, iterations, weights: null });
  switch (name) {
    case 'zero-filled':
      return {
        ...{ name, about: 'inverse Fourier transform of the samples, root sum of squares', files: {} },
        ...{ parameters: plain(null), attack: [{ method: 'apgd', ...search }], tuning: null, cost: 0.01 },
      };
    case 'cg-sense': {
      const { iterations, lambdas, refine } = profile.cgSense;
      return {
        ...{
          name,
          about: 'least squares with ESPIRiT maps and an l2 penalty, by conjugate gradients',
          files: {},
        },
        ...{ parameters: plain(iterations), attack: [{ method: 'unrolled', ...search }] },
        ...{ tuning: { lambdas, refine }, cost: 0.1 },
      };
    }
    case 'l1': {
      const { iterations, lambdas, refine } = profile.l1;
      return {
        ...{ name, about: 'least squares with ESPIRiT maps and sparse wavelets, by FISTA', files: {} },
        ...{
          parameters: plain(iterations),
          attack: [joint, { method: 'unrolled', ...profile.l1.attack, restarts: 1 }],
        },
        ...{ tuning: { lambdas, refine }, cost: 0.4 },
      };
    }
  }
}

async function unetPlan(profile: Profile, given: string | undefined): Promise<MethodPlan> {
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
  const { steps, restarts } = profile.attack;
  const digest = createHash('sha256').update(bytes).digest('hex');
  return {
    ...{ name: 'unet', about: 'U-net on the zero-filled magnitude image, as fastMRI trains it' },
    ...{ parameters: { name: 'unet', iterations: null, weights: digest }, tuning: null },
    ...{
      attack: [{ method: 'apgd', steps, restarts, iterations: null }],
      files: { weights: file },
      cost: 0.03,
    },
  };
}
