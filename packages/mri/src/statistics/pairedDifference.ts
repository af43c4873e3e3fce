import { ArgumentError, checkChoice, checkOptions } from '@adjoint/tensor';
import { onBehalf } from '../onBehalf.js';
import { type BootstrapOptions, bootstrap, bootstrapOptions } from './bootstrap.js';
import { type Interval, normalInterval, tInterval } from './interval.js';
import { checkPairs, meanOf, type Sample } from './sample.js';

export interface PairedOptions extends BootstrapOptions {
  /**
   * 'bootstrap' (default), by subject where `clusters` says so; 't', Student's; 'normal', mean ± 1.96 s/√n. The
   * last two take every pair for independent, and refuse clusters.
   */
  readonly method?: 'bootstrap' | 't' | 'normal' | undefined;
}

/**
 * The mean of a − b over pairs, e.g. two methods on the same images, with its interval. Pairing removes what images
 * have in common, so that far fewer are needed than for two unrelated samples.
 *
 * @throws ArgumentError unless both are finite numbers, as many, at least one
 * @example pairedDifference(psnrBefore, psnrAfter, { clusters: subjects })
 */
export function pairedDifference(a: Sample, b: Sample, options: PairedOptions = {}): Interval {
  const fn = 'pairedDifference';
  const { method = 'bootstrap', ...rest } = checkOptions(fn, options, [...bootstrapOptions, 'method']);
  checkChoice(fn, 'option method', method, ['bootstrap', 't', 'normal']);
  const [before, after] = checkPairs(fn, ['a', 'b'], a, b);
  const differences = before.map((value, i) => value - after[i]!);
  if (method === 'bootstrap') return onBehalf(fn, () => bootstrap(differences, meanOf, rest));
  const unused = Object.entries(rest).find(
    ([name, value]) => value !== undefined && (method === 'normal' || name !== 'level'),
  )?.[0];
  if (unused !== undefined)
    throw new ArgumentError({
      fn,
      argument: `option ${unused}`,
      expected: 'left out',
      got: `it with method '${method}'`,
      remedy: "Take method 'bootstrap'.",
    });
  const interval = () =>
    method === 't' ? tInterval(differences, { level: rest.level }) : normalInterval(differences);
  return onBehalf(fn, interval);
}
