import { checkInteger, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { type DType, isComplex, isDifferentiable, promote } from '../../dtype.js';
import { DTypeError, describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { add, cast } from '../elementwise/index.js';
import { embed } from '../index/index.js';
import { reshape } from '../view/index.js';
import { complexWeights, imageOfParts, partsOfImage } from './complexConv.js';
import { applyConv2d, applyInputGrad, type Convolution } from './convolution.js';
import {
  checkPadding,
  checkPerAxis,
  kernelExtent,
  type Padding,
  type Pair,
  type PerAxis,
} from './geometry.js';

export interface Conv2dOptions {
  /** Step of the window, in pixels. Default 1. */
  stride?: PerAxis;
  /** Zeros around the image: n, [vertical, horizontal] or [[top, bottom], [left, right]]. Default 0. */
  padding?: Padding;
  /** Distance between the taps of the kernel. Default 1. */
  dilation?: PerAxis;
  /** Groups of channels that do not see each other. Default 1. */
  groups?: number;
  /** Added to every pixel of a channel: [co]. */
  bias?: Tensor;
}

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added below and to the right: sizes that a stride leaves open. Default 0. */
  outputPadding?: PerAxis;
}

const optionNames = ['stride', 'padding', 'dilation', 'groups', 'bias'];

/**
 * 2-D convolution in the sense of neural networks (cross-correlation), PyTorch's layout and defaults:
 * y[n, co, oy, ox] = Σ_{ci, i, j} x[n, ci, oy·stride + i·dilation − padding, …] w[co, ci, i, j] (+ bias[co]).
 * Complex x or w: the same sum over complex numbers, nothing conjugated.
 *
 * @param x [n, ci, height, width], f32 or c64.
 * @param w [co, ci / groups, kh, kw].
 * @returns [n, co, ⌊(height + pads − dilation (kh − 1) − 1) / stride⌋ + 1, …].
 * @throws ShapeError when channels and groups do not fit or the kernel exceeds the padded image.
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}): Tensor {
  return scope(() => {
    const fn = 'conv2d';
    const convolution = checkConvolution(fn, options, optionNames);
    const [image, weights, bias] = checkOperands(fn, x, w, options.bias);
    const { groups } = convolution;
    const [outChannels, groupChannels] = weights.shape as [number, number];
    checkGroups(fn, outChannels, groups, `argument 2 (the weights ${formatShape(w.shape)})`);
    checkChannels(fn, image, groupChannels * groups, `${groupChannels} per group`);
    const y = isComplex(image.dtype)
      ? imageOfParts(
          applyConv2d(partsOfImage(image, groups), complexWeights(weights, groups, false), convolution),
          groups,
        )
      : applyConv2d(image, weights, convolution);
    return addBias(fn, y, bias, outChannels);
  });
}

/**
 * Transposed convolution, PyTorch's: the adjoint of `conv2d` in x, with weights [ci, co / groups, kh, kw].
 * Complex operands: nothing is conjugated (the adjoint proper needs conj(w)).
 *
 * @param x [n, ci, height, width], f32 or c64.
 * @returns [n, co, (height − 1) stride − pads + dilation (kh − 1) + outputPadding + 1, …].
 * @throws ArgumentError when outputPadding is not smaller than stride or dilation.
 */
export function convTranspose2d(x: Tensor, w: Tensor, options: ConvTranspose2dOptions = {}): Tensor {
  return scope(() => {
    const fn = 'convTranspose2d';
    const convolution = checkConvolution(fn, options, [...optionNames, 'outputPadding']);
    const outputPadding = checkPerAxis(fn, 'option outputPadding', options.outputPadding ?? 0, 0);
    const { groups, stride, dilation } = convolution;
    outputPadding.forEach((extra, axis) => {
      checkInteger(fn, 'option outputPadding', extra, { max: Math.max(stride[axis]!, dilation[axis]!) - 1 });
    });
    const [image, weights, bias] = checkOperands(fn, x, w, options.bias);
    const [inChannels, groupChannels] = weights.shape as [number, number];
    checkGroups(fn, inChannels, groups, `argument 2 (the weights ${formatShape(w.shape)})`);
    checkChannels(fn, image, inChannels, 'as the weights');
    const { size, placed, window } = transposedSize(
      fn,
      image.shape,
      weights.shape,
      convolution,
      outputPadding,
    );
    // as the adjoint of conv2d, x is its result and the complex parts swap sides in the weights
    const reached = isComplex(image.dtype)
      ? imageOfParts(
          applyInputGrad(partsOfImage(image, groups), complexWeights(weights, groups, true), window, placed),
          groups,
        )
      : applyInputGrad(image, weights, window, placed);
    const isWhole = placed.every((n, axis) => n === size[axis]);
    const y = isWhole ? reached : embed(reached, [...reached.shape.slice(0, 2), ...size]);
    return addBias(fn, y, bias, groupChannels * groups);
  });
}

/**
 * `size` of a transposed convolution's result. Output padding takes back padding below and to the right;
 * what exceeds it are zeros that no pixel reaches: the adjoint proper gives `placed`, in `window`.
 */
function transposedSize(fn: string, image: Shape, weights: Shape, convolution: Convolution, extra: Pair) {
  const { stride, padding, dilation } = convolution;
  const axes = [0, 1].map((axis) => {
    const [before, after] = padding[axis]!;
    const rest = Math.max(0, after - extra[axis]!);
    const extent = kernelExtent(weights[2 + axis]!, dilation[axis]!);
    const placed = (image[2 + axis]! - 1) * stride[axis]! + extent - before - rest;
    return { padding: [before, rest] as const, placed, size: placed + rest + extra[axis]! - after };
  });
  const placed = axes.map((axis) => axis.placed) as unknown as Pair;
  if (Math.min(...placed) < 0 || image.slice(2).includes(0))
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: 'large enough for a result without negative size',
      got: `${formatShape(image)}, giving ${formatShape(placed)}`,
      remedy: 'Pad less.',
    });
  const size = axes.map((axis) => axis.size) as unknown as Pair;
  return { size, placed, window: { ...convolution, padding: [axes[0]!.padding, axes[1]!.padding] as const } };
}

