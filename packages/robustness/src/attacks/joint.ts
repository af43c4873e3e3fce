import { disposeTree, grad, rebuildTree, treeLeaves, valueAndGrad } from '@adjoint/autograd';
import {
  breathing,
  type LoopOptions,
  type Measurement,
  type Params,
  type ReconstructionProblem,
} from '@adjoint/mri';
import {
  abs2,
  add,
  centredIfft,
  complex,
  div,
  foldIn,
  jit,
  type Key,
  max,
  mul,
  norm,
  scope,
  slice,
  sqrt,
  stack,
  sub,
  sum,
  type Tensor,
  uniform,
  where,
} from '@adjoint/tensor';
import { type Ball, project, randomStart, reach, toSphere } from './ball.js';
import type { AttackFlag } from './health.js';

export interface JointOptions extends LoopOptions {
  /** Steps without perturbation and reward first; default 100, 'faithful' 101. */
  readonly warmup?: number | undefined;
  /** Steps with them; default 200. */
  readonly steps?: number | undefined;
  /** τ; default 0.283, that of the published code. */
  readonly stepSize?: number | undefined;
  /** λ₁, weight of being far from the target; default 1. */
  readonly reward?: number | undefined;
  readonly mode?: 'corrected' | 'faithful' | undefined;
  readonly key: Key;
}

export interface JointResult {
  /** Perturbations worth trying, the last one last; every one is the caller's. */
  readonly candidates: readonly Tensor[];
  /** Objective of every step with perturbation. */
  readonly history: readonly number[];
  readonly flags: readonly AttackFlag[];
}

interface State {
  /** The method's parameters, leaf by leaf. */
  readonly leaves: readonly Tensor[];
  readonly e: Tensor;
}

/** What is attacked. */
export interface JointSubject {
  readonly measurement: Measurement;
  /** All of k-space: its coil images are the target. Without it those of the warm-up are. */
  readonly full: Tensor | undefined;
  readonly epsilon: number;
}

/** ‖e‖/‖k‖ at the start. */
const startRatio = 1e-4;
/** The published code's stopping rules. */
const faithfulProjections = 100;
const faithfulWindow = 200;
/** ‖E x − z‖ beyond this many times ‖z‖ grows along one direction, whatever e does; single precision would end soon. */
const runaway = 1e9;
/** After which parts of the steps the perturbation is worth trying. */
const trials = [1 / 16, 1 / 8, 1 / 4, 1 / 2];

/**
 * The attack on methods that are optimisation problems, without their solver (Darestani, Chaudhari & Heckel, ICML 2021, A.1): image x
 * and perturbation e descend one objective together,
 *
 *     D(x, y + e) + λ R(x) − λ₁/2 ‖E x − z‖²,    ‖e‖ ≤ ε ‖k‖,
 *
 * the method's own with a reward for coil images E x far from the true ones z. x grows where sampling hardly sees it, and e learns to
 * explain it. Then x is thrown away. The first `warmup` steps fit x to the clean samples.
 *
 * Corrected: Gaussian start on the samples; e is put on the sphere; several iterates are handed out to be tried, because both too few
 * and too many steps are weak; it ends before x leaves single precision. Faithful: uniform start in the first quadrant, also where nothing is sampled; ends after 100
 * projections, or when 200 steps changed the ratio ‖e‖/‖k‖ by less than 0.01; the last iterate.
 */
export async function jointAttack(
  problem: ReconstructionProblem,
  at: JointSubject,
  ball: Ball,
  options: JointOptions,
): Promise<JointResult> {
  const isFaithful = options.mode === 'faithful';
  const { warmup = isFaithful ? 101 : 100, steps = 200, stepSize = 0.283, reward = 1 } = options;
  const all = warmup + steps;
  const breathe = breathing(options);
  const { tree, ...start } = scope(() => firstState(problem, at, ball, options));
  disposeTree(tree); // only its structure is still needed
  let state: State = start;
  const { fit, climb, coilImages, dispose } = compileSteps(problem, tree, at.measurement, ball, {
    stepSize,
    reward,
  });
  let target = at.full && scope(() => centredIfft(at.full!));
  const course = new Course(at.epsilon, warmup, isFaithful);
  const candidates: Tensor[] = [];
  const take = (): void => {
    const { e } = state;
    candidates.push(scope(() => (isFaithful ? where(ball.mask, e, 0) : toSphere(ball, e))));
  };
  try {
    for (let k = 0; k < warmup; k++) {
      await breathe();
      state = { ...state, leaves: fit(state.leaves) };
      options.onProgress?.({ step: k + 1, steps: all });
    }
    target ??= coilImages(state.leaves);
    for (let k = 1; k <= steps; k++) {
      await breathe();
      const { seen, ...next } = climb(state, target);
      state = next;
      const isOver = await course.look(seen);
      options.onProgress?.({ step: warmup + k, steps: all, objective: course.history.at(-1) });
      if (isOver) break;
      if (!isFaithful && trials.some((part) => k === Math.ceil(part * steps))) take();
    }
    await course.end();
    take();
    return { candidates, history: course.history, flags: course.flags };
  } catch (error) {
    disposeTree(candidates);
    throw error;
  } finally {
    disposeTree(state);
    target?.dispose();
    dispose();
  }
}

