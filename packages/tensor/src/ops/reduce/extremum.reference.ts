import type { HostValue, ReferenceKernel } from '../../op.js';
import { extentsOf, type Span } from './span.js';

export type Extremum = 'max' | 'min';

/** Whether `a` takes the place of `b`: NaN beats numbers, the first of equals stays. */
export const beats = (which: Extremum, a: number, b: number): boolean =>
  Number.isNaN(a) ? !Number.isNaN(b) : which === 'max' ? a > b : a < b;

/** Index of the extremum of x[o, 0 … n − 1, i], or −1 where n = 0. */
function winner(x: HostValue, which: Extremum, span: Span, o: number, i: number): number {
  const { n, inner } = extentsOf(x.shape, span);
  let best = n === 0 ? -1 : 0;
  for (let k = 1; k < n; k++)
    if (beats(which, x.data[(o * n + k) * inner + i]!, x.data[(o * n + best) * inner + i]!)) best = k;
  return best;
}

/** y[o, i] = extremum over k; bool over an empty axis: false for max, true for min. */
export const extremumReference =
  (which: Extremum): ReferenceKernel<Span> =>
  ([x], [y], span) => {
    const { outer, n, inner } = extentsOf(x!.shape, span);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const k = winner(x!, which, span, o, i);
        y!.data[o * inner + i] = k < 0 ? (which === 'min' ? 1 : 0) : x!.data[(o * n + k) * inner + i]!;
      }
  };

/** y[o, i] = first k where the extremum is. */
export const argExtremumReference =
  (which: Extremum): ReferenceKernel<Span> =>
  ([x], [y], span) => {
    const { outer, inner } = extentsOf(x!.shape, span);
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) y!.data[o * inner + i] = winner(x!, which, span, o, i);
  };
