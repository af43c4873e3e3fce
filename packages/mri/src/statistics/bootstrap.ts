import {
  ArgumentError,
  checkFunction,
  checkInteger,
  checkOptions,
  describe,
  NumericalError,
} from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { NumpyRandom, type Seed } from '../sampling/index.js';
import type { Interval, IntervalOptions } from './interval.js';
import { checkCount, checkLevel } from './sample.js';

export interface BootstrapOptions extends IntervalOptions {
  /** Default 10,000. */
  readonly resamples?: number | undefined;
  /** Equal seeds give equal intervals. Default 0. */
  readonly seed?: Seed | undefined;
  /**
   * To whom each item belongs: subjects are drawn, each with all its items, because images of one subject are not
   * independent. Default: every item on its own.
   */
  readonly clusters?: readonly (string | number)[] | undefined;
}

export const bootstrapOptions = ['level', 'resamples', 'seed', 'clusters'] as const;

/**
 * The percentile bootstrap: the statistic of samples drawn with replacement, as many as there are items (or
 * subjects); the interval runs between its quantiles (1 ∓ level)/2. Samples whose statistic is NaN (undefined
 * there) do not count. A single subject says nothing about others: its interval is unbounded. Reference: Efron and
 * Tibshirani 1993.
 *
 * @param items what the statistic takes, e.g. numbers or pairs
 * @param statistic of any sample of items
 * @throws ArgumentError for no items or options out of range, NumericalError if the statistic of all items, or that
 *   of more than half of the samples, is not a finite number
 * @example bootstrap(psnrs, mean, { clusters: subjects, seed: 1 })
 */
export function bootstrap<T>(
  items: readonly T[],
  statistic: (sample: readonly T[]) => number,
  options: BootstrapOptions = {},
): Interval {
  const fn = 'bootstrap';
  checkFunction(fn, 'the statistic', statistic);
  const {
    level = 0.95,
    resamples = 10_000,
    seed = 0,
    clusters,
  } = checkOptions(fn, options, bootstrapOptions);
  checkLevel(fn, level);
  checkInteger(fn, 'option resamples', resamples, { min: 1, max: 10_000_000 });
  const random = onBehalf(fn, () => new NumpyRandom(seed), 'option seed');
  const groups = groupItems(fn, items, clusters);
  const estimate = statistic(items);
  if (!Number.isFinite(estimate)) throw undefinedStatistic(fn, 'all items', estimate);
  const n = items.length;
  if (groups.length === 1) return { estimate, low: -Infinity, high: Infinity, level, n };
  const drawn = Float64Array.from({ length: resamples }, () => statistic(drawSample(groups, random))).filter(
    Number.isFinite,
  );
  if (drawn.length < resamples / 2)
    throw undefinedStatistic(fn, 'most samples', `a finite number for ${drawn.length} of ${resamples}`);
  drawn.sort();
  return {
    estimate,
    low: quantile(drawn, (1 - level) / 2),
    high: quantile(drawn, (1 + level) / 2),
    level,
    n,
  };
}

/** The items of each subject. */
function groupItems<T>(
  fn: string,
  items: readonly T[],
  clusters: readonly (string | number)[] | undefined,
): (readonly T[])[] {
  if (!Array.isArray(items) || items.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'items',
      expected: 'an array that is not empty',
      got: describe(items),
    });
  if (clusters === undefined) return items.map((item) => [item]);
  checkCount(fn, 'option clusters', clusters.length, 'the items', items.length);
  const groups = new Map<string | number, T[]>();
  items.forEach((item, i) => {
    const group = groups.get(clusters[i]!);
    if (group) group.push(item);
    else groups.set(clusters[i]!, [item]);
  });
  return [...groups.values()];
}

/** As many groups as there are, with replacement: their items. */
function drawSample<T>(groups: readonly (readonly T[])[], random: NumpyRandom): T[] {
  const sample: T[] = [];
  for (let k = 0; k < groups.length; k++)
    for (const item of groups[random.randint(0, groups.length)]!) sample.push(item);
  return sample;
}

const undefinedStatistic = (fn: string, of: string, got: number | string): NumericalError =>
  new NumericalError({
    fn,
    argument: `the statistic of ${of}`,
    expected: 'a finite number',
    got: String(got),
  });

/** Interpolated linearly between sorted values, as NumPy does by default. */
function quantile(sorted: Float64Array, p: number): number {
  const place = p * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}
