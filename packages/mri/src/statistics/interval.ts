import { checkOptions } from '@adjoint/tensor';
import { studentQuantile } from './quantiles.js';
import { checkLevel, checkSample, deviationOf, meanOf, type Sample } from './sample.js';

/** An estimate and the confidence interval around it. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /** Probability with which such intervals cover the truth. */
  readonly level: number;
  /** Values. */
  readonly n: number;
}

export interface IntervalOptions {
  /** Default 0.95. */
  readonly level?: number | undefined;
}

/**
 * The mean with Student's interval, mean ± t s/√n, t the quantile of n − 1 degrees of freedom. Exact for
 * independent, normally distributed values. One value says nothing about its spread: its interval is unbounded.
 *
 * @throws ArgumentError unless the values are finite numbers, at least one
 */
export function tInterval(values: Sample, options: IntervalOptions = {}): Interval {
  const fn = 'tInterval';
  const { level = 0.95 } = checkOptions(fn, options, ['level']);
  const sample = checkSample(fn, 'values', values);
  const t = studentQuantile((1 + checkLevel(fn, level)) / 2, sample.length - 1);
  return meanInterval(sample, t, level);
}

/**
 * mean ± 1.96 s/√n: the 95 % interval that papers print, too narrow for few values (n = 5: 88 %). One value:
 * unbounded.
 *
 * @throws ArgumentError unless the values are finite numbers, at least one
 */
export function normalInterval(values: Sample): Interval {
  const sample = checkSample('normalInterval', 'values', values);
  return meanInterval(sample, sample.length > 1 ? 1.96 : Infinity, 0.95);
}

function meanInterval(sample: readonly number[], quantile: number, level: number): Interval {
  const n = sample.length;
  return symmetric(meanOf(sample), deviationOf(sample) / Math.sqrt(n), quantile, { level, n });
}

/** estimate ± quantile · error. An infinite quantile (no degrees of freedom) gives an unbounded interval. */
export function symmetric(
  estimate: number,
  standardError: number,
  quantile: number,
  rest: { level: number; n: number },
): Interval {
  const margin = quantile === Infinity ? Infinity : quantile * standardError;
  return { estimate, low: estimate - margin, high: estimate + margin, ...rest };
}
