import { ArgumentError, checkOptions, NumericalError } from '@adjoint/tensor';
import { type Interval, type IntervalOptions, symmetric } from './interval.js';
import { studentQuantile } from './quantiles.js';
import {
  checkCount,
  checkEntries,
  checkLevel,
  checkPairs,
  coproduct,
  meanOf,
  type Sample,
} from './sample.js';

/** The line y = intercept + slope x. */
export interface LineFit {
  readonly slope: number;
  readonly intercept: number;
  /** Part of the variance of y that the line explains; NaN where y is constant. */
  readonly r2: number;
  /** Standard deviation of the residuals, divisor n − 2; 0 for two points. */
  readonly residualDeviation: number;
  readonly slopeInterval: Interval;
  readonly interceptInterval: Interval;
  readonly n: number;
}

/**
 * Ordinary least squares of y on x, with Student's intervals (n − 2 degrees of freedom) that hold for independent
 * normal errors of one variance. Two points lie on the line: their intervals are unbounded.
 *
 * @throws ArgumentError unless both are finite numbers, as many, at least two; NumericalError where x is constant
 */
export function ols(x: Sample, y: Sample, options: IntervalOptions = {}): LineFit {
  const fn = 'ols';
  const { level = 0.95 } = checkOptions(fn, options, ['level']);
  const [xs, ys] = checkPairs(fn, ['x', 'y'], x, y, 2);
  const sxx = coproduct(xs, xs);
  if (sxx === 0)
    throw new NumericalError({ fn, argument: 'x', expected: 'not constant', got: `only ${xs[0]}` });
  const n = xs.length;
  const slope = coproduct(xs, ys) / sxx;
  const intercept = meanOf(ys) - slope * meanOf(xs);
  const residual = ys.reduce((sum, value, i) => sum + (value - intercept - slope * xs[i]!) ** 2, 0);
  const deviation = Math.sqrt(residual / Math.max(n - 2, 1));
  const t = studentQuantile((1 + checkLevel(fn, level)) / 2, n - 2);
  const interceptError = deviation * Math.sqrt(1 / n + meanOf(xs) ** 2 / sxx);
  const total = coproduct(ys, ys);
  return {
    slope,
    intercept,
    r2: total === 0 ? Number.NaN : 1 - residual / total,
    residualDeviation: n > 2 ? deviation : 0,
    slopeInterval: symmetric(slope, deviation / Math.sqrt(sxx), t, { level, n }),
    interceptInterval: symmetric(intercept, interceptError, t, { level, n }),
    n,
  };
}

/**
 * Whether one family of points carries a fit: the fit of all points without each family in turn, by the family left
 * out.
 *
 * @param families the name of each point's family
 * @throws ArgumentError for fewer than two families; as `ols` for what is left
 */
export function leaveOneFamilyOut(
  x: Sample,
  y: Sample,
  families: readonly string[],
  options: IntervalOptions = {},
): Map<string, LineFit> {
  const fn = 'leaveOneFamilyOut';
  const [xs, ys] = checkPairs(fn, ['x', 'y'], x, y, 2);
  checkEntries(fn, 'families', families, 'string');
  checkCount(fn, 'families', families.length, 'x', xs.length);
  const names = [...new Set(families)];
  if (names.length < 2)
    throw new ArgumentError({
      fn,
      argument: 'families',
      expected: 'at least two names',
      got: `${names.length}`,
    });
  return new Map(
    names.map((name) => {
      const others = (values: readonly number[]) => values.filter((_, i) => families[i] !== name);
      return [name, ols(others(xs), others(ys), options)];
    }),
  );
}
