import { checkNumber, checkOptions } from '../check.js';
import { ArgumentError, describe, ShapeError } from '../errors.js';
import { add, mul } from '../ops/elementwise/index.js';

import { moments } from '../ops/reduce/index.js';
import { reshape, stopGradient } from '../ops/view/index.js';
import { scope } from '../scope.js';
import { formatShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkChannels, checkParameter, checkReal } from './arguments.js';
import { type Affine, channelShape, reshapeAffine, standardise } from './standardise.js';

export interface BatchNormOptions extends Affine {
  /** Added to the variance under the root. Default 1e-5. */
  readonly eps?: number;
  /** Normalise with the statistics of this batch (default false: with the running ones). */
  readonly training?: boolean;
  /** `[C]`; needed unless training. */
  readonly runningMean?: Tensor;
  /** `[C]`; needed unless training. */
  readonly runningVar?: Tensor;
  /** Weight of this batch in the new running statistics. Default 0.1. */
  readonly momentum?: number;
}

export interface BatchNormResult {
  readonly output: Tensor;
  /** New running statistics `[C]`, without gradient; in evaluation the given ones; absent if none were given. */
  readonly runningMean?: Tensor;
  readonly runningVar?: Tensor;
}

const optionNames = ['weight', 'bias', 'eps', 'training', 'runningMean', 'runningVar', 'momentum'];

/**
 * Batch normalisation: every channel to mean 0 and variance 1 over samples and pixels, then y · weight + bias.
 *
 * Training uses the statistics of the batch (biased variance) and returns new running statistics,
 * `(1 − momentum) · running + momentum · batch`, with the unbiased batch variance there, as PyTorch does.
 * Evaluation uses the running statistics and returns them unchanged. Nothing is updated in place.
 *
 * @param x `[N, C, …]`, real
 * @returns `{ output, runningMean, runningVar }`
 * @throws ShapeError in training with fewer than two values per channel.
 * @throws ArgumentError in evaluation without running statistics, or when only one of the two is given.
 * @example ({ output, runningMean, runningVar } = batchNorm(x, { training: true, weight, bias, runningMean, runningVar }));
 * Reference: Ioffe, Szegedy, ICML 2015, arXiv:1502.03167.
 */
export function batchNorm(x: Tensor, options: BatchNormOptions): BatchNormResult {
  const fn = 'batchNorm';
  checkReal(fn, 'argument 1', x);
  checkChannels(fn, x, 2);
  const checked = checkBatchNormOptions(fn, options, x.shape[1]!);
  return scope(() => (checked.training ? trainingNorm(fn, x, checked) : evaluationNorm(fn, x, checked)));
}

type Checked = BatchNormOptions & Required<Pick<BatchNormOptions, 'eps' | 'training' | 'momentum'>>;

function checkBatchNormOptions(fn: string, options: BatchNormOptions, channels: number): Checked {
  checkOptions(fn, options, optionNames);
  const { training = false, eps = 1e-5, momentum = 0.1 } = options;
  if (typeof training !== 'boolean')
    throw new ArgumentError({
      fn,
      argument: 'option training',
      expected: 'true or false',
      got: describe(training),
    });
  const vector = (name: 'weight' | 'bias' | 'runningMean' | 'runningVar') =>
    checkParameter(fn, name, options[name], [channels]);
  const runningMean = vector('runningMean');
  const runningVar = vector('runningVar');
  if ((runningMean === undefined) !== (runningVar === undefined))
    throw new ArgumentError({
      fn,
      argument: 'options runningMean and runningVar',
      expected: 'given together',
      got: runningMean ? 'runningMean only' : 'runningVar only',
    });
  return {
    training,
    runningMean,
    runningVar,
    weight: vector('weight'),
    bias: vector('bias'),
    eps: checkNumber(fn, 'option eps', eps, { min: 0 }),
    momentum: checkNumber(fn, 'option momentum', momentum, { min: 0, max: 1 }),
  };
}

function trainingNorm(fn: string, x: Tensor, options: Checked): BatchNormResult {
  const channels = x.shape[1]!;
  const count = x.shape.reduce((product, n, axis) => (axis === 1 ? product : product * n), 1);
  if (count < 2)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: 'of two or more values per channel in training',
      got: formatShape(x.shape),
    });
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const statistics = moments(x, { axes, keepDims: true });
  const output = standardise(x, statistics, options.eps, reshapeAffine(options, channelShape(x)));
  const { runningMean, runningVar, momentum } = options;
  if (!runningMean || !runningVar) return { output };
  const blend = (running: Tensor, batch: Tensor, factor: number): Tensor =>
    add(
      mul(stopGradient(running), 1 - momentum),
      mul(reshape(stopGradient(batch), [channels]), momentum * factor),
    );
  return {
    output,
    runningMean: blend(runningMean, statistics.mean, 1),
    runningVar: blend(runningVar, statistics.variance, count / (count - 1)),
  };
}

function evaluationNorm(fn: string, x: Tensor, options: Checked): BatchNormResult {
  const { runningMean, runningVar, eps } = options;
  if (!runningMean || !runningVar)
    throw new ArgumentError({
      fn,
      argument: 'options runningMean and runningVar',
      expected: 'given unless training',
      got: 'neither',
      remedy: 'Pass { training: true } to use the statistics of the batch.',
    });
  const along = channelShape(x);
  const statistics = { mean: reshape(runningMean, along), variance: reshape(runningVar, along) };
  const output = standardise(x, statistics, eps, reshapeAffine(options, along));
  return { output, runningMean, runningVar };
}
