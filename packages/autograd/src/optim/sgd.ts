import { ArgumentError, add, checkNumber, mul, sub, type Tensor } from '@adjoint/tensor';
import { checkHyperparameters, constantLike, makeOptimiser, type Optimiser } from './optimiser.js';

export interface SgdOptions {
  readonly lr: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Default 0. Not applied to the first gradient. */
  readonly dampening?: number;
  /** Default false; needs momentum > 0 and no dampening. */
  readonly nesterov?: boolean;
  /** L2: added to the gradient as weightDecay·p. Default 0. */
  readonly weightDecay?: number;
  readonly maximize?: boolean;
}

/**
 * Gradient descent with momentum, as torch.optim.SGD. With g the gradient plus weightDecay·p:
 *
 *   b ← momentum·b + (1 − dampening)·g   (first step: b = g)
 *   p ← p − lr·b                          (nesterov: lr·(g + momentum·b))
 *
 * Sutskever et al., ICML 2013.
 */
export function sgd(options: SgdOptions): Optimiser {
  const fn = 'sgd';
  checkHyperparameters(fn, options, {
    lr: { min: 0 },
    momentum: { min: 0 },
    dampening: {},
    nesterov: 'boolean',
    weightDecay: { min: 0 },
    maximize: 'boolean',
  });
  checkNumber(fn, 'option lr', options.lr, { min: 0 });
  const { lr, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0, maximize = false } = options;
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new ArgumentError({
      fn,
      argument: 'option nesterov',
      expected: 'used with momentum > 0 and dampening 0',
      got: `momentum ${momentum}, dampening ${dampening}`,
    });
  return makeOptimiser({
    name: fn,
    lr,
    maximize,
    // `gain` is 1 before the first step and 1 − dampening after it: the rule stays free of branches on values
    init: (flat): Record<string, Tensor> => ({
      ...(momentum !== 0 && { momentum: constantLike(flat, 0) }),
      ...(momentum !== 0 && dampening !== 0 && { gain: constantLike(flat, 1, []) }),
    }),
    step: (p, g, state, rate) => {
      if (weightDecay !== 0) g = add(g, mul(p, weightDecay));
      if (momentum === 0) return { p: sub(p, mul(g, rate)), state };
      const b = add(mul(state.momentum!, momentum), state.gain ? mul(g, state.gain) : g);
      const direction = nesterov ? add(g, mul(b, momentum)) : b;
      const gain = state.gain && { gain: constantLike(p, 1 - dampening, []) };
      return { p: sub(p, mul(direction, rate)), state: { momentum: b, ...gain } };
    },
  });
}
