import {
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  mul,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import { finiteDifference, finiteDifferenceOperator } from '../operators/index.js';
import type { Reconstructor } from '../reconstructor.js';
import { admm, groupPenalty } from '../solvers/index.js';
import { checkOutput, finishedImage, type ImageOutput } from './image.js';
import { imageProblem } from './imageProblem.js';
import { inDataUnit, type Scaling, scaledSystem, scalings } from './scaledSystem.js';
import { knownMaps, reconstructSlices } from './slices.js';
import { unrolledTotalVariation } from './unrolled.js';

export interface TotalVariationOptions {
  /** c64 [..., coils, H, W]; default those of the measurement, or ESPIRiT's. */
  readonly maps?: Tensor | undefined;
  /** Magnitude images f32 (default), or complex ones. */
  readonly output?: ImageOutput | undefined;
  /** Weight of TV(x); default 0.005 of max|A^H y|. */
  readonly lambda?: number | undefined;
  /** Unit of lambda; default 'relative'. */
  readonly scaling?: Scaling | undefined;
  /** Applications of A^H A, as BART counts: conjugate gradient steps of all ADMM iterations together. Default 100. */
  readonly iterations?: number | undefined;
  /** Stops once both ADMM residuals are at most this, relatively; default 0: never. */
  readonly tolerance?: number | undefined;
}

/** Conjugate gradient steps within an ADMM iteration, as in BART: fewer, and ADMM gets less far in the same number of them. */
const inner = 10;

/**
 * Total variation: the minimiser of ½‖A x − y‖² + λ Σ_p √(|d₀ x(p)|² + |d₁ x(p)|²), d₀ and d₁ circular forward differences (isotropic,
 * complex), by ADMM with ρ = 0.5 (of images scaled to order 1) and over-relaxation 1.6. BART's `pics -R T:3:0:λ`.
 *
 * @throws ArgumentError; ShapeError, DTypeError, NumericalError from `reconstruct` for unusable samples.
 * Reference: Rudin, Osher & Fatemi 1992; Block, Uecker & Frahm, MRM 57 (2007).
 */
export function totalVariation(options: TotalVariationOptions = {}): Reconstructor {
  const fn = 'totalVariation';
  checkOptions(fn, options, ['maps', 'lambda', 'scaling', 'iterations', 'tolerance', 'output']);
  const { maps } = options;
  const output = checkOutput(fn, options.output);
  const lambda = checkNumber(fn, 'option lambda', options.lambda ?? 0.005, { min: 0 });
  const scaling = checkChoice(fn, 'option scaling', options.scaling ?? 'relative', scalings);
  const iterations = checkInteger(fn, 'option iterations', options.iterations ?? 100, { min: 1 });
  const tolerance = checkNumber(fn, 'option tolerance', options.tolerance ?? 0, { min: 0 });
  return {
    name: 'tv',
    reconstruct: (measurement, given = {}) =>
      reconstructSlices({ fn, maps, output }, measurement, given, async (part, { signal, onProgress }) => {
        const system = await scaledSystem(part);
        try {
          const { x } = await admm(system, groupPenalty, finiteDifferenceOperator(system.operator.domain), {
            lambda: scaling === 'relative' ? lambda : lambda / system.scale,
            innerIterations: inner,
            maxIterations: Math.ceil(iterations / inner),
            checkEvery: 1,
            ...{ tolerance, signal, onProgress: inDataUnit(onProgress, system.scale) },
          });
          using found = x;
          return scope(() => mul(found, system.scale));
        } finally {
          system.dispose();
        }
      }),
    differentiable: (kspace, measurement) =>
      scope(() => {
        const known = knownMaps(fn, maps, measurement);
        const settings = { lambda, scaling, iterations };
        return finishedImage(
          unrolledTotalVariation({ kspace, mask: measurement.mask, maps: known }, settings),
          measurement,
          output,
        );
      }),
    problem: imageProblem({
      ...{ fn, maps, output, lambda, scaling },
      value: (x) => groupPenalty.value(finiteDifference(x)),
    }),
  };
}
