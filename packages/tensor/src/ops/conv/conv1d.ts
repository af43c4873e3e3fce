import { checkInteger, checkOptions } from '../../check.js';
import { checkFloating } from '../../dispatch.js';
import { describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';
import { squeeze, unsqueeze } from '../view/index.js';
import { type Conv2dOptions, conv2d, convTranspose2d } from './conv2d.js';
import { checkPerAxis, type Padding } from './geometry.js';

export interface Conv1dOptions {
  stride?: number;
  /** Zeros at both ends, or [before, after]. */
  padding?: number | readonly [number, number];
  dilation?: number;
  groups?: number;
  bias?: Tensor;
}

export interface ConvTranspose1dOptions extends Conv1dOptions {
  outputPadding?: number;
}

/**
 * 1-D convolution: `conv2d` on an image of one row.
 *
 * @param x [n, ci, length]; @param w [co, ci / groups, k].
 * @returns [n, co, ⌊(length + pads − dilation (k − 1) − 1) / stride⌋ + 1].
 */
export function conv1d(x: Tensor, w: Tensor, options: Conv1dOptions = {}): Tensor {
  return scope(() => {
    checkRow('conv1d', x, w);
    const rowOptions = asRow('conv1d', options, ['stride', 'padding', 'dilation', 'groups', 'bias']);
    return squeeze(conv2d(unsqueeze(x, 2), unsqueeze(w, 2), rowOptions), 2);
  });
}

/**
 * 1-D transposed convolution: `convTranspose2d` on an image of one row.
 *
 * @param x [n, ci, length]; @param w [ci, co / groups, k].
 */
export function convTranspose1d(x: Tensor, w: Tensor, options: ConvTranspose1dOptions = {}): Tensor {
  return scope(() => {
    const fn = 'convTranspose1d';
    checkRow(fn, x, w);
    const names = ['stride', 'padding', 'dilation', 'groups', 'bias', 'outputPadding'];
    const rowOptions = asRow(fn, options, names);
    const [outputPadding] = checkPerAxis(fn, 'option outputPadding', options.outputPadding ?? 0, 0);
    const y = convTranspose2d(unsqueeze(x, 2), unsqueeze(w, 2), {
      ...rowOptions,
      outputPadding: [0, outputPadding],
    });
    return squeeze(y, 2);
  });
}

function checkRow(fn: string, x: Tensor, w: Tensor): void {
  for (const [i, operand] of [x, w].entries()) {
    checkFloating(fn, `argument ${i + 1}`, operand);
    if (operand.rank !== 3)
      throw new ShapeError({
        fn,
        argument: `argument ${i + 1}`,
        expected: 'of rank 3',
        got: describe(operand),
      });
  }
}

function asRow(fn: string, options: Conv1dOptions, names: readonly string[]): Conv2dOptions {
  checkOptions(fn, options, names);
  const { stride = 1, padding = 0, dilation = 1, groups = 1, bias } = options;
  const [, step] = checkPerAxis(fn, 'option stride', stride, 1);
  const [, spacing] = checkPerAxis(fn, 'option dilation', dilation, 1);
  const ends = checkPerAxis(fn, 'option padding', padding, 0);
  checkInteger(fn, 'option groups', groups, { min: 1 });
  if (bias !== undefined) checkFloating(fn, 'option bias', bias);
  const rowPadding: Padding = [[0, 0], ends];
  return {
    stride: [1, step],
    padding: rowPadding,
    dilation: [1, spacing],
    groups,
    ...(bias && { bias }),
  };
}
