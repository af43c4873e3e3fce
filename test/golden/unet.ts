import { valueAndGrad } from '@adjoint/autograd';
import {
  abs,
  avgPool2d,
  type ConvAlgorithm,
  concat,
  conv2d,
  convTranspose2d,
  currentDevice,
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
import { isProse, place, type Result, type Suite } from './suite.js';

/** Winograd's, as docs/accuracy.md states it: its rounding in one layer is five times that of sums of products. */
const outputLimits: Record<ConvAlgorithm, number> = { direct: 1e-5, winograd: 2e-5 };
const gradientLimit = 1e-4;

/** By their names in the file, which are those of PyTorch's modules. */
type Weights = Record<string, Tensor>;

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
function recordedKinks(): { record: Kinks; replay: Kinks } {
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

/** The U-net of fastMRI (Zbontar et al., arXiv:1811.08839), composed of public functions. */
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

function below(group: Group, name: string): Group {
  const found = group.groups().find((child) => child.name === name);
  if (!found) throw new GoldenError(`${group.path} has no group "${name}"`);
  return found;
}

const datasetsOf = (group: Group): [string, Stored][] =>
  group.datasetNames().map((name) => [name, group.dataset(name)]);

function readNet(group: Group) {
  checkDesign(group);
  const [eps, slope, pools] = ['norm_eps', 'negative_slope', 'num_pool_layers'].map((name) =>
    group.number(name),
  ) as [number, number, number];
  const weights = datasetsOf(below(group, 'weights')).map(([name, stored]) => [name, place(stored)] as const);
  const [x, target] = [place(group.dataset('x')), place(group.dataset('target'))];
  const loss = (kinks: Kinks) => (leaves: Weights, image: Tensor) => {
    const y = unet(image, { weights: leaves, pools, eps, slope, kinks });
    return [mean(kinks.absolute(y.sub(target))), y] as const;
  };
  return { weights: Object.fromEntries(weights) as Weights, x, loss };
}

/** The algorithms that exist where the case runs; `reference` has none to choose from. */
const algorithms = (): readonly ConvAlgorithm[] =>
  currentDevice('golden').name === 'reference' ? ['direct'] : ['direct', 'winograd'];

function withAlgorithm<R>(algorithm: ConvAlgorithm, fn: () => R): R {
  setConvAlgorithm(algorithm);
  try {
    return fn();
  } finally {
    setConvAlgorithm('auto');
  }
}

/** Output, loss and all gradients, by sums of products and by Winograd's transforms wherever they fit. */
function netCase(group: Group): Result[] {
  const { weights, x, loss } = readNet(group);
  const expected = new Map(datasetsOf(below(group, 'grads')));
  if (Object.keys(weights).join() !== [...expected.keys()].join())
    throw new GoldenError('weights and grads do not belong together');
  const { record, replay } = recordedKinks();
  withAlgorithm('direct', () => loss(record)(weights, x));
  return algorithms().flatMap((algorithm) => {
    const kinks = algorithm === 'direct' ? kinked : replay;
    const { value, gradient, aux } = withAlgorithm(algorithm, () =>
      valueAndGrad(loss(kinks), { argnums: [0, 1], hasAux: true })(weights, x),
    );
    const [byWeight, byImage] = gradient;
    const result = (name: string, got: Tensor, stored: Stored, limit: number): Result => ({
      name: `${name} (${algorithm})`,
      ...{ got, expected: stored, limit },
    });
    return [
      result('y', aux, group.dataset('y'), outputLimits[algorithm]),
      result('loss_l1', value, group.dataset('loss_l1'), outputLimits[algorithm]),
      result('grad_x', byImage, group.dataset('grad_x'), gradientLimit),
      ...[...expected].map(([name, stored]) => result(name, byWeight[name]!, stored, gradientLimit)),
    ];
  });
}

/** Groups that cases look into, */
const parts = ['weights', 'grads'];
/**
 * and of trainings, which are not repeated: Adam and RMSprop take full steps where gradients are nearly 0, so that in
 * single precision the curves tell roundings apart more than networks.
 */
const trainings = ['curve', 'adam_lr1e-3', 'rmsprop_lr1e-3', 'final_weights'];
const isLayer = (name: string): boolean =>
  /^(conv|down_sample_layers|up_conv|up_transpose_conv)\./.test(name);
/** Facts that the arrays tell, too, what other tools reached, and words for what `checkDesign` cannot ask. */
const notes = [
  'h',
  'w',
  'batch',
  'chans',
  'in_chans',
  'out_chans',
  'y_f32_maxabsdiff',
  'grad_sensitivity_1e-6',
];
const words = ['block', 'down', 'up', 'final', 'odd_sizes', 'skip'];
const ofTraining = ['loss_f32', 'loss_f64', 'trained', 'steps', 'variant', 'lr', 'betas', 'eps', 'alpha'];
const ofOptimiser = ['amsgrad', 'maximize', 'weight_decay', 'centered', 'momentum'];
const unused = new Set([...notes, ...words, ...ofTraining, ...ofOptimiser]);

export const unetSuite: Suite = {
  file: 'unet',
  ignored: (name) => isProse(name) || isLayer(name) || unused.has(name),
  plan(group) {
    if ([...parts, ...trainings].includes(group.name)) return 'shared';
    return () => netCase(group);
  },
};
