import type { HostValue } from '../../op.js';
import type { Order } from './argsort.js';

/** A stable sort of every row by comparison; NaN counts as largest. */
export function argsortReference(
  [x]: readonly HostValue[],
  [y]: readonly HostValue[],
  { descending }: Order,
): void {
  const n = x!.shape.at(-1)!;
  for (let start = 0; start < x!.data.length; start += n) {
    const row = x!.data.subarray(start, start + n);
    const rank = (a: number, b: number): number =>
      Number.isNaN(a) || Number.isNaN(b) ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : a - b || 0;
    const compare = (i: number, j: number): number =>
      row[i] === row[j] ? 0 : descending ? rank(row[j]!, row[i]!) : rank(row[i]!, row[j]!);
    const order = Array.from({ length: n }, (_, i) => i).sort(compare);
    order.forEach((index, i) => {
      y!.data[start + i] = index;
    });
  }
}
