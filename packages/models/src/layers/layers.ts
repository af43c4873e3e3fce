import {
  linear as affine,
  bernoulli,
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOptions,
  conv2d as convolve,
  convTranspose2d as convolveTransposed,
  mul,
  instanceNorm as normalise,
  scope,
  where,
} from '@adjoint/tensor';
import type { Layer } from '../network.js';
import { constantWeight, layerOf, uniformWeight } from './parameters.js';

const channels = { min: 1, max: 2 ** 16 };

export interface ConvOptions {
  /** Default 1; of transposed convolutions the size of the kernel. */
  readonly stride?: number;
  /** Zeros around the image; default 0. */
  readonly padding?: number;
  /** Default true. */
  readonly bias?: boolean;
}

function checkConv(fn: string, sizes: readonly [number, number, number], options: ConvOptions) {
  for (const [i, name] of ['inChans', 'outChans', 'kernel'].entries())
    checkInteger(fn, name, sizes[i], channels);
  const { padding = 0, bias = true, stride } = checkOptions(fn, options, ['stride', 'padding', 'bias']);
  checkInteger(fn, 'option padding', padding, { min: 0 });
  if (stride !== undefined) checkInteger(fn, 'option stride', stride, { min: 1 });
  return { padding, stride, hasBias: checkBoolean(fn, 'option bias', bias) };
}

/**
 * `torch.nn.Conv2d`: cross-correlation with `weight` [out, in, k, k], plus `bias` [out]. Both start uniform within
 * ±1/√(in·k²).
 */
export function conv2d(inChans: number, outChans: number, kernel: number, options: ConvOptions = {}): Layer {
  const { padding, stride = 1, hasBias } = checkConv('conv2d', [inChans, outChans, kernel], options);
  const fanIn = inChans * kernel * kernel;
  const weights = {
    weight: uniformWeight([outChans, inChans, kernel, kernel], fanIn),
    ...(hasBias && { bias: uniformWeight([outChans], fanIn) }),
  };
  return layerOf(weights, (weight, x) =>
    convolve(x, weight('weight'), { padding, stride, ...(hasBias && { bias: weight('bias') }) }),
  );
}

/**
 * `torch.nn.ConvTranspose2d`: the adjoint of a convolution, with `weight` [in, out, k, k], plus `bias` [out]. Both start
 * uniform within ±1/√(out·k²), which is what PyTorch takes for the fan-in here.
 */
export function convTranspose2d(
  inChans: number,
  outChans: number,
  kernel: number,
  options: ConvOptions = {},
): Layer {
  const sizes = [inChans, outChans, kernel] as const;
  const { padding, stride = kernel, hasBias } = checkConv('convTranspose2d', sizes, options);
  const fanIn = outChans * kernel * kernel;
  const weights = {
    weight: uniformWeight([inChans, outChans, kernel, kernel], fanIn),
    ...(hasBias && { bias: uniformWeight([outChans], fanIn) }),
  };
  return layerOf(weights, (weight, x) =>
    convolveTransposed(x, weight('weight'), { padding, stride, ...(hasBias && { bias: weight('bias') }) }),
  );
}

/** `torch.nn.Linear` on the last axis: `weight` [out, in] and `bias` [out], both uniform within ±1/√in. */
export function linear(
  inFeatures: number,
  outFeatures: number,
  { bias = true }: { bias?: boolean } = {},
): Layer {
  checkInteger('linear', 'inFeatures', inFeatures, { min: 1 });
  checkInteger('linear', 'outFeatures', outFeatures, { min: 1 });
  const weights = {
    weight: uniformWeight([outFeatures, inFeatures], inFeatures),
    ...(checkBoolean('linear', 'option bias', bias) && { bias: uniformWeight([outFeatures], inFeatures) }),
  };
  return layerOf(weights, (weight, x) => affine(x, weight('weight'), bias ? weight('bias') : undefined));
}

/** `torch.nn.InstanceNorm2d`, eps 1e-5; `affine` adds `weight` and `bias` [C], which start at 1 and 0. Default: none. */
export function instanceNorm(chans: number, { affine = false }: { affine?: boolean } = {}): Layer {
  checkInteger('instanceNorm', 'chans', chans, channels);
  checkBoolean('instanceNorm', 'option affine', affine);
  if (!affine) return layerOf({}, (_, x) => normalise(x));
  const weights = { weight: constantWeight([chans], 1), bias: constantWeight([chans], 0) };
  return layerOf(weights, (weight, x) => normalise(x, { weight: weight('weight'), bias: weight('bias') }));
}

/**
 * `torch.nn.Dropout2d`: in training, channels of samples are 0 with probability `rate` and 1/(1 − rate) times as large
 * otherwise. Tompson et al., CVPR 2015.
 */
export function dropout2d(rate: number): Layer {
  checkNumber('dropout2d', 'rate', rate, { min: 0, max: 0.999 });
  return layerOf({}, (_, x, { key }) => {
    if (rate === 0 || key === undefined) return x;
    return scope(() => {
      const kept = bernoulli(key, [...x.shape.slice(0, 2), 1, 1], 1 - rate);
      return where(kept, mul(x, 1 / (1 - rate)), 0);
    });
  });
}
