/**
 * What may be wrong with an attack, so that a small drop is not mistaken for robustness.
 *
 * - `gradient-vanishes`: at the start, ‖∇J‖‖e‖ is below a thousandth of J: there is nothing to follow (quantised, saturated or
 *   detached outputs).
 * - `not-finite`: its numbers became NaN or infinite on the way.
 * - `no-progress`: the best objective is less than 1 % above that of the random start.
 * - `still-rising`: more than 1 % of the best objective came within the last tenth of the steps; more would find more.
 * - `restarts-disagree`: the best objectives of the restarts differ by more than a tenth.
 * - `ball-not-reached`: the perturbation is smaller than 99 % of the budget.
 * - `random-beats-gradient`: Gaussian noise of the same norm lowers the score as much.
 */
export type AttackFlag =
  | 'gradient-vanishes'
  | 'not-finite'
  | 'no-progress'
  | 'still-rising'
  | 'restarts-disagree'
  | 'ball-not-reached'
  | 'random-beats-gradient';

export interface Course {
  readonly history: readonly (readonly number[])[];
  /** ‖e‖‖∇J‖/J at the starts. */
  readonly slopes: readonly number[];
}

const highest = (values: readonly number[]): number => Math.max(...values.filter(Number.isFinite));

/** What the course of a gradient attack gives away. */
export function courseFlags({ history, slopes }: Course): AttackFlag[] {
  const flags: AttackFlag[] = [];
  const peaks = history.map(highest);
  const peak = highest(peaks);
  const peakRun = history[peaks.indexOf(peak)]!;
  if (slopes.some((slope) => !(slope > 1e-3))) flags.push('gradient-vanishes');
  if (history.some((run) => !run.every(Number.isFinite))) flags.push('not-finite');
  if (peak < 1.01 * Math.max(...history.map((run) => run[0]!))) flags.push('no-progress');
  const before = peakRun.slice(0, Math.ceil(0.9 * peakRun.length));
  if (peakRun.length > 10 && highest(before) < 0.99 * peak) flags.push('still-rising');
  if (Math.min(...peaks) < 0.9 * peak) flags.push('restarts-disagree');
  return flags;
}
