import {
  ArgumentError,
  checkBoolean,
  checkNumber,
  checkOptions,
  checkTensor,
  describe,
  formatType,
  full,
  neg,
  ShapeError,
  scope,
  Tensor,
} from '@adjoint/tensor';
import { matchTypes } from '../recording.js';
import { flattenTree, unflattenParameters } from './flat.js';

/** A step size: a number, or a 0-d tensor of the parameters' real dtype (for compiled loops). */
export type StepSize = number | Tensor;

/** Everything an optimiser remembers: named tensors, ready to be saved. */
export type OptimiserState = Readonly<Record<string, Tensor>>;

/**
 * Steps of gradient descent as pure functions over trees of real and complex tensors. Complex numbers count
 * as two independent real ones (as in PyTorch). All arithmetic happens on one flat vector; new parameters
 * are views of it. Old parameters and state are left alone: dispose them (`disposeTree`) or run in a `scope`.
 */
export interface Optimiser {
  readonly name: string;
  /** The state before the first step. */
  init(params: unknown): OptimiserState;
  /**
   * One step. `gradients` is a tree like `params`, as `grad` returns it.
   * @param options.lr replaces the optimiser's step size for this step: schedules.
   */
  update<T>(
    params: T,
    gradients: T,
    state: OptimiserState,
    options?: { lr?: StepSize },
  ): { params: T; state: OptimiserState };
}

/** What a method adds: its memory and its arithmetic on flat vectors. */
export interface Method<S extends OptimiserState> {
  readonly name: string;
  readonly lr: number;
  /** Ascends instead of descending. */
  readonly maximize: boolean;
  /** State for parameters like `flat`. */
  init(flat: Tensor): S;
  step(p: Tensor, g: Tensor, state: S, lr: StepSize): { p: Tensor; state: S };
}

/** An optimiser of trees from a method on flat vectors. */
export function makeOptimiser<S extends OptimiserState>(method: Method<S>): Optimiser {
  const { name } = method;
  const fn = `${name}.update`;
  return {
    name,
    init: (params) => scope(() => method.init(flattenTree(`${name}.init`, 'params', params).flat)),
    update: (params, gradients, state, options = {}) =>
      scope(() => {
        const { flat, layout } = flattenTree(fn, 'params', params);
        matchTypes(fn, 'gradients', params, gradients);
        checkOptions(fn, options, ['lr']);
        const lr = checkStepSize(fn, options.lr ?? method.lr, flat);
        checkState(fn, state, method.init(flat));
        const g = flattenTree(fn, 'gradients', gradients).flat;
        const next = method.step(flat, method.maximize ? neg(g) : g, state as S, lr);
        return { params: unflattenParameters(next.p, layout), state: next.state };
      }),
  };
}

/** A zero or other constant of the vector's dtype and device. */
export const constantLike = (flat: Tensor, value: number, shape = flat.shape): Tensor =>
  full(shape, value, { dtype: flat.dtype, device: flat.device });

function checkStepSize(fn: string, lr: unknown, flat: Tensor): StepSize {
  if (!(lr instanceof Tensor)) return checkNumber(fn, 'option lr', lr, { min: 0 });
  checkTensor(fn, 'option lr', lr);
  if (lr.rank === 0 && lr.dtype === flat.dtype) return lr;
  const expected = `a number or a ${flat.dtype} [] tensor`;
  throw new ShapeError({ fn, argument: 'option lr', expected, got: formatType(lr) });
}

function checkState(fn: string, state: OptimiserState, model: OptimiserState): void {
  if (state === null || typeof state !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'state',
      expected: 'what init() or update() returned',
      got: describe(state),
    });
  matchTypes(fn, 'state', model, { ...state });
}

/** Refuses misspelt options and numbers out of range. */
export function checkHyperparameters(
  fn: string,
  options: object,
  ranges: Readonly<Record<string, { min?: number; max?: number; positive?: boolean } | 'boolean' | 'betas'>>,
): void {
  checkOptions(fn, options, Object.keys(ranges));
  for (const [name, value] of Object.entries(options)) {
    const range = ranges[name]!;
    const argument = `option ${name}`;
    if (value === undefined) continue;
    if (range === 'boolean') checkBoolean(fn, argument, value);
    else if (range === 'betas') {
      if (!Array.isArray(value) || value.length !== 2 || !value.every((beta) => beta >= 0 && beta < 1))
        throw new ArgumentError({ fn, argument, expected: 'two numbers in [0, 1)', got: describe(value) });
    } else checkNumber(fn, argument, value, range);
  }
}
