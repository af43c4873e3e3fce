import { adam } from '@adjoint/autograd';
import {
  ArgumentError,
  add,
  checkChoice,
  checkNumber,
  div,
  full,
  greater,
  greaterEqual,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  mul,
  sqrt,
  sub,
  sum,
  type Tensor,
  where,
  zerosLike,
} from '@adjoint/tensor';
import { type Ball, project, steepest } from './ball.js';

/** What is known at an iterate e: J(e) of every slice, ∂(Σ J)/∂e, and the best iterate so far (this one included). */
export interface Outlook {
  readonly e: Tensor;
  readonly gradient: Tensor;
  /** [..., 1, 1, 1], as `bestValue` and `isBetter`. */
  readonly value: Tensor;
  readonly best: Tensor;
  readonly bestValue: Tensor;
  /** Where this iterate became the best. */
  readonly isBetter: Tensor;
}

export type Memory = Readonly<Record<string, Tensor>>;

/** A rule that climbs within a ball. Its steps are compiled: what changes from step to step comes through `numbers`. */
export interface Climber {
  memory(e: Tensor): Memory;
  /** Of step k, always as many. */
  numbers(k: number): readonly number[];
  move(at: Outlook, memory: Memory, numbers: readonly Tensor[]): { e: Tensor; memory: Memory };
}

/** Part of the radius, of every step or of step k. */
export type StepSize = number | ((k: number) => number);

const rateOf = (stepSize: StepSize): ((k: number) => number) =>
  typeof stepSize === 'function' ? stepSize : () => stepSize;

/**
 * Projected gradient: v ← μ v + d(∇J), e ← P(e + α r d(v)), with d the steepest direction of the norm (g/‖g‖₂, or g/|g| entry
 * by entry). Madry et al., ICLR 2018; momentum: Dong et al., CVPR 2018.
 */
export function projectedGradient(ball: Ball, stepSize: StepSize, momentum: number): Climber {
  const rate = rateOf(stepSize);
  return {
    memory: (e): Memory => (momentum > 0 ? { velocity: zerosLike(e) } : {}),
    numbers: (k) => [rate(k)],
    move({ e, gradient }, { velocity }, [alpha]): { e: Tensor; memory: Memory } {
      const direction = steepest(ball, gradient);
      const pushed = velocity === undefined ? direction : add(mul(velocity, momentum), direction);
      const along = velocity === undefined ? pushed : steepest(ball, pushed);
      const next = project(ball, add(e, mul(along, mul(ball.radius, alpha!))));
      return { e: next, memory: velocity === undefined ? {} : { velocity: pushed } };
    },
  };
}

/** Real numbers that a slice's perturbation consists of. */
function freedom({ mask, shape }: Ball): Tensor {
  const repeats = shape.slice(-3, mask.rank === 1 ? -1 : -2).reduce((a, b) => a * b, 1);
  return mul(sum(where(mask, 1, mul(mask, 0))), 2 * repeats);
}

/**
 * Ascent by Adam on e/r, every component by about the same amount; then e ← P(e). In 'l2' the step size is the length of such a step,
 * whatever the number of components: that of Darestani et al. (ICML 2021) is 1e-4/ε for their U-net and 2e-2/ε for their VarNet.
 */
export function adamAscent(ball: Ball, stepSize: StepSize): Climber {
  const rate = rateOf(stepSize);
  const optimiser = adam({ maximize: true });
  return {
    memory: (e) => ({ ...optimiser.init(e) }),
    numbers: (k) => [rate(k)],
    move({ e, gradient }, memory, [lr]) {
      const { radius } = ball;
      const rate = ball.norm === 'l2' ? div(lr!, sqrt(freedom(ball))) : lr!;
      const next = optimiser.update(div(e, radius), mul(gradient, radius), memory, { lr: rate });
      return { e: project(ball, mul(next.params, radius)), memory: { ...next.state } };
    },
  };
}

/** Part of the last interval's steps that must have gone up. */
const enough = 0.75;
/** Weight of the new point against the momentum. */
const forward = 0.75;

/**
 * APGD: projected gradient steps from 2r with momentum; at checkpoints that come ever sooner, slices whose objective rose
 * in less than three quarters of the steps, or has no new maximum since the last one, go back to their best iterate and halve
 * their step. Every slice decides for itself, on the device.
 *
 * Reference: Croce & Hein, ICML 2020; intervals and rules as in their code.
 */
