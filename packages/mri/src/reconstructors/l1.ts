import { compose } from '@adjoint/autograd';
import {
  add,
  checkBoolean,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  div,
  type Key,
  mul,
  scope,
  sub,
  type Tensor,
  type TensorType,
  zeros,
} from '@adjoint/tensor';
import type { ReconstructOptions, Reconstructor } from '../reconstructor.js';
import { NumpyRandom } from '../sampling/index.js';
import { fista, l1Penalty, leastSquares, normalLeastSquares } from '../solvers/index.js';
import { cropOperator } from './extension.js';
import { checkOutput, finishedImage, type ImageOutput } from './image.js';
import { imageProblem } from './imageProblem.js';
import { type FaithfulL1Options, faithfulL1 } from './l1Faithful.js';
import { inDataUnit, type ScaledSystem, type Scaling, scaledSystem, scalings } from './scaledSystem.js';
import { knownMaps, reconstructSlices } from './slices.js';
import { cycleSpinning, type SparsityOptions, sparsityOf } from './sparsity.js';
import { unrolledFista } from './unrolled.js';

export interface L1Options extends SparsityOptions {
  /** Default. 'faithful' runs the published code of a study instead, with options of its own. */
  readonly mode?: 'corrected' | undefined;
  /** c64 [..., coils, H, W]; default those of the measurement, or ESPIRiT's. */
  readonly maps?: Tensor | undefined;
  /** Magnitude images f32 (default), or complex ones. */
  readonly output?: ImageOutput | undefined;
  /** Weight of ‖W x‖₁; default 0.002 of max|A^H y|. */
  readonly lambda?: number | undefined;
  /** Unit of lambda; default 'relative'. */
  readonly scaling?: Scaling | undefined;
  /** Default 100. */
  readonly iterations?: number | undefined;
  /** Stops once an iteration changes the image by less, relatively; default 0: never. */
  readonly tolerance?: number | undefined;
  /**
   * Shifts the wavelets' grid at random at every iteration, and averages the images of the last quarter of them; default
   * true. Without it the objective is minimised as it stands.
   */
  readonly cycleSpinning?: boolean | undefined;
  /**
   * Ends with x + τ A^H(y − A x), a gradient step that no threshold follows, as BART's `pics` does; default false. It gives
   * back what the penalty took from measured samples, their noise as well. The result solves no problem then, so there is no
   * `problem` or `differentiable`.
   */
  readonly dataStep?: boolean | undefined;
  /** Where the iterations begin, c64 [H, W] before cropping: the solution for similar data. Default: zeros. */
  readonly start?: Tensor | undefined;
}
const optionNames = [
  'mode',
  ...['maps', 'lambda', 'scaling', 'iterations', 'tolerance', 'output', 'cycleSpinning'],
  ...['dataStep', 'transform', 'wavelet', 'level', 'boundary', 'start'],
];

/**
 * Sparse reconstruction: the minimiser of ½‖A x − y‖² + λ ‖W x‖₁ with A = M F S, W an orthonormal transform (all its bands) and ‖·‖₁ the sum of
 * complex moduli, by FISTA with step 1/max_p Σ_c |S_c(p)|².
 *
 * Images whose sides wavelets cannot halve often enough are extended, and the extension is free: the minimum is over it as well.
 *
 * @throws ArgumentError; ShapeError, DTypeError, NumericalError from `reconstruct` for unusable samples.
 * Reference: Lustig, Donoho & Pauly, MRM 58 (2007).
 */
