import {
  abs2,
  add,
  checkInteger,
  checkNumber,
  checkOptions,
  div,
  mul,
  scope,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import type { Reconstructor } from '../reconstructor.js';
import { conjugateGradient } from '../solvers/index.js';
import { checkOutput, finishedImage, type ImageOutput } from './image.js';
import { imageProblem } from './imageProblem.js';
import { inDataUnit, type Scaling, scaledSystem } from './scaledSystem.js';
import { knownMaps, reconstructSlices } from './slices.js';
import { unrolledConjugateGradient } from './unrolled.js';

export interface CgSenseOptions {
  /** c64 [..., coils, H, W]; default those of the measurement, or ESPIRiT's. */
  readonly maps?: Tensor | undefined;
  /** Magnitude images f32 (default), or complex ones. */
  readonly output?: ImageOutput | undefined;
  /** Weight of ½‖x‖²; default 0.005. Both terms are quadratic, so it has no unit and `scaling` changes nothing. */
  readonly lambda?: number | undefined;
  /** Accepted for symmetry with `l1` and `totalVariation`. */
  readonly scaling?: Scaling | undefined;
  /** Iterations at most; default 30. Few iterations regularise, too. */
  readonly iterations?: number | undefined;
  /** Stops at ‖r‖ ≤ tolerance · ‖A^H y‖; default 1e-5. */
  readonly tolerance?: number | undefined;
}

/**
 * CG-SENSE: the minimiser of ½‖A x − y‖² + λ/2 ‖x‖² with A = M F S, by conjugate gradients on (A^H A + λI) x = A^H y. Equals BART's
 * `pics -l2 -r λ`.
 *
 * @throws ArgumentError; ShapeError, DTypeError, NumericalError from `reconstruct` for unusable samples.
 * Reference: Pruessmann et al., MRM 46 (2001).
 */
export function cgSense(options: CgSenseOptions = {}): Reconstructor {
  const fn = 'cgSense';
  checkOptions(fn, options, ['maps', 'lambda', 'scaling', 'iterations', 'tolerance', 'output']);
  const lambda = checkNumber(fn, 'option lambda', options.lambda ?? 0.005, { min: 0 });
  const maxIterations = checkInteger(fn, 'option iterations', options.iterations ?? 30, { min: 1 });
  const tolerance = checkNumber(fn, 'option tolerance', options.tolerance ?? 1e-5, { min: 0 });
  const { maps } = options;
  const output = checkOutput(fn, options.output);
  return {
    name: 'cg-sense',
    reconstruct: (measurement, given = {}) =>
      reconstructSlices({ fn, maps, output }, measurement, given, async (part, { signal, onProgress }) => {
        const system = await scaledSystem(part);
        const { normal } = system.operator;
        const M = (x: Tensor): Tensor => add(normal(x), mul(x, lambda));
        try {
          const limits = { maxIterations, tolerance, checkEvery: 5, signal };
          const report = inDataUnit(onProgress, system.scale);
          const { x } = await conjugateGradient(M, system.adjointData, { ...limits, onProgress: report });
          using found = x;
          return scope(() => mul(found, system.scale));
        } finally {
          system.dispose();
        }
      }),
    differentiable: (kspace, measurement) =>
      scope(() => {
        const known = knownMaps(fn, maps, measurement);
        const x = unrolledConjugateGradient(
          { kspace, mask: measurement.mask, maps: known },
          lambda,
          maxIterations,
        );
        return finishedImage(x, measurement, output);
      }),
    problem: imageProblem({
      ...{ fn, maps, output, lambda, scaling: 'absolute' },
      value: (x) => mul(sum(abs2(x)), 0.5),
      proximal: (v, t) => div(v, add(t, 1)),
    }),
  };
}
