import type { LinearOperator } from '@adjoint/autograd';
import {
  ArgumentError,
  abs,
  abs2,
  checkTensor,
  describe,
  mul,
  norm,
  sub,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { groupThreshold, softThreshold } from './proximal.js';

/** The differentiable part of an objective. */
export interface SmoothTerm {
  /** Real scalar. */
  value(x: Tensor): Tensor;
  /** ∂/∂Re + i ∂/∂Im, of x's shape and dtype. */
  gradient(x: Tensor): Tensor;
}

/** The part of an objective that has a proximal map. */
export interface Penalty {
  /** Real scalar R(x), without its weight. */
  value(x: Tensor): Tensor;
  /**
   * argmin_u ½‖u − v‖² + t R(u); exact or, for random maps, on average.
   * @param numbers what `numbers` gave for this step, as 0-d tensors
   */
  proximal(v: Tensor, t: Tensor, numbers: readonly Tensor[]): Tensor;
  /** Numbers that change with the step k (random shifts): arguments of the compiled step, always as many. */
  numbers?(k: number): readonly number[];
}

/** A least-squares problem: ½‖A x − data‖². */
export interface LeastSquares {
  readonly operator: LinearOperator;
  readonly data: Tensor;
}

const has = (value: unknown, ...methods: readonly string[]): boolean =>
  value !== null &&
  typeof value === 'object' &&
  methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');

const refuse = (fn: string, argument: string, expected: string, got: unknown): ArgumentError =>
  new ArgumentError({ fn, argument, expected, got: describe(got) });

/** @internal */
export function checkPenalty(fn: string, penalty: Penalty): void {
  if (!has(penalty, 'value', 'proximal'))
    throw refuse(fn, 'penalty', '{ value, proximal } as l1Penalty returns', penalty);
}

/** @internal */
export function checkSmooth(fn: string, smooth: SmoothTerm): void {
  if (!has(smooth, 'value', 'gradient'))
    throw refuse(fn, 'smooth', '{ value, gradient } as leastSquares returns', smooth);
}

/** @internal */
export function checkOperator(fn: string, argument: string, operator: LinearOperator): LinearOperator {
  if (has(operator, 'apply', 'adjoint', 'normal') && operator.domain && operator.range) return operator;
  throw refuse(fn, argument, 'a LinearOperator', operator);
}

/** @internal */
export function checkProblem(fn: string, problem: LeastSquares): LeastSquares {
  if (problem === null || typeof problem !== 'object')
    throw refuse(fn, 'problem', '{ operator, data }', problem);
  checkOperator(fn, 'problem.operator', problem.operator);
  checkTensor(fn, 'problem.data', problem.data);
  return problem;
}

/** ½‖A x − y‖² as a smooth term: gradient A^H(A x − y), formed from the residual. */
export function leastSquares(problem: LeastSquares): SmoothTerm {
  const { operator, data } = checkProblem('leastSquares', problem);
  return {
    value: (x) => mul(sum(abs2(sub(operator.apply(x), data))), 0.5),
    gradient: (x) => operator.adjoint(sub(operator.apply(x), data)),
  };
}

/**
 * ½‖A x − y‖² with its gradient as A^H A x − A^H y: where `normal` has a shorter way this is twice as fast, at the price
 * of a relative rounding error near the solution.
 *
 * @param adjointData A^H y
 */
export function normalLeastSquares(problem: LeastSquares, adjointData: Tensor): SmoothTerm {
  const fn = 'normalLeastSquares';
  const { operator, data } = checkProblem(fn, problem);
  checkTensor(fn, 'adjointData', adjointData);
  return {
    value: (x) => mul(sum(abs2(sub(operator.apply(x), data))), 0.5),
    gradient: (x) => sub(operator.normal(x), adjointData),
  };
}

/**
 * R(x) = ‖W x‖₁, the sum of complex moduli, with proximal map W^H soft(W v, t). That is exact for unitary W; for W with W^H W = I
 * alone (a wavelet transform of more coefficients than pixels) it is the usual approximation.
 */
export function l1Penalty(transform: Pick<LinearOperator, 'apply' | 'adjoint'>): Penalty {
  if (!has(transform, 'apply', 'adjoint'))
    throw refuse('l1Penalty', 'transform', '{ apply, adjoint }, such as a LinearOperator', transform);
  return {
    value: (x) => sum(abs(transform.apply(x))),
    proximal: (v, t) => transform.adjoint(softThreshold(transform.apply(v), t)),
  };
}

/** R(z) = Σ √(Σ_a |z_a|²) along the first axis a: of the finite differences of x, isotropic total variation. */
export const groupPenalty: Penalty = {
  value: (z) => sum(norm(z, { axes: 0 })),
  proximal: (v, t) => groupThreshold(v, t),
};
