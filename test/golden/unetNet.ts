import { unet as fastmriUnet, type Network } from '@adjoint/models';
import {
  abs,
  avgPool2d,
  type ConvAlgorithm,
  concat,
  conv2d,
  convTranspose2d,
  greater,
  instanceNorm,
  leakyRelu,
  mean,
  pad,
  setConvAlgorithm,
  type Tensor,
  where,
} from '@adjoint/tensor';
import { GoldenError, type Group, type Stored } from './h5.js';
import { place } from './suite.js';

/** By their names in the file, which are those of PyTorch's modules. */
export type Weights = Record<string, Tensor>;

interface Net {
  readonly weights: Weights;
  readonly pools: number;
  readonly eps: number;
  readonly slope: number;
  /** Leaky ReLU of the k-th activation, and |.| of the loss. */
  readonly kinks: Kinks;
}

interface Kinks {
  activate(x: Tensor, slope: number): Tensor;
  absolute(x: Tensor): Tensor;
}

const kinked: Kinks = { activate: leakyRelu, absolute: abs };

/**
 * The net's kinks, and beside them the straight pieces that one pass through them lies on, to be taken again by a later
 * pass: Winograd's roundings are larger than the distance from a kink that the file's inputs were chosen for, and the
 * gradient of another piece is another one.
 */
export function recordedKinks(): { record: Kinks; replay: Kinks } {
  const slopes: Tensor[] = [];
  let used = 0;
  const record = (x: Tensor, slope: number, y: Tensor) => {
    slopes.push(where(greater(x, 0), 1, slope));
    return y;
  };
  const replay = (x: Tensor) => x.mul(slopes[used++]!);
  return {
    record: {
      activate: (x, slope) => record(x, slope, kinked.activate(x, slope)),
      absolute: (x) => record(x, -1, kinked.absolute(x)),
    },
    replay: { activate: replay, absolute: replay },
  };
}

/** Requires the file's net to be the one below. */
function checkDesign(group: Group): void {
  group.only('activation', 'leaky_relu');
  group.only('norm', 'instance');
  for (const name of ['conv_bias', 'dropout', 'norm_affine']) group.only(name, 0);
  group.only('conv_kernel', 3);
  group.only('conv_padding', 1);
}

const activate = (x: Tensor, { eps, slope, kinks }: Net): Tensor =>
  kinks.activate(instanceNorm(x, { eps }), slope);

/** Convolution 3 x 3, normalisation, activation; twice. */
function block(x: Tensor, name: string, net: Net): Tensor {
  const layer = (y: Tensor, k: number) =>
    activate(conv2d(y, net.weights[`${name}.layers.${k}.weight`]!, { padding: 1 }), net);
  return layer(layer(x, 0), 4);
}

/** Twice the size, one row or column more where `skip` has it, and the two behind one another. */
function joined(x: Tensor, skip: Tensor, level: number, net: Net): Tensor {
  const weight = net.weights[`up_transpose_conv.${level}.layers.0.weight`]!;
  const larger = activate(convTranspose2d(x, weight, { stride: 2 }), net);
  const missing = [-2, -1].map((axis) => skip.shape.at(axis)! - larger.shape.at(axis)!);
  const [bottom, right] = missing as [number, number];
  const padded = pad(
    larger,
    [
      [0, bottom],
      [0, right],
    ],
    { mode: 'reflect' },
  );
  return concat([padded, skip], 1);
}

/**
 * The U-net of fastMRI (Zbontar et al., arXiv:1811.08839), composed of public functions: unlike the one of
 * @adjoint/models it can be told which straight pieces to take.
 */
function unet(input: Tensor, net: Net): Tensor {
  const skips: Tensor[] = [];
  let x = input;
  for (let level = 0; level < net.pools; level++) {
    skips.push((x = block(x, `down_sample_layers.${level}`, net)));
    x = avgPool2d(x, { kernel: 2 });
  }
  x = block(x, 'conv', net);
  for (let level = 0; level < net.pools; level++) {
    const isLast = level === net.pools - 1;
    x = block(joined(x, skips.pop()!, level, net), `up_conv.${level}${isLast ? '.0' : ''}`, net);
  }
  const last = `up_conv.${net.pools - 1}.1`;
  return conv2d(x, net.weights[`${last}.weight`]!, { bias: net.weights[`${last}.bias`]! });
}

export function below(group: Group, name: string): Group {
  const found = group.groups().find((child) => child.name === name);
  if (!found) throw new GoldenError(`${group.path} has no group "${name}"`);
  return found;
}

export const datasetsOf = (group: Group): [string, Stored][] =>
  group.datasetNames().map((name) => [name, group.dataset(name)]);

/** A net of the file, as @adjoint/models makes it, with its weights, input and loss. */
export interface GoldenNet {
  readonly network: Network;
  readonly weights: Weights;
  readonly x: Tensor;
  /** mean|y − target| and y. */
  readonly loss: (weights: Weights, image: Tensor) => readonly [Tensor, Tensor];
}

/** The loss of the composed net, whose kinks can be chosen. */
export interface ComposedNet extends GoldenNet {
  readonly composed: (kinks: Kinks) => GoldenNet['loss'];
}

export function readNet(group: Group): ComposedNet {
  checkDesign(group);
  const [eps, slope, pools, chans, inChans, outChans] = [
    ...['norm_eps', 'negative_slope', 'num_pool_layers'],
    ...['chans', 'in_chans', 'out_chans'],
  ].map((name) => group.number(name)) as [number, number, number, number, number, number];
  // those of the package are not options
  if (eps !== 1e-5 || slope !== 0.2)
    throw new GoldenError(`norm_eps ${eps} and negative_slope ${slope} are not`);
  const network = fastmriUnet({ pools, chans, inChans, outChans });
  const weights = Object.fromEntries(
    datasetsOf(below(group, 'weights')).map(([name, stored]) => [name, place(stored)]),
  );
  const [x, target] = [place(group.dataset('x')), place(group.dataset('target'))];
  const lossOf =
    (run: (w: Weights, image: Tensor) => Tensor, { absolute }: Kinks): GoldenNet['loss'] =>
    (w, image) => {
      const y = run(w, image);
      return [mean(absolute(y.sub(target))), y];
    };
  return {
    ...{ network, weights, x },
    loss: lossOf((w, image) => network.apply(w, image), kinked),
    composed: (kinks) => lossOf((w, image) => unet(image, { weights: w, pools, eps, slope, kinks }), kinks),
  };
}

/** Runs `fn` with one algorithm for convolutions. */
export function withAlgorithm<R>(algorithm: ConvAlgorithm, fn: () => R): R {
  setConvAlgorithm(algorithm);
  try {
    return fn();
  } finally {
    setConvAlgorithm('auto');
  }
}
