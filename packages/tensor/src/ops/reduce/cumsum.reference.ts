import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import type { CumsumAttrs } from './cumsum.js';
import { extentsOf } from './span.js';

/** y[o, k, i] = x[o, k, i] + y[o, k ∓ 1, i]. */
export function cumsumReference(
  [x]: readonly HostValue[],
  [y]: readonly HostValue[],
  { axis, reverse }: CumsumAttrs,
): void {
  const { outer, n, inner } = extentsOf(x!.shape, { axis, count: 1 });
  const width = inner * dtypeInfo[x!.dtype].parts;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < width; i++) {
      let total = 0;
      for (let step = 0; step < n; step++) {
        const at = (o * n + (reverse ? n - 1 - step : step)) * width + i;
        total += x!.data[at]!;
        y!.data[at] = total;
      }
    }
}
