import { AdjointError, foldIn, type Key, key, scope, uniform } from '@adjoint/tensor';

/** Uniform numbers handed out one after the other; the same on every device for the same key. */
export interface Draws {
  /** The next number, in [low, high). */
  between(low: number, high: number): number;
  /** The next integer, low <= n <= high. */
  integer(low: number, high: number): number;
  /** True with probability p. */
  chance(p: number): boolean;
}

/** The key of a seed for one purpose. */
export const seedKey = (seed: number, purpose: string): Key => scope(() => foldIn(key(seed), purpose));

/** Reads `count` uniform numbers of a key, which is as many as may be drawn. */
export async function drawsOf(key: Key, count: number): Promise<Draws> {
  const numbers = uniform(key, [count]);
  const values = await numbers.data();
  numbers.dispose();
  let taken = 0;
  const next = (): number => {
    const value = values[taken++];
    if (value === undefined) throw new AdjointError(`drawsOf: more than the ${count} numbers were drawn`);
    return value;
  };
  return {
    between: (low, high) => low + (high - low) * next(),
    integer: (low, high) => Math.min(high, low + Math.floor((high - low + 1) * next())),
    chance: (p) => next() < p,
  };
}