function checkConvolution(fn: string, options: Conv2dOptions, names: readonly string[]): Convolution {
  checkOptions(fn, options, names);
  return {
    stride: checkPerAxis(fn, 'option stride', options.stride ?? 1, 1),
    padding: checkPadding(fn, options.padding ?? 0),
    dilation: checkPerAxis(fn, 'option dilation', options.dilation ?? 1, 1),
    groups: checkInteger(fn, 'option groups', options.groups ?? 1, { min: 1 }),
  };
}

/** Image, weights and bias of one floating dtype; ranks checked. */
function checkOperands(
  fn: string,
  x: Tensor,
  w: Tensor,
  bias: Tensor | undefined,
): [Tensor, Tensor, Tensor | undefined] {
  const given: [Tensor, string, number][] = [
    [x, 'argument 1', 4],
    [w, 'argument 2', 4],
  ];
  if (bias !== undefined) given.push([bias, 'option bias', 1]);
  for (const [operand, argument, rank] of given) {
    checkTensor(fn, argument, operand);
    if (!isDifferentiable(operand.dtype))
      throw new DTypeError({ fn, argument, expected: 'floating or complex', got: describe(operand) });
    if (operand.rank !== rank)
      throw new ShapeError({ fn, argument, expected: `of rank ${rank}`, got: describe(operand) });
  }
  if (w.size === 0)
    throw new ShapeError({ fn, argument: 'argument 2', expected: 'without empty axes', got: describe(w) });
  const dtype = given.map(([operand]) => operand.dtype).reduce<DType>(promote, x.dtype);
  const [image, weights, shift] = given.map(([t]) => (t.dtype === dtype ? t : cast(t, dtype)));
  return [image!, weights!, shift];
}

function checkGroups(fn: string, channels: number, groups: number, argument: string): void {
  if (channels % groups !== 0)
    throw new ShapeError({
      fn,
      argument,
      expected: `of a first size that ${groups} groups divide`,
      got: String(channels),
    });
}

function checkChannels(fn: string, x: Tensor, channels: number, reason: string): void {
  if (x.shape[1] !== channels)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: `of ${channels} channels on axis 1 (${reason})`,
      got: formatShape(x.shape),
    });
}

function addBias(fn: string, y: Tensor, bias: Tensor | undefined, channels: number): Tensor {
  if (!bias) return y;
  if (bias.size !== channels)
    throw new ShapeError({
      fn,
      argument: 'option bias',
      expected: `of shape [${channels}]`,
      got: formatShape(bias.shape),
    });
  return add(y, reshape(bias, [channels, 1, 1]));
}
