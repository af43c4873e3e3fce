import { disposeTree, valueAndGrad } from '@adjoint/autograd';
import { breathing, type LoopOptions } from '@adjoint/mri';
import {
  checkFunction,
  checkInteger,
  checkOptions,
  div,
  equal,
  foldIn,
  formatShape,
  full,
  greater,
  iota,
  jit,
  type Key,
  key as makeKey,
  max,
  mean,
  mul,
  NumericalError,
  reshape,
  ShapeError,
  scope,
  stack,
  sum,
  type Tensor,
  where,
  zeros,
} from '@adjoint/tensor';
import { type Ball, lengths, perSlice, project, randomStart, reach } from './ball.js';
import { type AscentMethod, type Climber, chooseClimber, type Memory, type StepSize } from './climbers.js';

export interface AscentOptions extends LoopOptions {
  /** Default 'apgd'. */
  readonly method?: AscentMethod | undefined;
  /** Gradients per restart, beside that of the last point; default 100. */
  readonly steps?: number | undefined;
  /** How often to start, each time from another random point; default 1. */
  readonly restarts?: number | undefined;
  /** Of 'pgd'; default 0. */
  readonly momentum?: number | undefined;
  /**
   * Part of the radius: of 'pgd' of every step or of step k (default: from 2 down to 0 along a cosine), of 'apgd' of the first step
   * (default 2), of 'adam' the length of a step (default 0.1).
   */
  readonly stepSize?: StepSize | undefined;
  /** Instead of random starts: c64 [..., coils, H, W]. */
  readonly start?: Tensor | undefined;
  /** Random starts have this part of the radius; default 1. */
  readonly startRadius?: number | undefined;
  /** Default key(0). */
  readonly key?: Key | undefined;
  /** Ends a restart: called after every step with ‖e‖/r, the largest of all slices. It makes the loop wait for every step. */
  readonly until?: ((reach: number, step: number) => boolean) | undefined;
}

/** Where an ascent got. */
export interface Ascent {
  /** The best point of all iterates and restarts, slice by slice. */
  readonly perturbation: Tensor;
  /** J there, for each slice. */
  readonly values: readonly number[];
  /** J averaged over the slices at e₀, e₁, …, one list per restart. */
  readonly history: readonly (readonly number[])[];
  /** ‖e‖‖∇J‖/J at the start of each restart: the least of all slices. 0: there is no gradient to follow. */
  readonly slopes: readonly number[];
}

const optionNames = [
  ...['method', 'steps', 'restarts', 'momentum', 'stepSize', 'start', 'startRadius', 'key', 'until'],
  ...['signal', 'onProgress'],
];

/**
 * Maximises a differentiable function over a ball of perturbations: what every gradient attack here is built on. Slices are
 * independent of each other, and each keeps its best iterate. Nothing is read back between the steps.
 *
 * @param objective J, traceable: from perturbations [..., coils, H, W] to one real number per slice, [...]
 * @throws ArgumentError, ShapeError; NumericalError where J is not finite at the start; the signal's reason.
 * @example const { perturbation } = await ascend((e) => sum(abs2(f(y.add(e)).sub(clean)), { axes: [-2, -1] }), ball, { steps: 100 });
 */
export async function ascend(
  objective: (e: Tensor) => Tensor,
  ball: Ball,
  options: AscentOptions = {},
): Promise<Ascent> {
  const fn = 'ascend';
  checkFunction(fn, 'the objective', objective);
  checkOptions(fn, options, optionNames);
  const steps = checkInteger(fn, 'option steps', options.steps ?? 100, { min: 1 });
  const restarts = checkInteger(fn, 'option restarts', options.restarts ?? 1, { min: 1 });
  const climb = compileClimb(objective, ball, chooseClimber(fn, ball, steps, options), steps);
  using root = scope(() => foldIn(options.key ?? makeKey(0, { device: ball.radius.device }), 'ascend'));
  let best: { e: Tensor; values: Tensor } | undefined;
  const history: number[][] = [];
  const slopes: number[] = [];
  try {
    for (let r = 0; r < restarts; r++) {
      const start = scope(() => startOf(ball, options, foldIn(root, r)));
      const found = await climb.run(start, options, { restart: r, restarts });
      history.push(found.history);
      slopes.push(found.slope);
      const next = scope(() => better(best, found));
      disposeTree([found.e, found.values, best ?? []]);
      best = next;
    }
    const values = Array.from(await best!.values.data());
    return { perturbation: best!.e, values, history, slopes };
  } catch (error) {
    best?.e.dispose();
    throw error;
  } finally {
    best?.values.dispose();
    climb.dispose();
  }
}

function startOf(ball: Ball, { start, startRadius = 1 }: AscentOptions, key: Key): Tensor {
  if (start === undefined) return randomStart(ball, key, startRadius);
  if (formatShape(start.shape) === formatShape(ball.shape)) return mul(start, 1);
  throw new ShapeError({
    ...{ fn: 'ascend', argument: 'option start', expected: formatShape(ball.shape) },
    got: formatShape(start.shape),
  });
}

