import {
  avgPool2d,
  checkInteger,
  checkNumber,
  checkOptions,
  checkTensor,
  concat,
  foldIn,
  formatType,
  type Key,
  pad,
  ShapeError,
  scope,
  type Tensor,
} from '@adjoint/tensor';
import { conv2d, convTranspose2d, dropout2d, normLeakyRelu, sequential } from '../layers/index.js';
import { collected, partOf } from '../layers/parameters.js';
import type { Layer, Network, Parameters } from '../network.js';

export interface UnetOptions {
  /** Channels of the input; default 1. */
  readonly inChans?: number | undefined;
  /** Channels of the result; default 1. */
  readonly outChans?: number | undefined;
  /** Channels of the first block, doubled at every level; default 32. */
  readonly chans?: number | undefined;
  /** Levels; default 4. */
  readonly pools?: number | undefined;
  /** Probability with which training drops channels; default 0. */
  readonly dropout?: number | undefined;
}

const slope = 0.2;
/** Two layers of fastMRI's lists, which have no weights. */
const normActivate = (x: Tensor): Tensor => normLeakyRelu(x, slope);

/** (Convolution 3 × 3, instance normalisation, leaky ReLU, dropout), twice. */
const convBlock = (from: number, to: number, rate: number): Layer =>
  sequential({
    'layers.0': conv2d(from, to, 3, { padding: 1, bias: false }),
    'layers.1-2': normActivate,
    'layers.3': dropout2d(rate),
    'layers.4': conv2d(to, to, 3, { padding: 1, bias: false }),
    'layers.5-6': normActivate,
    'layers.7': dropout2d(rate),
  });

const upBlock = (from: number, to: number): Layer =>
  sequential({
    'layers.0': convTranspose2d(from, to, 2, { bias: false }),
    'layers.1-2': normActivate,
  });

/** All blocks by their names in fastMRI, in the order of its state dict. */
function blocksOf({ inChans, outChans, chans, pools, dropout }: Config): Record<string, Layer> {
  const levels = Array.from({ length: pools }, (_, level) => level);
  const width = (level: number) => chans * 2 ** level;
  const last = sequential({
    '0': convBlock(2 * chans, chans, dropout),
    '1': conv2d(chans, outChans, 1),
  });
  const up = (step: number): Layer => {
    const to = width(pools - 1 - step);
    return step === pools - 1 ? last : convBlock(2 * to, to, dropout);
  };
  return Object.fromEntries([
    ...levels.map((level) => [
      `down_sample_layers.${level}`,
      convBlock(level === 0 ? inChans : width(level - 1), width(level), dropout),
    ]),
    ['conv', convBlock(width(pools - 1), width(pools), dropout)],
    ...levels.map((step) => [`up_conv.${step}`, up(step)]),
    ...levels.map((step) => [
      `up_transpose_conv.${step}`,
      upBlock(width(pools - step), width(pools - 1 - step)),
    ]),
  ]);
}

interface Config {
  readonly inChans: number;
  readonly outChans: number;
  readonly chans: number;
  readonly pools: number;
  readonly dropout: number;
}

const optionNames = ['inChans', 'outChans', 'chans', 'pools', 'dropout'];

function checkConfig(options: UnetOptions): Config {
  const fn = 'unet';
  checkOptions(fn, options, optionNames);
  const { inChans = 1, outChans = 1, chans = 32, pools = 4, dropout = 0 } = options;
  for (const [name, value] of Object.entries({ inChans, outChans, chans }))
    checkInteger(fn, `option ${name}`, value, { min: 1, max: 4096 });
  checkInteger(fn, 'option pools', pools, { min: 1, max: 8 });
  checkNumber(fn, 'option dropout', dropout, { min: 0, max: 0.999 });
  return { inChans, outChans, chans, pools, dropout };
}

/**
 * The U-net of fastMRI: levels of two convolutions each, halved by 2 × 2 means on the way down and doubled by transposed
 * convolutions on the way up, where the result of the same level of the way down is joined to them, behind them. What
 * odd sizes lost is reflected back. A convolution 1 × 1 with bias ends it.
 *
 * Input [N, inChans, H, W], result [N, outChans, H, W]; H and W at least 2^pools, and the image of the lowest level of
 * at least two pixels.
 *
 * @throws ArgumentError; ShapeError from `apply`
 * Source: Ronneberger et al., MICCAI 2015; fastMRI, Zbontar et al., arXiv:1811.08839.
 */
export function unet(options: UnetOptions = {}): Network {
  const config = checkConfig(options);
  const blocks = blocksOf(config);
  return {
    architecture: 'unet',
    config: { ...config },
    ...collected(blocks),
    apply: (parameters, x, { key } = {}) => {
      checkInput(config, x);
      return scope(() => runUnet(config.pools, partRunner(blocks, parameters, key), x));
    },
  };
}

type RunPart = (part: string, x: Tensor) => Tensor;

const partRunner =
  (blocks: Readonly<Record<string, Layer>>, parameters: Parameters, key: Key | undefined): RunPart =>
  (part, x) => {
    const block = blocks[part]!;
    return block.apply(partOf(parameters, part, block), x, { key: key && foldIn(key, part) });
  };

function runUnet(pools: number, run: RunPart, input: Tensor): Tensor {
  const skips: Tensor[] = [];
  let x = input;
  for (let level = 0; level < pools; level++) {
    const skip = run(`down_sample_layers.${level}`, x);
    skips.push(skip);
    x = avgPool2d(skip, { kernel: 2 });
  }
  x = run('conv', x);
  for (let step = 0; step < pools; step++) {
    const skip = skips.pop()!;
    x = run(`up_conv.${step}`, concat([sizedAs(skip, run(`up_transpose_conv.${step}`, x)), skip], 1));
  }
  return x;
}

/** One more row or column, reflected, where `skip` has it: halving dropped it. */
function sizedAs(skip: Tensor, x: Tensor): Tensor {
  const [bottom, right] = [-2, -1].map((axis) => skip.shape.at(axis)! - x.shape.at(axis)!) as [
    number,
    number,
  ];
  if (bottom === 0 && right === 0) return x;
  return pad(
    x,
    [
      [0, bottom],
      [0, right],
    ],
    { mode: 'reflect' },
  );
}

function checkInput({ inChans, pools }: Config, x: Tensor): void {
  const fn = 'unet';
  checkTensor(fn, 'the input', x);
  const [height, width] = x.shape.slice(-2).map((n) => Math.floor(n / 2 ** pools));
  const isLarge = x.rank === 4 && height! * width! >= 2;
  if (isLarge && x.shape[1] === inChans) return;
  const least = 2 ** pools;
  throw new ShapeError({
    fn,
    argument: 'the input',
    expected: `[N, ${inChans}, H, W], H and W >= ${least}, one of them >= ${2 * least} (${pools} pools)`,
    got: formatType(x),
  });
}
