import { disposeTree } from '@adjoint/autograd';
import {
  add,
  checkBoolean,
  checkInteger,
  checkNumber,
  checkTensor,
  div,
  full,
  greater,
  jit,
  lessEqual,
  maximum,
  mul,
  norm,
  real,
  realOf,
  scope,
  sqrt,
  square,
  stack,
  sub,
  type Tensor,
  vdot,
  where,
} from '@adjoint/tensor';
import { checkSolverOptions, iterate, type Solution, type SolverOptions, settled } from './iterate.js';
import { powerIteration } from './powerIteration.js';
import { checkPenalty, checkSmooth, type Penalty, type SmoothTerm } from './problem.js';

export interface FistaOptions extends SolverOptions {
  /** Weight of the penalty; default 1. */
  readonly lambda?: number | undefined;
  /**
   * Step size, at most 1/L for a gradient with Lipschitz constant L. Default 1/L with L from 30 power iterations (5 % are added,
   * since they come from below); that needs a gradient that is affine, as of least squares.
   */
  readonly stepSize?: number | undefined;
  /** Drops the momentum when it points uphill (O'Donoghue & Candès 2015). Default true. */
  readonly restart?: boolean | undefined;
  /** Never lets the objective rise, at the price of one evaluation a step (MFISTA). Default false. */
  readonly monotone?: boolean | undefined;
  /**
   * The result is the mean of the iterates that follow this many. For penalties that draw random numbers, with which
   * single iterates go on fluctuating around the solution. Default: the result is the last iterate.
   */
  readonly averageAfter?: number | undefined;
}

interface State {
  readonly x: Tensor;
  /** The extrapolated point. */
  readonly z: Tensor;
  /** tₖ of the momentum. */
  readonly t: Tensor;
  /** ‖xₖ − xₖ₋₁‖/‖xₖ‖ */
  readonly change: Tensor;
  /** With `averageAfter`: of the iterates so far, the last one until they count. */
  readonly mean?: Tensor;
}

/**
 * Minimises f(x) + λ R(x), f smooth and convex, R with a proximal map, by accelerated proximal gradient steps:
 *
 *     xₖ₊₁ = prox_{τλR}(zₖ − τ ∇f(zₖ)),   tₖ₊₁ = (1 + √(1 + 4tₖ²))/2,   zₖ₊₁ = xₖ₊₁ + (tₖ − 1)/tₖ₊₁ (xₖ₊₁ − xₖ)
 *
 * With `restart`, t falls back to 1 where Re⟨zₖ − xₖ₊₁, xₖ₊₁ − xₖ⟩ > 0. With `monotone`, a point of larger objective only steers the next
 * extrapolation.
 *
 * @param x0 where to start; not consumed
 * @param options.tolerance stops at ‖xₖ₊₁ − xₖ‖ ≤ tolerance · ‖xₖ₊₁‖
 * @throws ArgumentError; NumericalError where the objective stops being finite.
 * Reference: Beck & Teboulle, SIAM J. Imaging Sci. 2 (2009); IEEE TIP 18 (2009) for `monotone`.
 */
