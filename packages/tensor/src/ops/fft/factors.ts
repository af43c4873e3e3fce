/**
 * Prime factors up to here are transformed by their defining sum, larger ones make a length Bluestein's: measured,
 * the sum is faster and more accurate up to about 80, and Bluestein's cost also falls on the other factors.
 */
export const largestPrime = 61;

/**
 * Radices of the passes in the order they run: 4 as often as possible, a 2, then the odd primes. The sizes of
 * the parts fall with every pass; radix 4 fits the vector registers, 8 and 16 do not.
 */
export function factorise(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (const radix of [4, 2]) for (; rest % radix === 0; rest /= radix) factors.push(radix);
  for (let p = 3; p * p <= rest; p += 2) for (; rest % p === 0; rest /= p) factors.push(p);
  if (rest > 1) factors.push(rest);
  return factors;
}

export const isDirect = (n: number): boolean => factorise(n).every((radix) => radix <= largestPrime);

/** Estimated nanoseconds of one pass per element of four transforms. */
const passCost = (radix: number): number =>
  radix === 2 ? 1 : radix === 3 ? 1.4 : radix === 4 ? 1.5 : radix === 5 ? 2 : radix === 7 ? 3 : 2 + radix / 3;

/** Estimated nanoseconds of four transforms of length n. */
export function transformCost(n: number): number {
  const direct = (length: number) =>
    length * factorise(length).reduce((sum, radix) => sum + passCost(radix), 1);
  return isDirect(n) ? direct(n) : 2 * direct(convolutionLength(n)) + 6 * n;
}

/** The cheapest length 2^a·3^b·5^c of at least 2n − 1 for the circular convolution of Bluestein's algorithm. */
export function convolutionLength(n: number): number {
  const least = 2 * n - 1;
  let best = 1;
  while (best < least) best *= 2;
  let bestCost = smoothCost(best);
  for (let fives = 1; fives < best; fives *= 5)
    for (let odd = fives; odd < best; odd *= 3) {
      let length = odd;
      while (length < least) length *= 2;
      const cost = smoothCost(length);
      if (cost < bestCost) [best, bestCost] = [length, cost];
    }
  return best;
}

const smoothCost = (length: number): number =>
  length * factorise(length).reduce((sum, radix) => sum + passCost(radix), 0);
