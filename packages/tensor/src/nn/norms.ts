import { checkInteger, checkNumber, checkOptions } from '../check.js';
import { ArgumentError, ShapeError } from '../errors.js';

import { moments } from '../ops/reduce/index.js';
import { reshape } from '../ops/view/index.js';
import { scope } from '../scope.js';
import { checkShape, formatShape, sameShape, sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkChannels, checkParameter, checkReal } from './arguments.js';
import { type Affine, channelShape, reshapeAffine, standardise } from './standardise.js';

export interface NormOptions extends Affine {
  /** Added to the variance under the root. Default 1e-5. */
  readonly eps?: number;
}

const optionNames = ['weight', 'bias', 'eps'] as const;

/** Validated eps, and weight and bias of the given shape. */
function checkNormOptions(
  fn: string,
  options: NormOptions,
  shape: readonly number[],
): Affine & { eps: number } {
  checkOptions(fn, options, optionNames);
  const { eps = 1e-5 } = options;
  return {
    eps: checkNumber(fn, 'option eps', eps, { min: 0 }),
    weight: checkParameter(fn, 'weight', options.weight, shape),
    bias: checkParameter(fn, 'bias', options.bias, shape),
  };
}

/**
 * Instance normalisation: every channel of every sample to mean 0 and variance 1 over its pixels, then
 * y · weight + bias. The variance is biased (divided by the number of pixels), as in PyTorch.
 *
 * @param x `[N, C, L, …]`, real
 * @param options weight and bias `[C]`; eps 1e-5
 * @throws ShapeError when there are fewer than two pixels: their variance is always 0.
 * Reference: Ulyanov, Vedaldi, Lempitsky, arXiv:1607.08022 (2016).
 */
export function instanceNorm(x: Tensor, options: NormOptions = {}): Tensor {
  const fn = 'instanceNorm';
  checkReal(fn, 'argument 1', x);
  checkChannels(fn, x, 3);
  const { eps, ...affine } = checkNormOptions(fn, options, [x.shape[1]!]);
  const axes = x.shape.flatMap((_, axis) => (axis < 2 ? [] : [axis]));
  if (sizeOf(x.shape.slice(2)) < 2)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: 'of two or more pixels per channel',
      got: formatShape(x.shape),
    });
  return scope(() => {
    const statistics = moments(x, { axes, keepDims: true });
    return standardise(x, statistics, eps, reshapeAffine(affine, channelShape(x)));
  });
}

/**
 * Group normalisation: the channels of every sample in `groups` equal groups, each to mean 0 and variance 1
 * (biased) over its channels and pixels, then y · weight + bias per channel.
 *
 * @param x `[N, C, …]`, real
 * @param groups a divisor of C; 1 is layer normalisation of whole samples, C instance normalisation
 * @param options weight and bias `[C]`; eps 1e-5
 * Reference: Wu, He, ECCV 2018, arXiv:1803.08494.
 */
export function groupNorm(x: Tensor, groups: number, options: NormOptions = {}): Tensor {
  const fn = 'groupNorm';
  checkReal(fn, 'argument 1', x);
  checkChannels(fn, x, 2);
  const [samples, channels] = x.shape as [number, number];
  checkInteger(fn, 'groups', groups, { min: 1 });
  if (channels % groups !== 0)
    throw new ArgumentError({
      fn,
      argument: 'groups',
      expected: `a divisor of the ${channels} channels`,
      got: String(groups),
    });
  const { eps, ...affine } = checkNormOptions(fn, options, [channels]);
  const grouped = [groups, channels / groups];
  const pixels = sizeOf(x.shape.slice(2));
  return scope(() => {
    const z = reshape(x, [samples, ...grouped, pixels]);
    const statistics = moments(z, { axes: [2, 3], keepDims: true });
    return reshape(standardise(z, statistics, eps, reshapeAffine(affine, [...grouped, 1])), x.shape);
  });
}

/**
 * Layer normalisation: mean 0 and variance 1 (biased) over the last axes, then y · weight + bias per entry.
 *
 * @param x `[…, ...normalizedShape]`, real
 * @param normalizedShape sizes of the last axes, those the statistics are taken over (PyTorch's argument)
 * @param options weight and bias of shape `normalizedShape`; eps 1e-5
 * Reference: Ba, Kiros, Hinton, arXiv:1607.06450 (2016).
 */
export function layerNorm(x: Tensor, normalizedShape: readonly number[], options: NormOptions = {}): Tensor {
  const fn = 'layerNorm';
  checkReal(fn, 'argument 1', x);
  const last = checkShape(fn, 'normalizedShape', normalizedShape);
  if (last.length === 0 || !sameShape(x.shape.slice(-last.length), last))
    throw new ShapeError({
      fn,
      argument: 'normalizedShape',
      expected: `the sizes of the last axes of ${formatShape(x.shape)}`,
      got: formatShape(last),
    });
  const { eps, ...affine } = checkNormOptions(fn, options, last);
  return scope(() => {
    const statistics = moments(x, { axes: last.map((_, i) => i - last.length), keepDims: true });
    return standardise(x, statistics, eps, affine);
  });
}
