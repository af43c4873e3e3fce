import { checkChoice, checkOptions } from '../../check.js';
import { checkFloating, checkTensor } from '../../dispatch.js';
import { ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatType, normaliseAxis, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { concat } from '../index/index.js';

import { axisMap } from '../resample/index.js';
import { split } from '../view/index.js';
import {
  analysisMatrix,
  sampleCount,
  synthesisMatrix,
  type WaveletMode,
  waveletModes,
} from './filterBank.js';
import { findWavelet } from './wavelet.js';

export interface DwtOptions {
  /** Default −1. */
  axis?: number;
  /** Default 'symmetric'. */
  mode?: WaveletMode;
}

/** Low-pass and high-pass coefficients (cA, cD) of equal shape. */
export interface DwtBands {
  readonly approximation: Tensor;
  readonly detail: Tensor;
}

/**
 * One level of the discrete wavelet transform along an axis, as `pywt.dwt`:
 *
 *     cA[i] = Σ_k g[k] x̃[2i + 1 − k],   cD[i] = Σ_k h[k] x̃[2i + 1 − k],   i = 0 … ⌊(n + L − 1)/2⌋ − 1
 *
 * with decomposition filters g, h of length L, and x̃ the signal continued by `mode`: 'zero', 'symmetric'
 * (half-sample: b a | a b), 'periodic'. Mode 'periodization' takes x̃[2i + L/2 − k], i = 0 … ⌈n/2⌉ − 1, of
 * the periodic signal, whose last sample is repeated first where n is odd: as many coefficients as samples.
 *
 * C-linear; the gradient is the true adjoint (transposed matrix) for every wavelet, size and mode. `idwt`
 * equals that adjoint only for orthogonal wavelets and n even, in modes 'periodization' and 'zero'.
 *
 * @param x floating or complex, any size (also shorter than the filter)
 * @param wavelet a name of `waveletNames`
 * @throws ArgumentError for an unknown wavelet or mode, AxisError.
 * Reference: Mallat 1989; G. R. Lee et al., PyWavelets, JOSS 2019.
 */
export function dwt(x: Tensor, wavelet: string, options: DwtOptions = {}): DwtBands {
  const axis = checkDwt('dwt', x, options);
  return scope(() => {
    const joint = jointDwt('dwt', x, wavelet, { ...options, axis });
    const half = joint.shape[axis]! / 2;
    const [approximation, detail] = split(joint, [half, half], axis);
    return { approximation: approximation!, detail: detail! };
  });
}

/** Both bands in one tensor, [cA, cD] behind one another along the axis. @internal */
export function jointDwt(fn: string, x: Tensor, wavelet: string, options: DwtOptions): Tensor {
  const axis = checkDwt(fn, x, options);
  const filters = findWavelet(fn, wavelet);
  return axisMap(x, analysisMatrix(filters, options.mode ?? 'symmetric', x.shape[axis]!), { axis });
}

/**
 * Inverse of `dwt`, as `pywt.idwt`: with reconstruction filters g̃, h̃ of length L, m coefficients a band,
 *
 *     x[j] = Σ_i g̃[j + L − 2 − 2i] cA[i] + h̃[j + L − 2 − 2i] cD[i],   j = 0 … 2m − L + 1
 *
 * and in mode 'periodization' x[j] = Σ_i g̃[j + L/2 − 1 − 2i] cA[i] + …, j = 0 … 2m − 1, modulo 2m. The
 * other modes differ from each other only in what `dwt` did. One sample longer than the original where that
 * had odd length.
 *
 * @throws ShapeError when the bands differ in shape, or are too short for the filter.
 */
export function idwt(
  approximation: Tensor,
  detail: Tensor,
  wavelet: string,
  options: DwtOptions = {},
): Tensor {
  const fn = 'idwt';
  const axis = checkDwt(fn, approximation, options);
  checkTensor(fn, 'argument 2', detail);
  if (!sameShape(approximation.shape, detail.shape))
    throw new ShapeError({
      fn,
      argument: 'the bands',
      expected: 'of equal shape',
      got: `${formatType(approximation)} and ${formatType(detail)}`,
      remedy: 'Where an approximation is one longer than the detail, slice off its last entry.',
    });
  return scope(() => jointIdwt(fn, concat([approximation, detail], axis), wavelet, { ...options, axis }));
}

/** Inverse of `jointDwt`. @internal */
export function jointIdwt(fn: string, bands: Tensor, wavelet: string, options: DwtOptions): Tensor {
  const axis = checkDwt(fn, bands, options);
  const filters = findWavelet(fn, wavelet);
  const mode = options.mode ?? 'symmetric';
  const count = bands.shape[axis]! / 2;
  const length = filters.decompositionLow.length;
  if (count > 0 && sampleCount(mode, count, length) < 1)
    throw new ShapeError({
      fn,
      argument: `axis ${axis} of the bands`,
      expected: `at least ${length / 2} long for ${wavelet} in mode '${mode}'`,
      got: String(count),
    });
  return axisMap(bands, synthesisMatrix(filters, mode, count), { axis });
}

function checkDwt(fn: string, x: Tensor, options: DwtOptions): number {
  checkFloating(fn, 'argument 1', x);
  checkOptions(fn, options, ['axis', 'mode']);
  const { axis = -1, mode = 'symmetric' } = options;
  checkChoice(fn, 'option mode', mode, waveletModes);
  return normaliseAxis(fn, axis, x.rank);
}
