import { add, div, maximum, mul, reciprocal, sqrt, square, sub, Tensor } from '@adjoint/tensor';
import {
  checkHyperparameters,
  constantLike,
  makeOptimiser,
  type Optimiser,
  type StepSize,
} from './optimiser.js';

export interface AdamOptions {
  /** Default 1e-3. */
  readonly lr?: number;
  /** Decay of the first and second moment; default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
  /** Default 0 (adam: L2, added to the gradient) or 0.01 (adamW: decoupled). */
  readonly weightDecay?: number;
  /** Divides by the largest second moment seen. Default false. */
  readonly amsgrad?: boolean;
  readonly maximize?: boolean;
}

/**
 * Adam, as torch.optim.Adam. With g the gradient plus weightDecay·p, step k = 1, 2, …:
 *
 *   m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
 *   p ← p − lr · (m / (1 − β₁ᵏ)) / (√(v / (1 − β₂ᵏ)) + eps)
 *
 * Kingma & Ba, ICLR 2015; amsgrad: Reddi et al., ICLR 2018.
 */
export const adam = (options: AdamOptions = {}): Optimiser => adamOptimiser('adam', options, 0);

/**
 * Adam with decoupled weight decay, as torch.optim.AdamW: p ← (1 − lr·weightDecay)·p before an Adam step
 * with the plain gradient. Loshchilov & Hutter, ICLR 2019.
 */
export const adamW = (options: AdamOptions = {}): Optimiser => adamOptimiser('adamW', options, 0.01);

function adamOptimiser(name: 'adam' | 'adamW', options: AdamOptions, defaultDecay: number): Optimiser {
  checkHyperparameters(name, options, {
    lr: { min: 0 },
    betas: 'betas',
    eps: { min: 0 },
    weightDecay: { min: 0 },
    amsgrad: 'boolean',
    maximize: 'boolean',
  });
  const { lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = defaultDecay } = options;
  const { amsgrad = false, maximize = false } = options;
  const [beta1, beta2] = betas;
  return makeOptimiser({
    name,
    lr,
    maximize,
    init: (flat): Record<string, Tensor> => ({
      m: constantLike(flat, 0),
      v: constantLike(flat, 0),
      ...(amsgrad && { vMax: constantLike(flat, 0) }),
      // 1 − βᵏ as tensors, by the recurrence of m and v with g = 1: no values are read, and unlike βᵏ it
      // loses no digits in f32
      mWeight: constantLike(flat, 0, []),
      vWeight: constantLike(flat, 0, []),
    }),
    step: (p, g, state, rate) => {
      if (weightDecay !== 0)
        [p, g] = name === 'adamW' ? [decay(p, rate, weightDecay), g] : [p, add(g, mul(p, weightDecay))];
      const m = average(state.m!, g, beta1);
      const v = average(state.v!, square(g), beta2);
      const mWeight = add(mul(state.mWeight!, beta1), 1 - beta1);
      const vWeight = add(mul(state.vWeight!, beta2), 1 - beta2);
      const vMax = amsgrad ? maximum(state.vMax!, v) : undefined;
      const scale = add(sqrt(div(vMax ?? v, vWeight)), eps);
      const next = sub(p, mul(div(m, scale), mul(reciprocal(mWeight), rate)));
      return { p: next, state: { m, v, ...(vMax && { vMax }), mWeight, vWeight } };
    },
  });
}

const average = (old: Tensor, value: Tensor, beta: number): Tensor =>
  add(mul(old, beta), mul(value, 1 - beta));

const decay = (p: Tensor, rate: StepSize, weightDecay: number): Tensor =>
  rate instanceof Tensor ? mul(p, add(mul(rate, -weightDecay), 1)) : mul(p, 1 - rate * weightDecay);