export function l1(options: L1Options | FaithfulL1Options = {}): Reconstructor {
  const fn = 'l1';
  if (options?.mode === 'faithful') return faithfulL1(options);
  checkOptions(fn, options, optionNames);
  checkChoice(fn, 'option mode', options.mode ?? 'corrected', ['corrected', 'faithful']);
  const { maps } = options;
  const output = checkOutput(fn, options.output);
  const settings = {
    lambda: checkNumber(fn, 'option lambda', options.lambda ?? 0.002, { min: 0 }),
    scaling: checkChoice(fn, 'option scaling', options.scaling ?? 'relative', scalings),
    iterations: checkInteger(fn, 'option iterations', options.iterations ?? 100, { min: 1 }),
    tolerance: checkNumber(fn, 'option tolerance', options.tolerance ?? 0, { min: 0 }),
    spins: checkBoolean(fn, 'option cycleSpinning', options.cycleSpinning ?? true),
    dataStep: checkBoolean(fn, 'option dataStep', options.dataStep ?? false),
    start: options.start && checkTensor(fn, 'option start', options.start),
  };
  const transformOf = ({ shape }: Pick<TensorType, 'shape'>) =>
    sparsityOf(fn, shape.slice(-2) as [number, number], options);
  transformOf({ shape: [1, 1] }); // refuses bad options at once
  const plain = (space: TensorType) => l1Penalty(transformOf(space).on(space));
  const reconstruct: Reconstructor['reconstruct'] = (measurement, given = {}) =>
    reconstructSlices({ fn, maps, output }, measurement, given, async (part, sliceOptions) => {
      const system = await scaledSystem(part);
      try {
        return await solve(system, transformOf(system.operator.domain), settings, sliceOptions);
      } finally {
        system.dispose();
      }
    });
  if (settings.dataStep) return { name: 'l1', reconstruct };
  return {
    name: 'l1',
    reconstruct,
    differentiable: (kspace, measurement) =>
      scope(() => {
        const known = knownMaps(fn, maps, measurement);
        const { mask } = measurement;
        const sparsity = transformOf(kspace);
        const x = unrolledFista({ kspace, mask, maps: known }, sparsity, settings);
        return finishedImage(x, measurement, output);
      }),
    problem: imageProblem({
      ...{ ...settings, fn, maps, output },
      value: (x) => plain(x).value(x),
      proximal: (v, t) => plain(v).proximal(v, t, []),
    }),
  };
}

interface Settings {
  readonly lambda: number;
  readonly scaling: Scaling;
  readonly iterations: number;
  readonly tolerance: number;
  readonly spins: boolean;
  readonly dataStep: boolean;
  readonly start: Tensor | undefined;
}

/** Of the iterations with random shifts, the last ones. More lags behind where the iterates have not arrived yet. */
const averagedPart = 0.25;

async function solve(
  system: ScaledSystem,
  { multiple, on }: ReturnType<typeof sparsityOf>,
  { lambda, scaling, iterations, tolerance, spins, dataStep, start: given }: Settings,
  { signal, onProgress, key }: ReconstructOptions,
): Promise<Tensor> {
  const { domain } = system.operator;
  const crop = cropOperator(domain, multiple);
  const operator = crop ? compose(system.operator, crop) : system.operator;
  const transform = on(operator.domain);
  const random = new NumpyRandom(key === undefined ? 0 : await seedOf(key));
  const penalty = spins ? cycleSpinning(transform, multiple, random) : l1Penalty(transform);
  using adjointData = scope(() => (crop ? crop.adjoint(system.adjointData) : mul(system.adjointData, 1)));
  const smooth = {
    ...normalLeastSquares({ operator, data: system.data }, adjointData),
    value: leastSquares({ operator, data: system.data }).value,
  };
  using start = scope(() => {
    if (!given) return zeros(operator.domain.shape, { dtype: domain.dtype, device: adjointData.device });
    const scaled = div(given, system.scale);
    return crop ? crop.adjoint(scaled) : scaled;
  });
  const { x } = await fista(smooth, penalty, start, {
    lambda: scaling === 'relative' ? lambda : lambda / system.scale,
    stepSize: 1 / system.bound,
    restart: !spins, // shifts move the iterates in ways that look uphill
    averageAfter: spins ? Math.floor((1 - averagedPart) * iterations) : undefined,
    ...{ maxIterations: iterations, tolerance, signal },
    onProgress: inDataUnit(onProgress, system.scale),
  });
  using found = x;
  return scope(() => {
    const image = crop ? crop.apply(found) : found;
    if (!dataStep) return mul(image, system.scale);
    const left = sub(system.adjointData, system.operator.normal(image));
    return mul(add(image, div(left, system.bound)), system.scale);
  });
}

const seedOf = async (key: Key): Promise<number[]> => Array.from(await key.data(), (word) => word >>> 0);
