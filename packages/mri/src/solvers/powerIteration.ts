import type { LinearOperator } from '@adjoint/autograd';
import {
  ArgumentError,
  abs,
  checkChoice,
  checkShape,
  checkTensor,
  complexNormal,
  describe,
  div,
  isComplex,
  jit,
  type Key,
  key as makeKey,
  maximum,
  norm,
  normal,
  scope,
  stack,
  sub,
  Tensor,
  type TensorType,
} from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { checkSolverOptions, iterate, type SolverOptions } from './iterate.js';
import { checkOperator } from './problem.js';

export interface PowerIterationOptions extends SolverOptions {
  /** Of the random start; default key(0). */
  readonly key?: Key | undefined;
}

export interface Eigenpair {
  /** The largest eigenvalue; approached from below. */
  readonly value: number;
  /** Its eigenvector, of norm 1. */
  readonly vector: Tensor;
  readonly iterations: number;
  readonly converged: boolean;
}

interface State {
  readonly v: Tensor;
  /** ‖M v‖ at the last step. */
  readonly value: Tensor;
  /** Its relative change. */
  readonly change: Tensor;
}

/**
 * Largest eigenvalue and eigenvector of a Hermitian positive semidefinite M: v ← M v/‖M v‖, from a random start. For an operator A,
 * `powerIteration(A.normal, A.domain)` gives the square of the largest singular value, the Lipschitz constant of the gradient of
 * ½‖A x − y‖².
 *
 * @param like the type of what M maps, on the device of a tensor if it is one; default the operator's domain
 * @param options.maxIterations default 30
 * @param options.tolerance stops when the value changes by less, relatively; default 1e-6
 */
export async function powerIteration(
  M: LinearOperator | ((x: Tensor) => Tensor),
  like?: Tensor | TensorType,
  options: PowerIterationOptions = {},
): Promise<Eigenpair> {
  const fn = 'powerIteration';
  checkSolverOptions(fn, options, ['key']);
  const apply = typeof M === 'function' ? M : checkOperator(fn, 'M', M).apply;
  const space = like ?? (typeof M === 'function' ? undefined : M.domain);
  if (space === undefined)
    throw new ArgumentError({
      fn,
      argument: 'like',
      expected: 'a type { shape, dtype } or a tensor',
      got: 'undefined',
      remedy: 'A function does not say what it takes.',
    });
  if (!(space instanceof Tensor)) checkType(fn, 'like', space);
  const step = jit(
    ({ v, value }: State) => {
      const image = apply(v);
      const size = norm(image);
      return {
        v: div(image, maximum(size, 1e-30)),
        value: size,
        change: div(abs(sub(size, value)), maximum(size, 1e-30)),
      };
    },
    { donate: [0] },
  );
  const measure = jit(({ value, change }: State) => stack([value, change]));
  try {
    const start = scope(() => {
      const v = onBehalf(fn, () => randomLike(space, options.key));
      const size = norm(v);
      return { v: div(v, size), value: div(size, size), change: div(size, size) };
    });
    const { state, history, iterations, converged } = await iterate(
      fn,
      { start, step, measure },
      { ...options, maxIterations: options.maxIterations ?? 30 },
    );
    state.value.dispose();
    state.change.dispose();
    return { value: history.at(-1)!.objective, vector: state.v, iterations, converged };
  } finally {
    step.dispose();
    measure.dispose();
  }
}

/** A type { shape, dtype } of numbers that can be drawn. */
function checkType(fn: string, argument: string, type: TensorType): void {
  if (type === null || typeof type !== 'object')
    throw new ArgumentError({
      fn,
      argument,
      expected: 'a type { shape, dtype } or a tensor',
      got: describe(type),
    });
  checkShape(fn, `the shape of ${argument}`, type.shape);
  checkChoice(fn, `the dtype of ${argument}`, type.dtype, ['f32', 'f64', 'c64', 'c128']);
}

/** Standard normal entries in the type, and on the device, of another tensor. @internal */
export function randomLike(like: Tensor | TensorType, key?: Key): Tensor {
  const device = 'device' in like ? checkTensor('random start', 'the tensor', like).device : undefined;
  const options = device === undefined ? {} : { device };
  const seed = key ?? makeKey(0, options);
  const { shape, dtype } = like;
  return isComplex(dtype)
    ? complexNormal(seed, shape, { dtype: dtype as 'c64' })
    : normal(seed, shape, { dtype: dtype as 'f32' });
}
