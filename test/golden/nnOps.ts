import { vjp } from '@adjoint/autograd';
import {
  abs,
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  exp,
  instanceNorm,
  type LossOptions,
  l1Loss,
  leakyRelu,
  linear,
  maxPool2d,
  mseLoss,
  type PadMode,
  pad,
  relu,
  reshape,
  resize,
  sigmoid,
  smoothL1Loss,
  softplus,
  type Tensor,
  tanh,
} from '@adjoint/tensor';
import { GoldenError, type Group } from './h5.js';
import { trajectory } from './optimisers.js';
import { isProse, place, type Result, type Suite } from './suite.js';

/** Single precision reaches 7e-7. */
const usualLimit = 1e-5;
/** Two values per statistic: x − mean is ±half their difference, the output ±1, its gradient nearly 0 (reached: 2.3e-4). */
const twoValueLimit = 1e-3;

type Inputs = Record<string, Tensor>;
type Operator = (inputs: Inputs, group: Group) => Tensor;

/** Requires the optional input to be there exactly when the file's flag says so. */
function optional(inputs: Inputs, name: string, group: Group, flag: string): Tensor | undefined {
  if (group.has(flag) && group.flag(flag) !== name in inputs)
    throw new GoldenError(`in_${name} and attribute ${flag} contradict each other`);
  return inputs[name];
}

/** The window size of a convolution, stored twice. */
function checkKernel(weight: Tensor, group: Group): void {
  if (group.has('kernel') && group.pair('kernel').join() !== weight.shape.slice(2).join())
    throw new GoldenError('attribute kernel is not the size of in_w');
}

const pooling = (group: Group) => {
  group.only('ceil_mode', 0);
  return { kernel: group.pair('kernel'), stride: group.pair('stride'), padding: group.pair('padding') };
};

const affine = (inputs: Inputs, group: Group) => {
  group.only('variance', 'biased');
  return {
    eps: group.number('eps'),
    weight: optional(inputs, 'gamma', group, 'affine'),
    bias: optional(inputs, 'beta', group, 'affine'),
  };
};

const activations: Record<string, Operator> = {
  relu: ({ x }) => relu(x!),
  leaky_relu: ({ x }, group) => leakyRelu(x!, group.number('negative_slope')),
  sigmoid: ({ x }) => sigmoid(x!),
  tanh: ({ x }) => tanh(x!),
  softplus: ({ x }, group) =>
    softplus(x!, { beta: group.number('beta'), threshold: group.number('threshold') }),
  exp: ({ x }) => exp(x!),
  abs: ({ x }) => abs(x!),
};

const losses: Record<string, (inputs: Inputs, options: LossOptions, group: Group) => Tensor> = {
  mse: ({ x, y }, options) => mseLoss(x!, y!, options),
  l1: ({ x, y }, options) => l1Loss(x!, y!, options),
  smooth_l1: ({ x, y }, options, group) => smoothL1Loss(x!, y!, { ...options, beta: group.number('beta') }),
};

function find<T>(table: Record<string, T>, name: string): T {
  if (!Object.hasOwn(table, name)) throw new GoldenError(`no function is known for "${name}"`);
  return table[name]!;
}

