import { adam, adamW, grad, type Optimiser, rmsprop, sgd } from '@adjoint/autograd';
import { abs2, add, mul, scope, sin, square, stack, sub, sum, type Tensor } from '@adjoint/tensor';
import { GoldenError, type Group } from './h5.js';
import { place, type Result } from './suite.js';

const numberOr = (group: Group, name: string, fallback: number): number =>
  group.has(name) ? group.number(name) : fallback;
const flagOr = (group: Group, name: string): boolean => group.has(name) && group.flag(name);

/** Requires weight decay to be of the kind that the variant has. */
function checkDecay(group: Group, kind: 'l2' | 'decoupled'): void {
  if (group.has('weight_decay_kind') && !group.text('weight_decay_kind').startsWith(kind))
    throw new GoldenError(`weight decay "${group.text('weight_decay_kind')}" is not ${kind}`);
}

const shared = (group: Group) => ({
  lr: group.number('lr'),
  weightDecay: numberOr(group, 'weight_decay', 0),
  maximize: flagOr(group, 'maximize'),
});

function adamOptions(group: Group) {
  const [beta1, beta2] = group.pair('betas');
  return {
    ...shared(group),
    betas: [beta1, beta2] as const,
    eps: group.number('eps'),
    amsgrad: flagOr(group, 'amsgrad'),
  };
}

/** By attribute `variant`; hyper-parameters under PyTorch's names. */
const variants: Record<string, (group: Group) => Optimiser> = {
  sgd: (group) => {
    checkDecay(group, 'l2');
    return sgd({
      ...shared(group),
      momentum: numberOr(group, 'momentum', 0),
      dampening: numberOr(group, 'dampening', 0),
      nesterov: flagOr(group, 'nesterov'),
    });
  },
  adam: (group) => {
    checkDecay(group, 'l2');
    return adam(adamOptions(group));
  },
  adamw: (group) => {
    checkDecay(group, 'decoupled');
    return adamW(adamOptions(group));
  },
  rmsprop: (group) => {
    checkDecay(group, 'l2');
    return rmsprop({
      ...shared(group),
      alpha: group.number('alpha'),
      eps: group.number('eps'),
      momentum: numberOr(group, 'momentum', 0),
      centered: flagOr(group, 'centered'),
    });
  },
};

/** The optimiser a group's attributes describe. */
export function optimiserOf(group: Group): Optimiser {
  const variant = group.text('variant');
  const make = variants[variant];
  if (!make) throw new GoldenError(`optimiser "${variant}" is not known`);
  return make(group);
}

/** f(p) = Σ h p²/2 + Σ sin p, or Σ |z − target|² for complex parameters. */
function objectiveOf(group: Group): (p: Tensor) => Tensor {
  if (flagOr(group, 'complex')) {
    const target = place(group.inherited('target'));
    return (z) => sum(abs2(sub(z, target)));
  }
  const h = place(group.inherited('h'));
  return (p) => add(mul(sum(mul(h, square(p))), 0.5), sum(sin(p)));
}

/** Parameters before the first and after every step. */
export function trajectory(group: Group, limit: number): Result[] {
  const optimiser = optimiserOf(group);
  const gradient = grad(objectiveOf(group));
  const start = group.has('start') ? group.text('start') : flagOr(group, 'complex') ? 'z0' : 'p0';
  const steps = group.number('steps');
  const got = scope(() => {
    let params = { p: place(group.inherited(start)) };
    let state = optimiser.init(params);
    const rows = [params.p];
    for (let step = 0; step < steps; step++) {
      ({ params, state } = optimiser.update(params, { p: gradient(params.p) }, state));
      rows.push(params.p);
    }
    return stack(rows, 0);
  });
  return [{ name: 'trajectory', got, expected: group.dataset('trajectory'), limit }];
}
