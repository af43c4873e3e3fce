import { add, div, mul, sqrt, square, sub, type Tensor } from '@adjoint/tensor';
import { checkHyperparameters, constantLike, makeOptimiser, type Optimiser } from './optimiser.js';

export interface RmspropOptions {
  /** Default 1e-2. */
  readonly lr?: number;
  /** Decay of the mean square; default 0.99. */
  readonly alpha?: number;
  /** Default 1e-8. */
  readonly eps?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Divides by the standard deviation instead of the root mean square. Default false. */
  readonly centered?: boolean;
  /** L2: added to the gradient as weightDecay·p. Default 0. */
  readonly weightDecay?: number;
  readonly maximize?: boolean;
}

/**
 * RMSprop, as torch.optim.RMSprop. With g the gradient plus weightDecay·p:
 *
 *   v ← α v + (1 − α) g²,   s = √v + eps   (centered: a ← α a + (1 − α) g, s = √(v − a²) + eps)
 *   p ← p − lr·g/s                           (momentum: b ← momentum·b + g/s, p ← p − lr·b)
 *
 * Hinton, lecture 6e (2012); centered: Graves, arXiv:1308.0850.
 */
export function rmsprop(options: RmspropOptions = {}): Optimiser {
  checkHyperparameters('rmsprop', options, {
    lr: { min: 0 },
    alpha: { min: 0, max: 1 },
    eps: { min: 0 },
    momentum: { min: 0 },
    centered: 'boolean',
    weightDecay: { min: 0 },
    maximize: 'boolean',
  });
  const { lr = 1e-2, alpha = 0.99, eps = 1e-8, momentum = 0 } = options;
  const { centered = false, weightDecay = 0, maximize = false } = options;
  const average = (old: Tensor, value: Tensor): Tensor => add(mul(old, alpha), mul(value, 1 - alpha));
  return makeOptimiser({
    name: 'rmsprop',
    lr,
    maximize,
    init: (flat): Record<string, Tensor> => ({
      v: constantLike(flat, 0),
      ...(centered && { mean: constantLike(flat, 0) }),
      ...(momentum !== 0 && { momentum: constantLike(flat, 0) }),
    }),
    step: (p, g, state, rate) => {
      if (weightDecay !== 0) g = add(g, mul(p, weightDecay));
      const v = average(state.v!, square(g));
      const mean = centered ? average(state.mean!, g) : undefined;
      const scaled = div(g, add(sqrt(mean ? sub(v, square(mean)) : v), eps));
      const b = momentum === 0 ? undefined : add(mul(state.momentum!, momentum), scaled);
      const next = sub(p, mul(b ?? scaled, rate));
      return { p: next, state: { v, ...(mean && { mean }), ...(b && { momentum: b }) } };
    },
  });
}
