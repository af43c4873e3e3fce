import type { Key, Tensor } from '@adjoint/tensor';
import type { LoopOptions } from './loop.js';
import type { Measurement } from './measurement.js';

/** Parameters of an un-trained method: a tree of tensors. */
export type Params = Tensor | readonly Params[] | { readonly [name: string]: Params };

export interface ReconstructOptions extends LoopOptions {
  /** Randomness of the method, if it has any. */
  readonly key?: Key | undefined;
}

/** An optimisation problem whose solution is the reconstruction: what attacks without unrolling need. */
export interface ReconstructionProblem {
  /** @param measurement what tells the size of the images where the method itself does not */
  init(key: Key, measurement?: Measurement): Params;
  /** Real scalar, differentiable in the parameters and in the samples. */
  objective(params: Params, kspace: Tensor, measurement: Measurement): Tensor;
  /** c64 [..., coils, H, W] */
  coilImages(params: Params, measurement: Measurement): Tensor;
  /** Where solutions are fixed points: what implicit differentiation needs. */
  readonly iteration?: FixedPointIteration | undefined;
}

/** Steps whose fixed points are the solutions, such as those of a proximal gradient method. */
export interface FixedPointIteration {
  /** The next parameters; differentiable in the old ones and in the samples. */
  step(params: Params, kspace: Tensor, measurement: Measurement): Params;
  /** The image that `reconstruct` returns for a solution. */
  image(params: Params, measurement: Measurement): Tensor;
}

/**
 * A reconstruction method. Attacks, comparisons, the command line and reports know only this: one of your
 * own needs a `name` and `reconstruct`.
 */
export interface Reconstructor {
  readonly name: string;
  /** The magnitude image, f32 [..., height, width], cropped as the measurement says. */
  reconstruct(measurement: Measurement, options?: ReconstructOptions): Promise<Tensor>;
  /** The same as a traceable function of the samples, batched, where the method has one. */
  differentiable?(kspace: Tensor, measurement: Measurement): Tensor;
  readonly problem?: ReconstructionProblem;
}