export function autoProjectedGradient(ball: Ball, steps: number, stepSize: number): Climber {
  const windows = checkpoints(steps);
  const like = (value: number): Tensor =>
    full(ball.radius.shape, value, { dtype: ball.radius.dtype, device: ball.radius.device });
  return {
    memory: (e) => ({
      previous: mul(e, 1),
      bestGradient: zerosLike(e),
      step: like(stepSize),
      checkedValue: like(Number.NEGATIVE_INFINITY),
      wasHalved: like(1),
      lastValue: like(Number.POSITIVE_INFINITY),
      rises: like(0),
    }),
    numbers: (k) => [windows.get(k) ?? 0, k === 0 ? 1 : forward],
    move(at, memory, [window, alpha]) {
      const { e, gradient, value, best, bestValue, isBetter } = at;
      const bestGradient = where(isBetter, gradient, memory.bestGradient!);
      const rises = add(memory.rises!, where(greater(value, memory.lastValue!), 1, 0));
      const isCheck = greater(window!, 0);
      const oscillates = lessEqual(rises, mul(window!, enough));
      const isStuck = logicalAnd(
        logicalNot(greater(memory.wasHalved!, 0)),
        greaterEqual(memory.checkedValue!, bestValue),
      );
      const halves = logicalAnd(isCheck, logicalOr(oscillates, isStuck));
      const step = mul(memory.step!, where(halves, 0.5, 1));
      const base = where(halves, best, e);
      const direction = steepest(ball, where(halves, bestGradient, gradient));
      const ascended = project(ball, add(base, mul(direction, mul(ball.radius, step))));
      const drift = mul(sub(base, memory.previous!), sub(1, alpha!));
      const next = project(ball, add(base, add(mul(sub(ascended, base), alpha!), drift)));
      return {
        e: next,
        memory: {
          ...{ previous: base, bestGradient, step },
          checkedValue: where(isCheck, bestValue, memory.checkedValue!),
          wasHalved: where(isCheck, where(halves, 1, 0), memory.wasHalved!),
          lastValue: value,
          rises: where(isCheck, 0, rises),
        },
      };
    },
  };
}

/** At which steps APGD looks back, and over how many steps: 22 % of all first, 3 % less each time, at least 6 %. */
function checkpoints(steps: number): ReadonlyMap<number, number> {
  const part = (fraction: number): number => Math.max(1, Math.floor(fraction * steps));
  const found = new Map<number, number>();
  let window = part(0.22);
  for (let at = window; at <= steps; at += window) {
    found.set(at, window);
    window = Math.max(window - part(0.03), part(0.06));
  }
  return found;
}

export type AscentMethod = 'pgd' | 'apgd' | 'adam';

export interface ClimberOptions {
  readonly method?: AscentMethod | undefined;
  readonly momentum?: number | undefined;
  readonly stepSize?: StepSize | undefined;
}

/** The rule that options describe. */
export function chooseClimber(fn: string, ball: Ball, steps: number, options: ClimberOptions): Climber {
  const { stepSize } = options;
  const method = checkChoice(fn, 'option method', options.method ?? 'apgd', ['pgd', 'apgd', 'adam']);
  const momentum = checkNumber(fn, 'option momentum', options.momentum ?? 0, { min: 0, max: 1 });
  if (typeof stepSize === 'number') checkNumber(fn, 'option stepSize', stepSize, { positive: true });
  if (method === 'pgd') return projectedGradient(ball, stepSize ?? cosine(steps), momentum);
  if (method === 'adam') return adamAscent(ball, stepSize ?? 0.1);
  if (typeof stepSize !== 'function') return autoProjectedGradient(ball, steps, stepSize ?? 2);
  throw new ArgumentError({
    ...{ fn, argument: 'option stepSize', expected: "a number: 'apgd' adapts it", got: 'a function' },
  });
}

/** From 2 to 0: far steps follow the gradient's direction like a power iteration, short ones settle. */
const cosine =
  (steps: number): StepSize =>
  (k) =>
    1 + Math.cos((Math.PI * Math.min(k, steps)) / steps);