/** By the first component of the case's path. Arguments come from the case's attributes. */
const operators: Record<string, Operator> = {
  conv2d: (inputs, group) => {
    group.only('padding_mode', 'zeros');
    checkKernel(inputs.w!, group);

    return conv2d(inputs.x!, inputs.w!, {
      stride: group.pair('stride'),
      padding: group.pair('padding'),
      dilation: group.pair('dilation'),
      groups: group.number('groups'),
      bias: optional(inputs, 'b', group, 'bias'),
    });
  },
  conv_transpose2d: (inputs, group) => {
    checkKernel(inputs.w!, group);
    return convTranspose2d(inputs.x!, inputs.w!, {
      stride: group.pair('stride'),
      padding: group.pair('padding'),
      outputPadding: group.pair('output_padding'),
      dilation: group.pair('dilation'),
      groups: group.number('groups'),
      bias: optional(inputs, 'b', group, 'bias'),
    });
  },
  avg_pool2d: ({ x }, group) =>
    avgPool2d(x!, { ...pooling(group), countIncludePad: group.flag('count_include_pad') }),
  max_pool2d: ({ x }, group) => {
    group.only('pad_value', '-inf');
    return maxPool2d(x!, pooling(group));
  },
  instance_norm: (inputs, group) => instanceNorm(inputs.x!, affine(inputs, group)),
  batch_norm_train: (inputs, group) =>
    batchNorm(inputs.x!, { ...affine(inputs, group), training: true }).output,
  act: (inputs, group) => find(activations, group.text('function'))(inputs, group),
  interpolate: ({ x }, group) => {
    group.only('given', 'size');
    const mode = group.text('mode');
    if (mode !== 'nearest' && mode !== 'bilinear') throw new GoldenError(`mode ${mode} is not known`);
    const alignCorners = group.flag('align_corners');
    return resize(x!, [group.number('out_h'), group.number('out_w')], { mode, alignCorners });
  },
  pad: ({ x }, group) => {
    const [left, right, top, bottom] = ['left', 'right', 'top', 'bottom'].map((side) => group.number(side));
    const pads = [
      [top!, bottom!],
      [left!, right!],
    ] as const;
    return pad(x!, pads, { mode: group.text('mode') as PadMode, value: group.number('value') });
  },
  linear: (inputs, group) => linear(inputs.x!, inputs.w!, optional(inputs, 'b', group, 'bias')),
  loss: (inputs, group) => {
    const reduction = group.text('reduction') as LossOptions['reduction'];
    const loss = find(losses, group.has('function') ? group.text('function') : group.name);
    const value = loss(inputs, { reduction }, group);
    // a scalar is stored as one entry
    return value.rank === 0 ? reshape(value, [1]) : value;
  },
};

/** Values that a mean and a variance are taken over. */
function valuesPerStatistic(kind: string, shape: readonly number[]): number {
  const pixels = shape.slice(2).reduce((count, n) => count * n, 1);
  return kind === 'batch_norm_train' ? shape[0]! * pixels : pixels;
}

function limitOf(kind: string, x: readonly number[]): number {
  const isNorm = kind === 'instance_norm' || kind === 'batch_norm_train';
  return isNorm && valuesPerStatistic(kind, x) === 2 ? twoValueLimit : usualLimit;
}

/** Output of an operator and its vector-Jacobian products with `grad_out`, for every `in_*`. */
function operatorCase(kind: string, group: Group): Result[] {
  const operator = find(operators, kind);
  const names = group.datasetNames().filter((name) => name.startsWith('in_'));
  const inputs = Object.fromEntries(names.map((name) => [name.slice(3), place(group.dataset(name))]));
  const limit = limitOf(kind, group.dataset(names.includes('in_x') ? 'in_x' : names[0]!).shape);
  using at = vjp((leaves: Inputs) => operator(leaves, group), inputs);
  const [gradients] = at.pullback(place(group.dataset('grad_out')));
  return [
    { name: 'out', got: at.value, expected: group.dataset('out'), limit },
    ...Object.entries(gradients!).map(
      ([name, got]): Result => ({
        name: `grad_${name}`,
        got,
        expected: group.dataset(`grad_${name}`),
        limit,
      }),
    ),
  ];
}

/** Facts that follow from the operator and its other arguments. */
const consequences = ['scale_h', 'scale_w', 'grad_at_zero'];

export const nnOpsSuite: Suite = {
  file: 'nn_ops',
  ignored: (name) => isProse(name) || consequences.includes(name),
  plan(group) {
    const [kind] = group.parts as [string];
    if (kind === 'optim') return group.parts.length === 1 ? 'shared' : () => trajectory(group, usualLimit);
    if (group.parts.length !== 2) throw new GoldenError('is not a case of an operator');
    find(operators, kind);
    return () => operatorCase(kind, group);
  },
};
