import {
  abs,
  abs2,
  add,
  centredFft,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  imag,
  mul,
  real,
  stack,
  sub,
  sum,
  type Tensor,
  wavedec2,
  zeros,
} from '@adjoint/tensor';
import { dct2, senseSystem } from '../operators/index.js';
import type { Reconstructor } from '../reconstructor.js';
import { gradientDescent, type LeastSquares } from '../solvers/index.js';
import { checkOutput, type ImageOutput } from './image.js';
import { reconstructSlices } from './slices.js';
import { type SparsifyingTransform, transforms } from './sparsity.js';

export interface FaithfulL1Options {
  readonly mode: 'faithful';
  /** c64 [..., coils, H, W]; default those of the measurement, or ESPIRiT's. */
  readonly maps?: Tensor | undefined;
  /** Magnitude images f32 (default), or complex ones. */
  readonly output?: ImageOutput | undefined;
  /** Default 'wavelet'. */
  readonly transform?: SparsifyingTransform | undefined;
  /** Weight beside the mean squared error; default 1e-12, for 'dct' 1e-14. */
  readonly lambda?: number | undefined;
  /** Default 1e5. */
  readonly learningRate?: number | undefined;
  /** Default 1000. */
  readonly iterations?: number | undefined;
}

const split = (z: Tensor): Tensor => add(sum(abs(real(z))), sum(abs(imag(z))));

/** What the code penalises: sums of moduli of real numbers, real and imaginary parts apart. */
const penalties: Record<SparsifyingTransform, (x: Tensor) => Tensor> = {
  // three levels of db3 continued by zeros, of which only the coarsest approximation counts
  wavelet: (x) => {
    const coarse = (part: Tensor): Tensor =>
      sum(abs(wavedec2(part, 'db3', { mode: 'zero', level: 3 }).approximation));
    return add(coarse(real(x)), coarse(imag(x)));
  },
  fourier: (x) => split(centredFft(x)),
  // the code transforms the last two axes of [H, W, 2]: columns and parts
  dct: (x) => sum(abs(dct2(stack([real(x), imag(x)], -1)))),
};

/**
 * Sparse reconstruction as the code of Darestani et al. (ICML 2021) runs it, which differs from their text: plain gradient
 * steps x ← x − rate · ∇(mse(A x, y) + λ P(x)) from 0, mse the mean over real and imaginary parts of all of k-space, P of the coarsest
 * wavelet band alone (db3, real and imaginary parts apart), of the Fourier transform, or of a DCT over columns and parts. Nothing is
 * scaled: rates and weights are those for data in fastMRI's unit. With these weights it is early-stopped least squares.
 *
 * @internal
 */
export function faithfulL1(options: FaithfulL1Options): Reconstructor {
  const fn = 'l1';
  checkOptions(fn, options, [
    ...['mode', 'maps', 'output', 'transform', 'lambda', 'learningRate', 'iterations'],
  ]);
  const transform = checkChoice(fn, 'option transform', options.transform ?? 'wavelet', transforms);
  const fallback = transform === 'dct' ? 1e-14 : 1e-12;
  const lambda = checkNumber(fn, 'option lambda', options.lambda ?? fallback, { min: 0 });
  const stepSize = checkNumber(fn, 'option learningRate', options.learningRate ?? 1e5, { positive: true });
  const maxIterations = checkInteger(fn, 'option iterations', options.iterations ?? 1000, { min: 1 });
  const output = checkOutput(fn, options.output);
  const { maps } = options;
  return {
    name: 'l1 (faithful)',
    reconstruct: (measurement, given = {}) =>
      reconstructSlices({ fn, maps, output }, measurement, given, async (part, { signal, onProgress }) => {
        const system = senseSystem(part.maps, part.mask, part.kspace);
        const objective = faithfulObjective(system, penalties[transform], lambda);
        const { shape, dtype } = system.operator.domain;
        using start = zeros(shape, { dtype, device: part.kspace.device });
        using _data = system.data;
        const limits = { maxIterations, signal, onProgress };
        return (await gradientDescent(objective, start, { stepSize, ...limits })).x;
      }),
  };
}

const faithfulObjective =
  ({ operator, data }: LeastSquares, penalty: (x: Tensor) => Tensor, lambda: number) =>
  (x: Tensor): Tensor => {
    const misfit = mul(sum(abs2(sub(operator.apply(x), data))), 1 / (2 * data.size));
    return add(misfit, mul(penalty(x), lambda));
  };