/** x ← x − τ ∂/∂x, and with the reward e ← P(e − τ ∂/∂e). */
function compileSteps(
  problem: ReconstructionProblem,
  tree: Params,
  measurement: Measurement,
  ball: Ball,
  { stepSize, reward }: { stepSize: number; reward: number },
) {
  const { kspace } = measurement;
  const objective = (leaves: readonly Tensor[], y: Tensor): Tensor =>
    problem.objective(rebuildTree(tree, leaves), y, measurement);
  const imagesOf = (leaves: readonly Tensor[]): Tensor =>
    problem.coilImages(rebuildTree(tree, leaves), measurement);
  const step = (at: readonly Tensor[], slopes: readonly Tensor[]): Tensor[] =>
    at.map((leaf, i) => sub(leaf, mul(slopes[i]!, stepSize)));
  const fit = jit(
    (leaves: readonly Tensor[]) =>
      step(leaves, grad((at: readonly Tensor[]) => objective(at, kspace))(leaves)),
    { donate: [0] },
  );
  const climb = jit(
    (state: State, z: Tensor) => {
      const away = (leaves: readonly Tensor[]): Tensor => sum(abs2(sub(imagesOf(leaves), z)));
      const { value, gradient } = valueAndGrad(({ leaves, e }: State) =>
        sub(objective(leaves, add(kspace, e)), mul(away(leaves), reward / 2)),
      )(state);
      const leaves = step(state.leaves, gradient.leaves);
      const e = project(ball, sub(state.e, mul(gradient.e, stepSize)));
      const distance = div(sqrt(away(leaves)), norm(z));
      return { leaves, e, seen: stack([value, max(reach(ball, e)), distance]) };
    },
    { donate: [0] },
  );
  return {
    ...{ fit, climb },
    coilImages: (leaves: readonly Tensor[]) => scope(() => mul(imagesOf(leaves), 1)),
    dispose: () => {
      fit.dispose();
      climb.dispose();
    },
  };
}

function firstState(
  problem: ReconstructionProblem,
  { measurement, epsilon }: JointSubject,
  ball: Ball,
  { key, mode }: JointOptions,
): State & { readonly tree: Params } {
  const tree = problem.init(foldIn(key, 'params'), measurement);
  const leaves = treeLeaves(tree).map((leaf) => mul(leaf, 1));
  const fraction = epsilon > 0 ? Math.min(1, startRatio / epsilon) : 0;
  const draw = foldIn(key, 'joint');
  if (mode !== 'faithful') return { tree, leaves, e: randomStart(ball, draw, fraction) };
  const parts = uniform(draw, [2, ...ball.shape]);
  const e = complex(slice(parts, [0]), slice(parts, [1]));
  return { tree, leaves, e: mul(toSphere(ball, e), fraction) };
}

/** What the numbers of the steps say, one step late unless the rules are those of the published code. */
class Course {
  readonly history: number[] = [];
  readonly flags: AttackFlag[] = [];
  private readonly ratios: number[];
  private projections = 0;
  private pending: Promise<ArrayLike<number>> | undefined;

  constructor(
    private readonly epsilon: number,
    warmup: number,
    private readonly isFaithful: boolean,
  ) {
    this.ratios = new Array<number>(warmup).fill(startRatio);
  }

  /** Takes [objective, reach, distance] of a step; true if the attack is over. */
  async look(seen: Tensor): Promise<boolean> {
    const next = seen.data();
    next.catch(() => undefined);
    seen.dispose();
    if (this.isFaithful) return this.judge(Array.from(await next));
    const isOver = this.pending !== undefined && this.judge(Array.from(await this.pending));
    this.pending = next;
    return isOver;
  }

  async end(): Promise<void> {
    if (this.pending) this.judge(Array.from(await this.pending));
  }

  private judge([objective, reached, distance]: readonly number[]): boolean {
    this.history.push(objective!);
    if (Number.isNaN(distance! + reached!) && this.flags.length === 0) this.flags.push('not-finite');
    if (!(distance! < runaway)) return true;
    if (!this.isFaithful) return false;
    this.ratios.push(reached! * this.epsilon);
    if (reached! > 0.99999) this.projections++;
    const old = this.ratios.at(-faithfulWindow);
    const hasStalled = old !== undefined && this.ratios.at(-1)! - old < 0.01;
    return this.projections > faithfulProjections || hasStalled;
  }
}
