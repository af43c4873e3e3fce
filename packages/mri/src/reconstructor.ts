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
  init(key: Key): Params;
  /** Real scalar, differentiable in the parameters and in the samples. */
  objective(params: Params, kspace: Tensor, measurement: Measurement): Tensor;
  /** c64 [..., coils, H, W] */
  coilImages(params: Params, measurement: Measurement): Tensor;
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
