import { checkInteger } from '../../check.js';
import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { formatShape, type Shape } from '../../shape.js';

export type Pair = readonly [number, number];

/** How a kernel window moves over an image: [vertical, horizontal], padding [[top, bottom], [left, right]]. */
export interface Window {
  readonly stride: Pair;
  readonly padding: readonly [Pair, Pair];
  readonly dilation: Pair;
}

/** One number for both axes, [vertical, horizontal], or for padding also [[top, bottom], [left, right]]. */
export type PerAxis = number | Pair;
export type Padding = PerAxis | readonly [Pair, Pair];

const isPair = (value: unknown): value is [unknown, unknown] => Array.isArray(value) && value.length === 2;

/** A number for both axes or one for each, checked to be an integer ≥ `min`. */
export function checkPerAxis(fn: string, argument: string, value: unknown, min: number): Pair {
  if (typeof value !== 'number' && !isPair(value))
    throw new ArgumentError({
      fn,
      argument,
      expected: `an integer >= ${min} or [vertical, horizontal]`,
      got: describe(value),
    });
  const both = isPair(value) ? value : [value, value];
  return both.map((n) => checkInteger(fn, argument, n, { min, max: 2 ** 24 })) as unknown as Pair;
}

export function checkPadding(fn: string, value: unknown): readonly [Pair, Pair] {
  if (isPair(value) && value.some(isPair))
    return value.map((side) => checkPerAxis(fn, 'option padding', side, 0)) as unknown as [Pair, Pair];
  const [vertical, horizontal] = checkPerAxis(fn, 'option padding', value, 0);
  return [
    [vertical, vertical],
    [horizontal, horizontal],
  ];
}

/** Extent of a dilated kernel. */
export const kernelExtent = (size: number, dilation: number): number => (size - 1) * dilation + 1;

/**
 * Positions of the window along both axes: ⌊(n + pads − dilation (k − 1) − 1) / stride⌋ + 1.
 * @throws ShapeError when the kernel does not fit into the padded image.
 */
export function windowCounts(
  fn: string,
  image: Shape,
  kernel: Shape,
  { stride, padding, dilation }: Window,
): Pair {
  return [0, 1].map((axis) => {
    const padded = image[axis]! + padding[axis]![0] + padding[axis]![1];
    const extent = kernelExtent(kernel[axis]!, dilation[axis]!);
    if (padded < extent)
      throw new ShapeError({
        fn,
        argument: 'the image',
        expected: `at least ${extent} padded pixels along axis ${axis - 2}, the extent of the kernel`,
        got: `${formatShape(image)} with padding ${padding[axis]![0]} and ${padding[axis]![1]}`,
        remedy: 'Pad more, or use a smaller kernel or dilation.',
      });
    return Math.floor((padded - extent) / stride[axis]!) + 1;
  }) as unknown as Pair;
}