export async function fista(
  smooth: SmoothTerm,
  penalty: Penalty,
  x0: Tensor,
  options: FistaOptions = {},
): Promise<Solution> {
  const fn = 'fista';
  checkSmooth(fn, smooth);
  checkPenalty(fn, penalty);
  checkTensor(fn, 'x0', x0);
  checkSolverOptions(fn, options, ['lambda', 'stepSize', 'restart', 'monotone', 'averageAfter']);
  const lambda = checkNumber(fn, 'option lambda', options.lambda ?? 1, { min: 0 });
  const stepSize =
    options.stepSize === undefined
      ? await safeStep(smooth, x0, options)
      : checkNumber(fn, 'option stepSize', options.stepSize, { positive: true });
  const variant = {
    restart: checkBoolean(fn, 'option restart', options.restart ?? true),
    monotone: checkBoolean(fn, 'option monotone', options.monotone ?? false),
  };
  const { averageAfter } = options;
  if (averageAfter !== undefined) checkInteger(fn, 'option averageAfter', averageAfter, { min: 0 });
  const advance = jit(
    (state: State, tau: Tensor, weight: Tensor, share: Tensor, numbers: Tensor[]) =>
      averaged(state.mean, share, fistaStep(smooth, penalty, variant, state, tau, weight, numbers)),
    { donate: [0] },
  );
  const look = jit(({ x, mean = x, change }: State, weight: Tensor) =>
    stack([add(smooth.value(mean), mul(penalty.value(mean), weight)), change]),
  );
  try {
    const { state, ...rest } = await iterate(
      fn,
      {
        start: fistaStart(x0, averageAfter !== undefined),
        step: (at, k) => {
          const share = 1 / Math.max(1, k + 1 - (averageAfter ?? 0));
          return advance(at, stepSize, lambda, share, [...(penalty.numbers?.(k) ?? [])]);
        },
        measure: (at) => look(at, lambda),
      },
      options,
    );
    const { x, mean = x, ...spent } = state;
    disposeTree(mean === x ? spent : { x, ...spent });
    return { x: mean, ...rest };
  } finally {
    advance.dispose();
    look.dispose();
  }
}

function fistaStart(x0: Tensor, averages: boolean): State {
  const one = (): Tensor => full([], 1, { dtype: realOf(x0.dtype), device: x0.device });
  return scope(() => ({
    ...{ x: mul(x0, 1), z: mul(x0, 1), t: one(), change: one() },
    ...(averages && { mean: mul(x0, 1) }),
  }));
}

/** The mean of k iterates from that of k − 1, with the share 1/k. */
const averaged = (mean: Tensor | undefined, share: Tensor, next: State): State =>
  mean ? { ...next, mean: settled(add(mean, mul(sub(next.x, mean), share))) } : next;

interface Variant {
  readonly restart: boolean;
  readonly monotone: boolean;
}

function fistaStep(
  smooth: SmoothTerm,
  penalty: Penalty,
  { restart, monotone }: Variant,
  { x, z, t }: State,
  tau: Tensor,
  weight: Tensor,
  numbers: readonly Tensor[],
): State {
  const descended = sub(z, mul(smooth.gradient(z), tau));
  const found = penalty.proximal(descended, mul(tau, weight), numbers);
  const moved = sub(found, x);
  const before = restart ? where(greater(real(vdot(sub(z, found), moved)), 0), 1, t) : t;
  const after = mul(add(sqrt(add(mul(square(before), 4), 1)), 1), 0.5);
  const momentum = div(sub(before, 1), after);
  const change = div(norm(moved), maximum(norm(found), 1e-30));
  if (!monotone) {
    const extrapolated = add(found, mul(moved, momentum));
    return { x: settled(found), z: extrapolated, t: settled(after), change: settled(change) };
  }
  const objective = (at: Tensor): Tensor => add(smooth.value(at), mul(penalty.value(at), weight));
  const better = lessEqual(objective(found), objective(x));
  const next = where(better, found, x);
  const toward = add(mul(sub(found, next), div(before, after)), mul(sub(next, x), momentum));
  const extrapolated = add(next, toward);
  return { x: settled(next), z: extrapolated, t: settled(after), change: settled(change) };
}

/** 1/L of an affine gradient, whose linear part is ∇f(v) − ∇f(0). */
async function safeStep(smooth: SmoothTerm, x0: Tensor, { signal }: FistaOptions): Promise<number> {
  using offset = scope(() => smooth.gradient(mul(x0, 0)));
  const { value, vector } = await powerIteration((v) => sub(smooth.gradient(v), offset), x0, {
    maxIterations: 30,
    tolerance: 0,
    signal,
  });
  vector.dispose();
  return value > 0 ? 1 / (1.05 * value) : 1;
}
