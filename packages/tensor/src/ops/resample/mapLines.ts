import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { sizeOf } from '../../shape.js';

/**
 * The reference formulas' way along an axis: y[…, i, …] = value(line, i), where `line(j)` is x[…, j, …]
 * on the same line, real and imaginary parts being lines of their own.
 */
export function mapLines(
  x: HostValue,
  axis: number,
  length: number,
  value: (line: (j: number) => number, i: number) => number,
): HostValue {
  const n = x.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1)) * dtypeInfo[x.dtype].parts;
  const outer = sizeOf(x.shape.slice(0, axis));
  const data = new Float64Array(outer * length * inner);
  for (let o = 0; o < outer; o++)
    for (let r = 0; r < inner; r++) {
      const line = (j: number) => x.data[(o * n + j) * inner + r]!;
      for (let i = 0; i < length; i++) data[(o * length + i) * inner + r] = value(line, i);
    }
  return { shape: x.shape.map((m, i) => (i === axis ? length : m)), dtype: x.dtype, data };
}
