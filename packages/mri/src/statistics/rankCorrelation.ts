import { checkPairs, coproduct, type Sample } from './sample.js';

/**
 * Kendall's τ-b, how far two orders agree: (C − D)/√((N − Tx)(N − Ty)) for C concordant and D discordant of N
 * pairs, Tx and Ty tied in x and in y. 1: the same order, −1: the reverse.
 *
 * @returns NaN where x or y is constant
 * @throws ArgumentError unless both are finite numbers, as many, at least two
 */
export function kendallTau(x: Sample, y: Sample): number {
  const [xs, ys] = checkPairs('kendallTau', ['x', 'y'], x, y, 2);
  let [balance, untiedX, untiedY] = [0, 0, 0];
  for (let i = 0; i < xs.length; i++)
    for (let j = 0; j < i; j++) {
      const [dx, dy] = [Math.sign(xs[i]! - xs[j]!), Math.sign(ys[i]! - ys[j]!)];
      balance += dx * dy;
      untiedX += Math.abs(dx);
      untiedY += Math.abs(dy);
    }
  return balance / Math.sqrt(untiedX * untiedY);
}

/**
 * Spearman's ρ: the correlation of ranks; equal values share the mean of theirs.
 *
 * @returns NaN where x or y is constant
 * @throws ArgumentError unless both are finite numbers, as many, at least two
 */
export function spearman(x: Sample, y: Sample): number {
  const [rx, ry] = checkPairs('spearman', ['x', 'y'], x, y, 2).map(ranks) as [number[], number[]];
  return coproduct(rx, ry) / Math.sqrt(coproduct(rx, rx) * coproduct(ry, ry));
}

/** Ranks from 1, equal values having the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = Array.from(values.keys()).sort((i, j) => values[i]! - values[j]!);
  const result = new Array<number>(values.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let k = first; k < end; k++) result[order[k]!] = (first + 1 + end) / 2;
    first = end;
  }
  return result;
}
