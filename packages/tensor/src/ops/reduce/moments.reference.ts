import type { HostValue } from '../../op.js';
import { extentsOf, type Span } from './span.js';

/** Two passes: mean, then squared deviations from it. */
export function momentsReference(
  [x]: readonly HostValue[],
  [mean, variance]: readonly HostValue[],
  span: Span,
): void {
  const { outer, n, inner } = extentsOf(x!.shape, span);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const entry = (k: number): number => x!.data[(o * n + k) * inner + i]!;
      let total = 0;
      for (let k = 0; k < n; k++) total += entry(k);
      const centre = total / n;
      let squares = 0;
      for (let k = 0; k < n; k++) squares += (entry(k) - centre) ** 2;
      mean!.data[o * inner + i] = centre;
      variance!.data[o * inner + i] = squares / n;
    }
}
