import { customOp, rebuildTree, scan, treeLeaves, vjp } from '@adjoint/autograd';
import type { FixedPointIteration, Measurement, Params, ReconstructionProblem } from '@adjoint/mri';
import {
  ArgumentError,
  add,
  div,
  full,
  key as makeKey,
  mul,
  realOf,
  scope,
  sqrt,
  square,
  sub,
  type Tensor,
  zerosLike,
} from '@adjoint/tensor';

export interface ImplicitOptions {
  /** Steps towards the fixed point; default 200. */
  readonly iterations?: number | undefined;
  /** Steps of the solver for its derivative; default as many. */
  readonly adjointIterations?: number | undefined;
}

/**
 * The image of an optimisation problem as a differentiable function of the samples, by its equation instead of its iterations. With
 * x = T(x, y) at the solution, and u the solution of u = x̄ + (∂T/∂x)^H u,
 *
 *     ȳ = (∂T/∂y)^H u.
 *
 * Both equations are solved by fixed-point steps with Nesterov's momentum; for proximal gradient steps the first is FISTA, and
 * ∂T/∂x, the product of two positive semidefinite maps, has real eigenvalues, which is what the second needs.
 *
 * @throws ArgumentError for problems without `iteration`
 * Reference: Bai, Kolter & Koltun, NeurIPS 2019 (equilibrium models); Bertrand et al., ICML 2020 (the lasso).
 */
export function implicitReconstruction(
  problem: ReconstructionProblem | undefined,
  measurement: Measurement,
  { iterations = 200, adjointIterations = iterations }: ImplicitOptions = {},
): (kspace: Tensor) => Tensor {
  const { step, image } = iterationOf(problem);
  const start = (): Params => problem!.init(makeKey(0), measurement);
  const solve = customOp({
    name: 'fixedPoint',
    forward: (kspace: Tensor): Params =>
      accelerated((x: Params) => step(x, kspace, measurement), start(), iterations),
    pullback: (cotangent: Params, { args: [kspace], output }) => {
      const adjointStep = (u: Params): Params => {
        using at = vjp((x: Params) => step(x, kspace, measurement), output);
        return combine(cotangent, at.pullback(u)[0], add);
      };
      const u = accelerated(adjointStep, cotangent, adjointIterations);
      using at = vjp((y: Tensor) => step(output, y, measurement), kspace);
      return at.pullback(u);
    },
  });
  return (kspace) => scope(() => image(solve(kspace), measurement));
}

function iterationOf(problem: ReconstructionProblem | undefined): FixedPointIteration {
  if (problem?.iteration) return problem.iteration;
  throw new ArgumentError({
    fn: 'attack',
    argument: "option method 'implicit'",
    expected: 'for methods with a fixed-point equation (problem.iteration), such as cgSense and l1',
    got: problem ? 'a problem without iteration' : 'a method without problem',
    remedy: "Use 'unrolled' or 'joint'.",
  });
}

const combine = <T>(a: T, b: T, fn: (a: Tensor, b: Tensor) => Tensor): T => {
  const others = treeLeaves(b);
  return rebuildTree(
    a,
    treeLeaves(a).map((leaf, i) => fn(leaf, others[i]!)),
  );
};

/** n steps x_{k+1} = T(z_k), z_{k+1} = x_{k+1} + (t_k − 1)/t_{k+1} (x_{k+1} − x_k). */
function accelerated(step: (x: Params) => Params, start: Params, n: number): Params {
  const { dtype, device } = treeLeaves(start)[0]!;
  const t = full([], 1, { dtype: realOf(dtype), device });
  const { x } = scan(
    ({ x, z, t }: { x: Params; z: Params; t: Tensor }) => {
      const next = step(z);
      const tNext = mul(add(sqrt(add(mul(square(t), 4), 1)), 1), 0.5);
      const beta = div(sub(t, 1), tNext);
      return { x: next, z: combine(next, x, (a, b) => add(a, mul(sub(a, b), beta))), t: tNext };
    },
    n,
    { x: start, z: combine(start, start, (a) => add(a, zerosLike(a))), t },
  );
  return x;
}
