import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { extentsOf, type Span } from './span.js';

/** y[o, i] = Σ_k x[o, k, i], the parts of complex numbers being one more inner axis. */
export function sumReference([x]: readonly HostValue[], [y]: readonly HostValue[], span: Span): void {
  const { outer, n, inner } = extentsOf(x!.shape, span);
  const width = inner * dtypeInfo[x!.dtype].parts;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < width; i++) {
      let total = 0;
      for (let k = 0; k < n; k++) total += x!.data[(o * n + k) * width + i]!;
      y!.data[o * width + i] = total;
    }
}
