import type { LinearOperator } from '@adjoint/autograd';
import {
  add,
  checkNumber,
  checkTensor,
  div,
  full,
  jit,
  maximum,
  mul,
  norm,
  realOf,
  scope,
  stack,
  sub,
  type Tensor,
  zeros,
} from '@adjoint/tensor';
import { checkSolverOptions, iterate, type Solution, type SolverOptions, settled } from './iterate.js';
import { powerIteration } from './powerIteration.js';
import type { Penalty, SmoothTerm } from './problem.js';
import { checkOperator, checkPenalty, checkSmooth } from './problem.js';

export interface PdhgOptions extends SolverOptions {
  /** Weight of the penalty; default 1. */
  readonly lambda?: number | undefined;
  /** Lipschitz constant of the smooth term's gradient; for ½‖A x − y‖² the largest eigenvalue of A^H A. Default: by power iteration. */
  readonly lipschitz?: number | undefined;
  /** Largest eigenvalue of K^H K; default: by power iteration. */
  readonly normSquared?: number | undefined;
  /** σ/τ: how fast the dual variable moves beside x; default 1. */
  readonly ratio?: number | undefined;
}

interface State {
  readonly x: Tensor;
  readonly p: Tensor;
  /** ‖xₖ₊₁ − xₖ‖/‖xₖ₊₁‖ and the same of p: the larger. */
  readonly change: Tensor;
}

/**
 * Minimises f(x) + λ R(K x) by the primal-dual hybrid gradient method, f smooth with explicit steps (Condat, Vũ; without f,
 * Chambolle and Pock):
 *
 *     x₊ = x − τ(∇f(x) + K^H p),   p ← prox_{σ(λR)*}(p + σ K(2x₊ − x)),   1/τ = L/2 + σ‖K‖²
 *
 * The proximal map of the conjugate comes from that of R: prox_{σ(λR)*}(v) = v − σ prox_{λR/σ}(v/σ). One application of A and of A^H a
 * step and no inner problem, whatever K is.
 *
 * @param x0 where to start; not consumed
 * @param options.tolerance stops once x and p change by less, relatively
 * @throws ArgumentError; NumericalError where the objective stops being finite.
 * Reference: Chambolle & Pock, J. Math. Imaging Vis. 40 (2011); Condat, J. Optim. Theory Appl. 158 (2013).
 */
export async function pdhg(
  smooth: SmoothTerm,
  penalty: Penalty,
  K: LinearOperator,
  x0: Tensor,
  options: PdhgOptions = {},
): Promise<Solution> {
  const fn = 'pdhg';
  checkSmooth(fn, smooth);
  checkPenalty(fn, penalty);
  checkOperator(fn, 'K', K);
  checkTensor(fn, 'x0', x0);
  checkSolverOptions(fn, options, ['lambda', 'lipschitz', 'normSquared', 'ratio']);
  const lambda = checkNumber(fn, 'option lambda', options.lambda ?? 1, { min: 0 });
  const { tau, sigma } = await stepSizes(fn, smooth, K, x0, options);
  const advance = jit(
    ({ x, p }: State, primalStep: Tensor, dualStep: Tensor, weight: Tensor, numbers: Tensor[]): State => {
      const next = sub(x, mul(add(smooth.gradient(x), K.adjoint(p)), primalStep));
      const moved = sub(next, x);
      const ascended = add(div(p, dualStep), K.apply(add(next, moved)));
      const dual = mul(sub(ascended, penalty.proximal(ascended, div(weight, dualStep), numbers)), dualStep);
      const change = maximum(relative(moved, next), relative(sub(dual, p), dual));
      return { x: settled(next), p: settled(dual), change: settled(change) };
    },
    { donate: [0] },
  );
  const look = jit(({ x, change }: State, weight: Tensor) =>
    stack([add(smooth.value(x), mul(penalty.value(K.apply(x)), weight)), change]),
  );
  try {
    const { state, ...rest } = await iterate(
      fn,
      {
        start: pdhgStart(K, x0),
        step: (at, k) => advance(at, tau, sigma, lambda, [...(penalty.numbers?.(k) ?? [])]),
        measure: (at) => look(at, lambda),
      },
      options,
    );
    state.p.dispose();
    state.change.dispose();
    return { x: state.x, ...rest };
  } finally {
    advance.dispose();
    look.dispose();
  }
}

const relative = (change: Tensor, whole: Tensor): Tensor => div(norm(change), maximum(norm(whole), 1e-30));

const pdhgStart = (K: LinearOperator, x0: Tensor): State =>
  scope(() => ({
    x: mul(x0, 1),
    p: zeros(K.range.shape, { dtype: K.range.dtype, device: x0.device }),
    change: full([], 1, { dtype: realOf(x0.dtype), device: x0.device }),
  }));

/** τ and σ = ratio · τ with 1/τ = L/2 + σ‖K‖². */
async function stepSizes(
  fn: string,
  smooth: SmoothTerm,
  K: LinearOperator,
  x0: Tensor,
  { lipschitz, normSquared, ratio = 1, signal }: PdhgOptions,
): Promise<{ tau: number; sigma: number }> {
  const search = { maxIterations: 30, tolerance: 0, signal };
  checkNumber(fn, 'option ratio', ratio, { positive: true });
  using offset = scope(() => smooth.gradient(mul(x0, 0)));
  const largest = async (given: number | undefined, name: string, M: (v: Tensor) => Tensor) => {
    if (given !== undefined) return checkNumber(fn, `option ${name}`, given, { min: 0 });
    const { value, vector } = await powerIteration(M, x0, search);
    vector.dispose();
    return 1.05 * value; // power iteration comes from below
  };
  const L = await largest(lipschitz, 'lipschitz', (v) => sub(smooth.gradient(v), offset));
  const k = await largest(normSquared, 'normSquared', K.normal);
  // 1/τ = L/2 + ratio τ k
  const half = L / 2;
  const tau = k > 0 ? 2 / (half + Math.sqrt(half * half + 4 * ratio * k)) : 1 / Math.max(half, 1e-30);
  return { tau, sigma: ratio * tau };
}
