import type { LinearOperator } from '@adjoint/autograd';
import {
  add,
  checkInteger,
  checkNumber,
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
import { checkLike, conjugateGradientStart, conjugateGradientStep } from './conjugateGradient.js';
import { checkSolverOptions, iterate, type Solution, type SolverOptions, settled } from './iterate.js';
import {
  checkOperator,
  checkPenalty,
  checkProblem,
  type LeastSquares,
  leastSquares,
  type Penalty,
} from './problem.js';

export interface AdmmOptions extends SolverOptions {
  /** Weight of the penalty; default 1. */
  readonly lambda?: number | undefined;
  /** Weight ρ of the constraint z = K x; default 0.5. */
  readonly rho?: number | undefined;
  /** Over-relaxation in [1, 2); default 1.6. */
  readonly relaxation?: number | undefined;
  /** Conjugate gradient steps for x in every iteration, each with one application of A^H A; default 4. */
  readonly innerIterations?: number | undefined;
  /** Where to start; default 0. Not consumed. */
  readonly x0?: Tensor | undefined;
}

interface State {
  readonly x: Tensor;
  readonly z: Tensor;
  /** The scaled multiplier. */
  readonly u: Tensor;
  /** The larger of the relative primal and dual residual. */
  readonly residual: Tensor;
}

/**
 * Minimises ½‖A x − y‖² + λ R(K x) by the alternating direction method of multipliers:
 *
 *     x ← argmin ½‖A x − y‖² + ρ/2 ‖K x − z + u‖²     (conjugate gradients from the last x, a fixed number of steps)
 *     v = α K x + (1 − α) z,   z ← prox_{λR/ρ}(v + u),   u ← u + v − z
 *
 * @param K into the space where R has a proximal map: finite differences, a wavelet transform.
 * @param options.tolerance stops once ‖K x − z‖/max(‖K x‖, ‖z‖) and ‖K^H(z₊ − z)‖/‖K^H u‖ are both at most this
 * @returns x; the history holds the objective at x itself, not at z
 * @throws ArgumentError, ShapeError; NumericalError where the objective stops being finite.
 * Reference: Boyd et al., Foundations and Trends in ML 3 (2011), sections 3.3, 3.4.3.
 */
export async function admm(
  problem: LeastSquares,
  penalty: Penalty,
  K: LinearOperator,
  options: AdmmOptions = {},
): Promise<Solution> {
  const fn = 'admm';
  checkProblem(fn, problem);
  checkPenalty(fn, penalty);
  checkOperator(fn, 'K', K);
  const { x0 } = checkSolverOptions(fn, options, ['lambda', 'rho', 'relaxation', 'innerIterations', 'x0']);
  const lambda = checkNumber(fn, 'option lambda', options.lambda ?? 1, { min: 0 });
  const rho = checkNumber(fn, 'option rho', options.rho ?? 0.5, { positive: true });
  const relaxation = checkNumber(fn, 'option relaxation', options.relaxation ?? 1.6, { min: 1, max: 1.99 });
  const inner = checkInteger(fn, 'option innerIterations', options.innerIterations ?? 4, { min: 1 });
  const { operator, data } = problem;
  const b = operator.adjoint(data);
  if (x0 !== undefined) checkLike(fn, 'option x0', x0, b);
  const advance = jit(
    (state: State, weight: Tensor, penaltyWeight: Tensor, relax: Tensor, numbers: Tensor[]) =>
      admmStep(
        { normal: operator.normal, b, K, penalty, inner },
        state,
        weight,
        penaltyWeight,
        relax,
        numbers,
      ),
    { donate: [0] },
  );
  const smooth = leastSquares(problem);
  const look = jit(({ x, residual }: State, weight: Tensor) =>
    stack([add(smooth.value(x), mul(penalty.value(K.apply(x)), weight)), residual]),
  );
  try {
    const { state, ...rest } = await iterate(
      fn,
      {
        start: admmStart(K, b, x0),
        step: (at, k) => advance(at, rho, lambda, relaxation, [...(penalty.numbers?.(k) ?? [])]),
        measure: (at) => look(at, lambda),
      },
      options,
    );
    for (const spent of [state.z, state.u, state.residual]) spent.dispose();
    return { x: state.x, ...rest };
  } finally {
    b.dispose();
    advance.dispose();
    look.dispose();
  }
}

const admmStart = (K: LinearOperator, b: Tensor, x0: Tensor | undefined): State =>
  scope(() => {
    const { shape, dtype } = K.range;
    const x = mul(x0 ?? b, x0 === undefined ? 0 : 1);
    const split = (): Tensor => zeros(shape, { dtype, device: b.device });
    return {
      x,
      z: x0 === undefined ? split() : K.apply(x),
      u: split(),
      residual: full([], 1, { dtype: realOf(b.dtype), device: b.device }),
    };
  });

interface Parts {
  readonly normal: (x: Tensor) => Tensor;
  /** A^H y */
  readonly b: Tensor;
  readonly K: LinearOperator;
  readonly penalty: Penalty;
  readonly inner: number;
}

function admmStep(
  { normal, b, K, penalty, inner }: Parts,
  { x, z, u }: State,
  rho: Tensor,
  lambda: Tensor,
  relaxation: Tensor,
  numbers: readonly Tensor[],
): State {
  const system = (v: Tensor): Tensor => add(normal(v), mul(K.normal(v), rho));
  const right = add(b, mul(K.adjoint(sub(z, u)), rho));
  let cg = conjugateGradientStart(system, right, x);
  for (let i = 0; i < inner; i++) cg = conjugateGradientStep(system, cg);
  const image = K.apply(cg.x);
  const relaxed = add(z, mul(sub(image, z), relaxation));
  const zNext = penalty.proximal(add(relaxed, u), div(lambda, rho), numbers);
  const uNext = add(u, sub(relaxed, zNext));
  const primal = div(norm(sub(image, zNext)), maximum(maximum(norm(image), norm(zNext)), 1e-30));
  const dual = div(norm(K.adjoint(sub(zNext, z))), maximum(norm(K.adjoint(uNext)), 1e-30));
  const residual = settled(maximum(primal, dual));
  return { x: settled(cg.x), z: settled(zNext), u: settled(uNext), residual };
}
