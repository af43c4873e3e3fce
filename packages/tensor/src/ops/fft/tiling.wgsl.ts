import type { WgslTarget } from '../../backend/webgpu/plan.js';
import { factorise } from './factors.js';

/** Bytes of a complex number. */
export const complexBytes = 8;
/** Pairs of results of a prime radix that one invocation makes. */
export const primePairs = 4;

/** Largest radix whose legs are held in registers. */
const largestUnrolled = 10;
/** Largest prime among these; the butterflies of larger ones are sums in a loop. */
const largestUnrolledPrime = 7;
/** Elements a work group should have where there is a choice: some for every invocation, and room for neighbours. */
const tileElements = 1024;
/** Neighbours in memory that fill whole cache lines. */
const lineLanes = 16;

/** Complex numbers that fit the memory of a work group. */
export const capacityOf = (target: WgslTarget): number => Math.floor(target.workgroupBytes / complexBytes);

/** Radix 1 copies. */
export const isUnrolled = (radix: number): boolean =>
  radix <= largestUnrolled && factorise(radix).every((p) => p <= largestUnrolledPrime);

/** Parts that a butterfly is divided into: results 0, ±1, ±2, … of a large prime, a few at a time. */
export const chunksOf = (radix: number): number =>
  isUnrolled(radix) ? 1 : Math.ceil((radix + 1) / 2 / primePairs);

/**
 * Radices of the passes within a work group, ascending, as few and as equal as can be. A large prime is never the
 * first, because its loop reads legs again and again: 1 is a pass that copies.
 */
export function radicesOf(n: number): number[] {
  const primes = factorise(n).filter((p) => p > largestUnrolledPrime);
  const smooth = primes.reduce((rest, p) => rest / p, n);
  const unrolled = fewest(smooth, largestUnrolled);
  return unrolled.length > 0 ? [...unrolled, ...primes] : [1, ...primes];
}

/** Lengths of the passes through memory of a transform: as few and as equal as can be. */
export const levelsOf = (n: number, capacity: number): number[] => fewest(n, capacity);

/** Factors of n, ascending, none above `largest`: the fewest, of those the smallest maximum, then the smallest sum. */
function fewest(n: number, largest: number): number[] {
  const divisors: number[] = [];
  for (let d = 2; d <= Math.min(n, largest); d++) if (n % d === 0) divisors.push(d);
  const choose = (rest: number, count: number, from: number): number[] | undefined => {
    if (count === 0) return rest === 1 ? [] : undefined;
    let best: number[] | undefined;
    for (let i = from; i < divisors.length && divisors[i]! ** count <= rest; i++) {
      const divisor = divisors[i]!;
      const others = rest % divisor === 0 ? choose(rest / divisor, count - 1, i) : undefined;
      if (others && (!best || isBetter([divisor, ...others], best))) best = [divisor, ...others];
    }
    return best;
  };
  for (let count = 0; ; count++) {
    const found = choose(n, count, 0);
    if (found) return found;
  }
}

function isBetter(a: readonly number[], b: readonly number[]): boolean {
  const total = (list: readonly number[]) => list.reduce((x, y) => x + y, 0);
  return a.at(-1)! < b.at(-1)! || (a.at(-1) === b.at(-1) && total(a) < total(b));
}

/** What one work group does; the same for all arrays, which differ in how many transforms lie side by side. */
export interface Tile {
  /** Transforms, a power of two. */
  readonly transforms: number;
  readonly workgroupSize: number;
}

/** The tile for transforms of length n, whose butterflies wait in registers in the passes of radices `held`. */
export function tileOf(n: number, held: readonly number[], target: WgslTarget): Tile {
  const most = Math.min(capacityOf(target), Math.max(tileElements, lineLanes * n));
  const transforms = 2 ** Math.floor(Math.log2(most / n));
  const elements = n * transforms;
  const wanted = Math.max(elements / 8, ...held.map((radix) => (elements / radix) * chunksOf(radix)));
  const workgroupSize = Math.min(32 * Math.ceil(wanted / 32), target.maxWorkgroupSize);
  return { transforms, workgroupSize };
}