interface State {
  readonly e: Tensor;
  readonly memory: Memory;
  readonly best: Tensor;
  readonly bestValue: Tensor;
  /** J of e₀ … e_k, [steps + 1, slices]. */
  readonly values: Tensor;
  /** ‖e‖‖∇J‖/J at e₀, [..., 1, 1, 1]. */
  readonly slope: Tensor;
}

interface Found {
  readonly e: Tensor;
  readonly values: Tensor;
  readonly history: number[];
  readonly slope: number;
}

const lookEvery = 8;

/** One restart as a compiled loop. */
function compileClimb(objective: (e: Tensor) => Tensor, ball: Ball, climber: Climber, steps: number) {
  const step = jit(
    (state: State, k: Tensor, numbers: readonly Tensor[]): State =>
      advance(objective, climber, state, k, numbers),
    { donate: [0] },
  );
  const look = jit((e: Tensor, bestValue: Tensor) => stack([max(reach(ball, e)), mean(bestValue)]));
  const run = async (
    start: Tensor,
    options: AscentOptions,
    { restart, restarts }: { restart: number; restarts: number },
  ): Promise<Found> => {
    const breathe = breathing(options);
    let state = scope(() => firstState(ball, climber, start, steps));
    start.dispose();
    let pending: Promise<ArrayLike<number>> | undefined;
    let last = 0;
    try {
      for (let k = 0; k <= steps; k++) {
        await breathe();
        state = step(state, k, climber.numbers(k) as number[]);
        last = k;
        if (options.until === undefined && (k % lookEvery !== 0 || k === 0)) continue;
        // read one look late: the device never waits
        const [, objectiveValue] = ((await pending) ?? []) as number[];
        if (objectiveValue !== undefined)
          report(options, restart * steps + k, restarts * steps, objectiveValue);
        using seen = look(state.e, state.bestValue);
        pending = seen.data();
        pending.catch(() => undefined);
        if (options.until?.((await pending)[0]!, k)) break;
      }
      return await finish(state, last);
    } finally {
      disposeTree(state);
    }
  };
  return {
    run,
    dispose: () => {
      step.dispose();
      look.dispose();
    },
  };
}

const report = ({ onProgress }: LoopOptions, step: number, steps: number, objective: number): void =>
  onProgress?.({ step: Math.min(step, steps), steps, objective });

/** J and its gradient at e, the books, and the next e. */
function advance(
  objective: (e: Tensor) => Tensor,
  climber: Climber,
  { e, memory, best, bestValue, values, slope }: State,
  k: Tensor,
  numbers: readonly Tensor[],
): State {
  const total = (at: Tensor): [Tensor, Tensor] => {
    const each = objective(at);
    return [sum(each), each];
  };
  const { gradient, aux } = valueAndGrad(total, { hasAux: true })(e);
  const value = perSlice(aux);
  const isBetter = greater(value, bestValue);
  const at = {
    ...{ e, gradient, value, isBetter },
    best: where(isBetter, e, best),
    bestValue: where(isBetter, value, bestValue),
  };
  const next = climber.move(at, memory, numbers);
  const rows = reshape(iota(values.shape[0]!, { device: values.device }), [-1, 1]);
  const steepness = div(mul(lengths(gradient), lengths(e)), value);
  return {
    ...next,
    ...{ best: at.best, bestValue: at.bestValue },
    values: where(equal(rows, k), reshape(value, [1, -1]), values),
    slope: where(equal(k, 0), steepness, slope),
  };
}

function firstState(ball: Ball, climber: Climber, start: Tensor, steps: number): State {
  const { shape, dtype, device } = ball.radius;
  const e = project(ball, start);
  return {
    e,
    memory: climber.memory(e),
    best: mul(e, 1),
    bestValue: full(shape, Number.NEGATIVE_INFINITY, { dtype, device }),
    values: zeros([steps + 1, ball.radius.size], { dtype, device }),
    slope: zeros(shape, { dtype, device }),
  };
}

/** What a restart found; the state stays the caller's. */
async function finish({ best, bestValue, values, slope }: State, last: number): Promise<Found> {
  const [table, slopes] = await Promise.all([values.data(), slope.data()]);
  const all = Array.from(table);
  const slices = values.shape[1]!;
  const first = all.slice(0, slices);
  if (!first.every(Number.isFinite))
    throw new NumericalError({
      fn: 'ascend',
      argument: 'the objective at the start',
      expected: 'finite',
      got: first.join(', '),
      remedy: 'Look for NaN in the data, or in what the method makes of them.',
    });
  const meanOf = (k: number): number =>
    all.slice(k * slices, (k + 1) * slices).reduce((a, b) => a + b, 0) / slices;
  return {
    ...scope(() => ({ e: mul(best, 1), values: mul(reshape(bestValue, [-1]), 1) })),
    history: Array.from({ length: last + 1 }, (_, k) => meanOf(k)),
    slope: Math.min(...slopes),
  };
}

/** The better of two points, slice by slice. */
function better(old: { e: Tensor; values: Tensor } | undefined, next: Found): { e: Tensor; values: Tensor } {
  if (old === undefined) return { e: mul(next.e, 1), values: mul(next.values, 1) };
  const wins = greater(next.values, old.values);
  const lead = next.e.shape.slice(0, -3);
  return {
    e: where(perSlice(reshape(wins, lead)), next.e, old.e),
    values: where(wins, next.values, old.values),
  };
}
