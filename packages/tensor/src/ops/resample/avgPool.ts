import { checkInteger, checkOptions } from '../../check.js';
import { checkFloating } from '../../dispatch.js';
import { ArgumentError, describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';

import { axisMap } from './axisMap.js';
import { internMatrix, type MatrixEntry, type SparseMatrix } from './sparseMatrix.js';

export interface AvgPoolOptions {
  /** Window size: one number, or [rows, columns]. */
  kernel: number | readonly [number, number];
  /** Default: the window size. */
  stride?: number | readonly [number, number];
  /** Zeros added on both sides, at most half the window; default 0. */
  padding?: number | readonly [number, number];
  /** Whether padding counts in the divisor. Default true. */
  countIncludePad?: boolean;
}

interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/**
 * Mean over windows of the last two axes, as PyTorch's `avg_pool2d` without `ceil_mode`:
 *
 *     y[i, j] = 1/N Σ_{a<kh, b<kw} x[i·sh + a − ph, j·sw + b − pw],   N = kh·kw,
 *
 * or N = the number of samples inside the image where `countIncludePad` is false; x is 0 outside.
 * Output size ⌊(n + 2p − k)/s⌋ + 1. C-linear; the adjoint spreads y/N over the window.
 *
 * @param x floating or complex [..., H, W]
 * @throws ShapeError when x has fewer than two axes or is smaller than the window.
 */
export function avgPool2d(x: Tensor, options: AvgPoolOptions): Tensor {
  const fn = 'avgPool2d';
  checkFloating(fn, 'argument 1', x);
  if (x.rank < 2)
    throw new ShapeError({ fn, argument: 'the tensor', expected: '[..., H, W]', got: formatShape(x.shape) });
  checkOptions(fn, options, ['kernel', 'stride', 'padding', 'countIncludePad']);
  const { countIncludePad = true } = options;
  if (typeof countIncludePad !== 'boolean')
    throw new ArgumentError({
      fn,
      argument: 'option countIncludePad',
      expected: 'true or false',
      got: describe(countIncludePad),
    });
  const [rows, columns] = checkWindows(x, options);
  // divisors multiply, so the mean over a window is a mean over rows of means over columns
  return scope(() => {
    const down = axisMap(x, meanMatrix(x.shape.at(-2)!, rows, countIncludePad), { axis: -2 });
    return axisMap(down, meanMatrix(x.shape.at(-1)!, columns, countIncludePad));
  });
}

function checkWindows(x: Tensor, options: AvgPoolOptions): [Window, Window] {
  const fn = 'avgPool2d';
  const { kernel: size, stride = size, padding = 0 } = options;
  const kernels = checkPair('option kernel', size, 1);
  const strides = checkPair('option stride', stride, 1);
  const paddings = checkPair('option padding', padding, 0);
  return kernels.map((kernel, i) => {
    const window = { kernel, stride: strides[i]!, padding: paddings[i]! };
    checkInteger(fn, 'option padding', window.padding, { max: Math.floor(kernel / 2) });
    const n = x.shape[x.rank - 2 + i]!;
    if (n + 2 * window.padding < kernel)
      throw new ShapeError({
        fn,
        argument: 'the tensor',
        expected: `at least as large as the window (${kernels.join(' x ')}) with its padding`,
        got: formatShape(x.shape),
      });
    return window;
  }) as [Window, Window];
}

function checkPair(
  argument: string,
  value: number | readonly [number, number],
  min: number,
): [number, number] {
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length !== 2)
    throw new ArgumentError({
      fn: 'avgPool2d',
      argument,
      expected: 'a number or a pair',
      got: describe(value),
    });
  return pair.map((n) => checkInteger('avgPool2d', argument, n, { min })) as [number, number];
}

function meanMatrix(n: number, { kernel, stride, padding }: Window, countIncludePad: boolean): SparseMatrix {
  const outputs = Math.floor((n + 2 * padding - kernel) / stride) + 1;
  const key = `avgPool:${n}:${kernel}:${stride}:${padding}:${countIncludePad}`;
  return internMatrix(key, outputs, n, () => {
    const entries: MatrixEntry[] = [];
    for (let i = 0; i < outputs; i++) {
      const from = Math.max(0, i * stride - padding);
      const to = Math.min(n, i * stride - padding + kernel);
      const weight = 1 / (countIncludePad ? kernel : to - from);
      for (let j = from; j < to; j++) entries.push([i, j, weight]);
    }
    return entries;
  });
}
