import { checkFloating } from '../dispatch.js';
import { ArgumentError, describe } from '../errors.js';
import { mul, where } from '../ops/elementwise/index.js';
import { bernoulli, type Key } from '../ops/random/index.js';
import { checkKey } from '../ops/random/key.js';
import { scope } from '../scope.js';
import type { Tensor } from '../tensor.js';

/**
 * Sets entries to 0 with probability `rate`, independently, and multiplies the others by 1/(1 − rate), which
 * keeps the mean. The same key gives the same entries on every backend. For evaluation, do not call it.
 *
 * @param x real or complex
 * @param rate at least 0 and below 1
 * @throws ArgumentError for a rate out of range or something that is no key.
 * Reference: Srivastava et al., JMLR 15 (2014) 1929.
 */
export function dropout(x: Tensor, key: Key, rate: number): Tensor {
  const fn = 'dropout';
  checkFloating(fn, 'argument 1', x);
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1))
    throw new ArgumentError({
      fn,
      argument: 'rate',
      expected: 'a number >= 0 and < 1',
      got: describe(rate),
    });
  checkKey(fn, key);
  return scope(() => where(bernoulli(key, x.shape, 1 - rate), mul(x, 1 / (1 - rate)), 0));
}
