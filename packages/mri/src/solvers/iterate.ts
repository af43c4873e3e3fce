import { disposeTree } from '@adjoint/autograd';
import { checkInteger, checkNumber, checkOptions, mul, NumericalError, type Tensor } from '@adjoint/tensor';
import { breathing, type LoopOptions } from '../loop.js';

export interface SolverOptions extends LoopOptions {
  /** Steps at most; default 100. */
  readonly maxIterations?: number | undefined;
  /** Stops once the solver's criterion is at most this; 0 runs all iterations. Default 1e-6. */
  readonly tolerance?: number | undefined;
  /** Iterations between two looks at objective and criterion; default 10. */
  readonly checkEvery?: number | undefined;
}

/** The objective after so many iterations. */
export interface Evaluation {
  readonly iteration: number;
  readonly objective: number;
}

/** What a solver returns. */
export interface Solution<X = Tensor> {
  readonly x: X;
  /** Steps that were taken. */
  readonly iterations: number;
  /** The objective every `checkEvery` iterations, and of the result. */
  readonly history: readonly Evaluation[];
  /** Whether the criterion reached the tolerance. */
  readonly converged: boolean;
}

/** An iteration on the device: states are trees of tensors, steps are compiled. */
export interface Iteration<S> {
  readonly start: S;
  /** The next state; the old one is given up (donated). */
  step(state: S, k: number): S;
  /** [objective, criterion] of a state, f32 or f64 [2]. */
  measure(state: S): Tensor;
}

export interface IterationResult<S> extends Omit<Solution<S>, 'x'> {
  readonly state: S;
}

interface Look {
  readonly iteration: number;
  readonly values: Promise<readonly [objective: number, criterion: number]>;
}

const solverOptionNames = ['maxIterations', 'tolerance', 'checkEvery', 'signal', 'onProgress'];

/**
 * Runs an iteration until its criterion is met. Looks are read one interval late: the queue of the device always holds
 * work, and is never more than two intervals ahead. The criterion may therefore stop the loop up to two intervals after
 * it was met; the last entry of the history is the state that is returned.
 *
 * @throws NumericalError once objective or criterion are not finite; the signal's reason.
 */
export async function iterate<S>(
  fn: string,
  { start, step, measure }: Iteration<S>,
  options: SolverOptions,
): Promise<IterationResult<S>> {
  const { maxIterations, tolerance, checkEvery } = checkLimits(fn, options);
  const breathe = breathing(options);
  const history: Evaluation[] = [];
  let state = start;
  let converged = false;
  let pending: Look | undefined;
  const look = (iteration: number): Look => {
    const measured = measure(state);
    const values = measured.data().then(([objective, criterion]) => [objective!, criterion!] as const);
    measured.dispose();
    values.catch(() => undefined); // awaited one interval later, or not at all where the loop ends early
    return { iteration, values };
  };
  const judge = async ({ iteration, values }: Look): Promise<void> => {
    const [objective, criterion] = await values;
    if (!Number.isFinite(objective + criterion)) throw diverged(fn, iteration, objective);
    history.push({ iteration, objective });
    options.onProgress?.({ step: iteration, steps: maxIterations, objective });
    converged = criterion <= tolerance && tolerance > 0;
  };
  let k = 0;
  try {
    while (k < maxIterations && !converged) {
      await breathe();
      state = step(state, k++);
      if (k % checkEvery !== 0 || k === maxIterations) continue;
      const next = look(k);
      if (pending) await judge(pending);
      pending = next;
    }
    if (pending && !converged) await judge(pending);
    if (history.at(-1)?.iteration !== k) await judge(look(k));
    return { state, iterations: k, history, converged };
  } catch (error) {
    disposeTree(state);
    throw error;
  }
}

/**
 * A copy made at the end of a compiled step. Values that are finished while the state is still being read cannot take the
 * memory of the state they replace; their copies can, so that a step allocates nothing.
 */
export const settled = (x: Tensor): Tensor => mul(x, 1);

const diverged = (fn: string, iteration: number, objective: number): NumericalError =>
  new NumericalError({
    fn,
    argument: `the objective after ${iteration} iterations`,
    expected: 'finite',
    got: String(objective),
    remedy: 'Look for NaN in the data; otherwise the step size is too large.',
  });

function checkLimits(
  fn: string,
  { maxIterations = 100, tolerance = 1e-6, checkEvery = 10 }: SolverOptions,
): { maxIterations: number; tolerance: number; checkEvery: number } {
  return {
    maxIterations: checkInteger(fn, 'option maxIterations', maxIterations, { min: 0 }),
    tolerance: checkNumber(fn, 'option tolerance', tolerance, { min: 0 }),
    checkEvery: checkInteger(fn, 'option checkEvery', checkEvery, { min: 1 }),
  };
}

/** Options of a solver: those of every loop and its own. */
export const checkSolverOptions = <T extends SolverOptions>(
  fn: string,
  options: T,
  own: readonly string[],
): T => {
  checkOptions(fn, options, [...solverOptionNames, ...own]);
  checkLimits(fn, options);
  return options;
};
