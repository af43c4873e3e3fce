import type { LinearOperator } from '@adjoint/autograd';
import {
  abs2,
  add,
  checkTensor,
  div,
  formatType,
  greater,
  jit,
  mul,
  norm,
  real,
  ShapeError,
  scope,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  vdot,
  where,
  zerosLike,
} from '@adjoint/tensor';
import { checkSolverOptions, iterate, type Solution, type SolverOptions, settled } from './iterate.js';
import { checkOperator } from './problem.js';

export interface ConjugateGradientOptions extends SolverOptions {
  /** Where to start; default 0. Not consumed. */
  readonly x0?: Tensor | undefined;
}

interface State {
  readonly x: Tensor;
  /** The residual b − M x. */
  readonly r: Tensor;
  readonly p: Tensor;
  /** ‖r‖² */
  readonly rr: Tensor;
}

/**
 * Solves M x = b for Hermitian positive semidefinite M, the minimiser of ½⟨x, M x⟩ − Re⟨b, x⟩, by conjugate gradients:
 *
 *     α = ‖r‖²/⟨p, M p⟩,   x ← x + α p,   r ← r − α M p,   p ← r + (‖r₊‖²/‖r‖²) p
 *
 * For a singular M and b in its range it finds the solution nearest to the start. Least squares min ‖A x − y‖² + λ‖x‖²: M = A^H A + λI,
 * b = A^H y.
 *
 * @param M maps tensors like b to tensors like b; `normal` of an operator, or an operator from a space to itself.
 * @param b floating or complex; complex numbers count as such, not as pairs
 * @param options.tolerance stops at ‖r‖ ≤ tolerance · ‖b‖; default 1e-6
 * @returns the solution; the history holds ½⟨x, M x⟩ − Re⟨b, x⟩ = −½ Re⟨x, b + r⟩, with r as the iteration carries it.
 * @throws ShapeError, DTypeError; NumericalError where M or b hold NaN.
 * Reference: Hestenes & Stiefel 1952; for SENSE, Pruessmann et al., MRM 46 (2001).
 */
export async function conjugateGradient(
  M: LinearOperator | ((x: Tensor) => Tensor),
  b: Tensor,
  options: ConjugateGradientOptions = {},
): Promise<Solution> {
  const fn = 'conjugateGradient';
  const { x0 } = checkSolverOptions(fn, options, ['x0']);
  checkTensor(fn, 'b', b);
  if (x0 !== undefined) checkLike(fn, 'option x0', x0, b);
  const apply = typeof M === 'function' ? M : checkOperator(fn, 'M', M).apply;
  const step = jit((state: State) => conjugateGradientStep(apply, state), { donate: [0] });
  const measure = jit(({ x, r, rr }: State, bNorm: Tensor) =>
    stack([mul(real(vdot(x, add(b, r))), -0.5), div(sqrt(rr), where(greater(bNorm, 0), bNorm, 1))]),
  );
  const bNorm = norm(b);
  try {
    const start = scope(() => conjugateGradientStart(apply, b, x0));
    const { state, ...rest } = await iterate(
      fn,
      { start, step, measure: (at) => measure(at, bNorm) },
      options,
    );
    for (const spent of [state.r, state.p, state.rr]) spent.dispose();
    return { x: state.x, ...rest };
  } finally {
    bNorm.dispose();
    step.dispose();
    measure.dispose();
  }
}

/** The state before the first step; with a starting point it costs one application of M. @internal */
export function conjugateGradientStart(apply: (x: Tensor) => Tensor, b: Tensor, x0?: Tensor): State {
  const x = x0 === undefined ? zerosLike(b) : mul(x0, 1);
  const r = x0 === undefined ? mul(b, 1) : sub(b, apply(x0));
  return { x, r, p: mul(r, 1), rr: sum(abs2(r)) };
}

/** One step; nothing moves once the residual is 0. @internal */
export function conjugateGradientStep(apply: (x: Tensor) => Tensor, { x, r, p, rr }: State): State {
  const image = apply(p);
  const curvature = real(vdot(p, image));
  const alpha = safeQuotient(rr, curvature);
  const rNext = sub(r, mul(image, alpha));
  const rrNext = sum(abs2(rNext));
  const pNext = add(rNext, mul(p, safeQuotient(rrNext, rr)));
  const xNext = add(x, mul(p, alpha));
  return { x: xNext, r: rNext, p: settled(pNext), rr: settled(rrNext) };
}

/** a/b, and 0 where b is not positive. NaN stays, so that it is found. */
const safeQuotient = (a: Tensor, b: Tensor): Tensor =>
  where(greater(b, 0), div(a, where(greater(b, 0), b, 1)), mul(b, 0));

/** Requires a tensor of another's shape and dtype. @internal */
export function checkLike(fn: string, argument: string, x: Tensor, model: Tensor): void {
  checkTensor(fn, argument, x);
  if (formatType(x) !== formatType(model))
    throw new ShapeError({ fn, argument, expected: formatType(model), got: formatType(x) });
}
