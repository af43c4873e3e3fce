import { ArgumentError, checkOptions } from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { type BootstrapOptions, bootstrap, bootstrapOptions } from './bootstrap.js';
import { type Interval, symmetric } from './interval.js';
import { normalQuantile } from './quantiles.js';
import { ranks } from './rankCorrelation.js';
import { checkCount, checkEntries, checkLevel, checkSample, deviationOf, type Sample } from './sample.js';

/**
 * Area under the ROC curve: the probability that a positive item scores higher than a negative one, ties counting
 * half. With `clusters` the interval is a bootstrap by subject, else DeLong's: estimate ± z times the standard
 * error that the spread of each item's own area gives, cut off at 0 and 1. Reference: DeLong, DeLong,
 * Clarke-Pearson 1988.
 *
 * @param scores finite numbers
 * @param labels whether each item is positive; both kinds must occur
 * @throws ArgumentError for anything else, NumericalError if most bootstrap samples have one kind only
 */
export function auc(scores: Sample, labels: readonly boolean[], options: BootstrapOptions = {}): Interval {
  const fn = 'auc';
  const { level = 0.95, ...rest } = checkOptions(fn, options, bootstrapOptions);
  const values = checkSample(fn, 'scores', scores, 2);
  checkEntries(fn, 'labels', labels, 'boolean');
  checkCount(fn, 'labels', labels.length, 'the scores', values.length);
  const items = values.map((score, i) => ({ score, isPositive: labels[i] === true }));
  const [positives, negatives] = split(items);
  if (positives.length === 0 || negatives.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'labels',
      expected: 'true for some items and false for others',
      got: `${positives.length} true of ${items.length}`,
    });
  if (rest.clusters !== undefined) return onBehalf(fn, () => bootstrap(items, area, { ...rest, level }));
  const unused = Object.entries(rest).find(([, value]) => value !== undefined)?.[0];
  if (unused !== undefined)
    throw new ArgumentError({
      fn,
      argument: `option ${unused}`,
      expected: 'left out without clusters: the interval is not drawn',
      got: 'it',
    });
  const error = delongError(positives, negatives);
  const z = normalQuantile((1 + checkLevel(fn, level)) / 2);
  const { low, high, ...interval } = symmetric(area(items), error, z, { level, n: items.length });
  return { ...interval, low: Math.max(low, 0), high: Math.min(high, 1) };
}

interface Item {
  readonly score: number;
  readonly isPositive: boolean;
}

const split = (items: readonly Item[]): [positives: number[], negatives: number[]] => [
  items.filter((item) => item.isPositive).map((item) => item.score),
  items.filter((item) => !item.isPositive).map((item) => item.score),
];

/** By the positives' sum of ranks (Mann and Whitney); NaN with one kind only. */
function area(items: readonly Item[]): number {
  const positions = ranks(items.map((item) => item.score));
  const positives = items.filter((item) => item.isPositive).length;
  const sum = items.reduce((total, item, i) => total + (item.isPositive ? positions[i]! : 0), 0);
  return (sum - (positives * (positives + 1)) / 2) / (positives * (items.length - positives));
}

function delongError(positives: readonly number[], negatives: readonly number[]): number {
  const share = (mine: number, others: readonly number[]) =>
    others.reduce((sum, other) => sum + (Math.sign(mine - other) + 1) / 2, 0) / others.length;
  const ofPositives = positives.map((score) => share(score, negatives));
  const ofNegatives = negatives.map((score) => 1 - share(score, positives));
  return Math.sqrt(
    deviationOf(ofPositives) ** 2 / positives.length + deviationOf(ofNegatives) ** 2 / negatives.length,
  );
}
