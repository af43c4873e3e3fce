import { checkOptions } from '../../check.js';
import { apply, checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { ArgumentError, DTypeError, describe, ShapeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { formatShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkPerAxis, type Pair, type PerAxis, type Window, windowCounts } from './geometry.js';
import { maxPoolReference } from './maxPool.reference.js';
import { maxPoolWasm } from './maxPool.wasm.js';
import { maxPoolWgsl } from './maxPool.wgsl.js';

export interface MaxPoolAttrs extends Window {
  readonly kernel: Pair;
}

/**
 * y[…, i, j] = max over the window's pixels inside the image, and where it stands: the index in the plane,
 * i·width + j. The first of equal values; NaN counts as largest.
 */
export const maxPool2dOp = defineOp<MaxPoolAttrs>({
  name: 'maxPool2d',
  infer: ([x], attrs) => {
    const counts = windowCounts('maxPool2d', x!.shape.slice(-2), attrs.kernel, attrs);
    const shape = [...x!.shape.slice(0, -2), ...counts];
    return [
      { shape, dtype: x!.dtype },
      { shape, dtype: 'i32' },
    ];
  },
  reference: maxPoolReference,
  wasm: maxPoolWasm,
  wgsl: maxPoolWgsl,
});

export interface MaxPoolOptions {
  /** Window size. */
  kernel: PerAxis;
  /** Default: the window size. */
  stride?: PerAxis;
  /** Pixels of −∞ on both sides, at most half the window. Default 0. */
  padding?: PerAxis;
}

/**
 * Maximum over windows of the last two axes, PyTorch's `max_pool2d` without `ceil_mode`.
 * The gradient goes to the largest pixel of every window (the first of equal ones).
 *
 * @param x [..., height, width], f32 (f64).
 * @returns [..., ⌊(height + 2 padding − kernel) / stride⌋ + 1, …].
 * @throws DTypeError for complex and integer input; ShapeError when the image is smaller than the window.
 */
export function maxPool2d(x: Tensor, options: MaxPoolOptions): Tensor {
  const fn = 'maxPool2d';
  checkTensor(fn, 'argument 1', x);
  checkOptions(fn, options, ['kernel', 'stride', 'padding']);
  if (dtypeInfo[x.dtype].kind !== 'float')
    throw new DTypeError({ fn, argument: 'argument 1', expected: 'real and floating', got: describe(x) });
  if (x.rank < 2 || x.shape.slice(-2).includes(0))
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: '[..., height, width], not 0',
      got: formatShape(x.shape),
    });
  const kernel = checkPerAxis(fn, 'option kernel', options.kernel, 1);
  const stride = checkPerAxis(fn, 'option stride', options.stride ?? kernel, 1);
  const [vertical, horizontal] = checkPerAxis(fn, 'option padding', options.padding ?? 0, 0);
  if (2 * vertical > kernel[0] || 2 * horizontal > kernel[1])
    throw new ArgumentError({
      fn,
      argument: 'option padding',
      expected: `at most half the window [${kernel}]`,
      got: describe(options.padding),
    });
  const padding = [
    [vertical, vertical],
    [horizontal, horizontal],
  ] as const;
  const [values, places] = apply(maxPool2dOp, [x], { kernel, stride, padding, dilation: [1, 1] }) as [
    Tensor,
    Tensor,
  ];
  places.dispose();
  return values;
}
