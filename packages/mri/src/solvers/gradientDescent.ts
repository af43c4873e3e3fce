import { disposeTree, mapTree, type Optimiser, sgd, treeLeaves, valueAndGrad } from '@adjoint/autograd';
import {
  ArgumentError,
  abs2,
  add,
  checkFunction,
  checkNumber,
  describe,
  jit,
  mul,
  scope,
  sqrt,
  stack,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { checkSolverOptions, iterate, type Solution, type SolverOptions } from './iterate.js';

export interface GradientDescentOptions extends SolverOptions {
  /** Default `sgd`: plain steps x ← x − stepSize · ∇f(x). `adam()` and the other optimisers of @adjoint/autograd work as well. */
  readonly optimiser?: Optimiser | undefined;
  /** A number, or a schedule: the step size of step k. Default 1e-3. */
  readonly stepSize?: number | ((k: number) => number) | undefined;
}

interface State<P> {
  readonly x: P;
  readonly memory: Record<string, Tensor>;
  /** f and ‖∇f‖ at the x before the last step. */
  readonly value: Tensor;
  readonly slope: Tensor;
}

/**
 * Minimises any differentiable real function of a tensor or a tree of tensors by gradient steps, the gradient from
 * automatic differentiation. Complex numbers count as two real ones.
 *
 * @param objective traceable; returns a real scalar
 * @param start a tensor or a tree of tensors; not consumed
 * @param options.tolerance stops at ‖∇f‖ ≤ tolerance; default 0 (runs all iterations)
 * @returns the last point; the history holds the objective one step before (it comes with the gradient).
 * @throws ArgumentError; NumericalError where the objective stops being finite.
 * @example await gradientDescent(f, x0, { optimiser: adam(), stepSize: 0.01, maxIterations: 500 })
 */
export async function gradientDescent<P>(
  objective: (x: P) => Tensor,
  start: P,
  options: GradientDescentOptions = {},
): Promise<Solution<P>> {
  const fn = 'gradientDescent';
  checkFunction(fn, 'the objective', objective);
  const { optimiser = sgd({ lr: 1 }), stepSize = 1e-3 } = checkSolverOptions(fn, options, [
    'optimiser',
    'stepSize',
  ]);
  if (typeof optimiser?.init !== 'function' || typeof optimiser.update !== 'function')
    throw new ArgumentError({
      fn,
      argument: 'option optimiser',
      expected: 'one that sgd(), adam() or the like made',
      got: describe(optimiser),
    });
  if (treeLeaves(start).length === 0)
    throw new ArgumentError({ fn, argument: 'start', expected: 'a tree of tensors', got: describe(start) });
  const rate = typeof stepSize === 'function' ? stepSize : (): number => stepSize;
  const advance = jit(
    ({ x, memory }: State<P>, lr: Tensor): State<P> => {
      const { value, gradient } = valueAndGrad(objective)(x);
      const { params, state } = optimiser.update(x, gradient, memory, { lr });
      const squares = treeLeaves(gradient).map((leaf) => sum(abs2(leaf)));
      return {
        x: params as P,
        memory: { ...state },
        value,
        slope: sqrt(squares.reduce((a, b) => add(a, b))),
      };
    },
    { donate: [0] },
  );
  const look = jit(({ value, slope }: Pick<State<P>, 'value' | 'slope'>) => stack([value, slope]));
  try {
    const { state, ...rest } = await iterate(
      fn,
      {
        start: scope(() => firstState(objective, optimiser, start)),
        // a number where the compiled function has a tensor: TypeScript cannot tell for a tree P it does not know
        step: (at, k) => advance(at, checkNumber(fn, 'option stepSize', rate(k)) as unknown as Tensor),
        measure: ({ value, slope }) => look({ value, slope }),
      },
      { ...options, tolerance: options.tolerance ?? 0 },
    );
    disposeTree([state.memory, state.value, state.slope]);
    return { x: state.x, ...rest };
  } finally {
    advance.dispose();
    look.dispose();
  }
}

function firstState<P>(objective: (x: P) => Tensor, optimiser: Optimiser, start: P): State<P> {
  const x = mapTree(start, (leaf) => mul(leaf, 1));
  const value = objective(x);
  return { x, memory: { ...optimiser.init(x) }, value, slope: mul(value, 0) };
}
