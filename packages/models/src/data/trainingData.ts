import type { Key, Tensor } from '@adjoint/tensor';

/** One example: what the network gets, what it is to give, and what else the loss wants. All without batch axis. */
export interface Sample {
  readonly input: Tensor;
  readonly target: Tensor;
  readonly [name: string]: Tensor;
}

/** Examples to train on or to validate with. */
export interface TrainingData {
  /** How many there are; an epoch uses each once. */
  readonly size: number;
  /**
   * Example number `index`, 0 to size − 1, in tensors that belong to the caller. Everything random in it (masks,
   * augmentation) comes from `key`: equal keys give equal examples, or training cannot be resumed exactly.
   */
  sample(index: number, key: Key): Sample | Promise<Sample>;
}
