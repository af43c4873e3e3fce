import { type Shape, sizeOf } from '../../shape.js';

/** `count` neighbouring axes from `axis` on: what reduction kernels take. */
export interface Span {
  readonly axis: number;
  readonly count: number;
}

/** The array as [outer, n, inner], the middle axis being the one that is reduced. */
export interface Extents {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

export const extentsOf = (shape: Shape, { axis, count }: Span): Extents => ({
  outer: sizeOf(shape.slice(0, axis)),
  n: sizeOf(shape.slice(axis, axis + count)),
  inner: sizeOf(shape.slice(axis + count)),
});

/** The shape without the axes of the span. */
export const withoutSpan = (shape: Shape, { axis, count }: Span): number[] => [
  ...shape.slice(0, axis),
  ...shape.slice(axis + count),
];

/** Groups ascending axes into runs of neighbours. */
export function spansOf(axes: readonly number[]): Span[] {
  const spans: { axis: number; count: number }[] = [];
  for (const axis of axes) {
    const last = spans.at(-1);
    if (last && last.axis + last.count === axis) last.count++;
    else spans.push({ axis, count: 1 });
  }
  return spans;
}
