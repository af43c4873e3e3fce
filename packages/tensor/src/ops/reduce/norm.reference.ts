import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { extentsOf, type Span } from './span.js';

/** y[o, i] = (Σ_k |x[o, k, i]|²)^½, scaled by the largest part so that squares stay in range. */
export function normReference([x]: readonly HostValue[], [y]: readonly HostValue[], span: Span): void {
  const { outer, n, inner } = extentsOf(x!.shape, span);
  const { parts } = dtypeInfo[x!.dtype];
  const scaledSum = (
    o: number,
    i: number,
    scale: number,
    term: (total: number, part: number) => number,
  ): number => {
    let total = 0;
    for (let k = 0; k < n; k++)
      for (let part = 0; part < parts; part++)
        total = term(total, x!.data[((o * n + k) * inner + i) * parts + part]! / scale);
    return total;
  };
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const largest = scaledSum(o, i, 1, (total, part) => Math.max(total, Math.abs(part)));
      const isPlain = largest > 0 && largest < Infinity;
      const squares = scaledSum(o, i, isPlain ? largest : 1, (total, part) => total + part * part);
      y!.data[o * inner + i] = Math.sqrt(squares) * (isPlain ? largest : 1);
    }
}
