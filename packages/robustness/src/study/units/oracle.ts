import type { LinearOperator } from '@adjoint/autograd';
import { cgSense } from '@adjoint/mri';
import { scope, type Tensor } from '@adjoint/tensor';
import { attack, gaussianControl } from '../../attacks/index.js';
import { linearOracle, tikhonovOperator } from '../../oracles/index.js';
import type { UnitOutput } from '../core/store.js';
import type { UnitContext } from './context.js';
import { loadImage } from './loadedImage.js';
import { lengthOf } from './perturbed.js';

export interface OracleParameters {
  readonly lambda: number;
  readonly iterations: number;
  readonly lanczosSteps: number;
  readonly epsilon: number;
  /** Of the attack by gradients, and of the joint one. */
  readonly steps: number;
  readonly jointSteps: number;
}

export interface OracleResult {
  /** ‖R e‖/‖e‖ */
  readonly oracle: number;
  readonly noise: number;
  readonly attacks: readonly { readonly attack: string; readonly gain: number }[];
}

/**
 * How near attacks come to the worst case of a method whose worst case is known: R = (A^H A + λI)^{-1} A^H, CG-SENSE run to
 * convergence with maps held fixed, which is linear in the samples.
 */
export async function oracleUnit(context: UnitContext): Promise<UnitOutput> {
  const { lambda, iterations, lanczosSteps, epsilon, steps, jointSteps } =
    context.parameters<OracleParameters>();
  const { sampled, full, dispose } = await loadImage(context);
  const maps = sampled.maps!;
  const operator = tikhonovOperator(maps, sampled.mask, lambda, { iterations });
  const method = cgSense({ maps, lambda, iterations, tolerance: 0, output: 'complex' });
  const plans = [
    { method: 'joint', steps: jointSteps },
    { method: 'unrolled', steps },
  ] as const;
  try {
    using worst = await linearOracle(operator, { steps: lanczosSteps });
    const attacks: { attack: string; gain: number }[] = [];
    for (const [i, plan] of plans.entries()) {
      context.report((i + 1) / 3);
      const key = context.key('oracle', context.unit.inputs.image!);
      using found = await attack(method, sampled, {
        ...{ ...plan, epsilon, full: full.kspace, maps: 'clean', control: false, key },
      });
      attacks.push({ attack: plan.method, gain: await gainOf(operator, found.perturbation) });
    }
    using noise = gaussianControl(sampled, {
      norm: 1,
      key: context.key('noise', context.unit.inputs.image!),
    });
    const result = { oracle: worst.gain, noise: await gainOf(operator, noise), attacks };
    return { result: result satisfies OracleResult };
  } finally {
    dispose();
  }
}

/** ‖R e‖/‖e‖ */
async function gainOf(operator: LinearOperator, e: Tensor): Promise<number> {
  using image = scope(() => operator.apply(e));
  return (await lengthOf(image)) / (await lengthOf(e));
}
