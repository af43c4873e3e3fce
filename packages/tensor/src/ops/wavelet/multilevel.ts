import { checkChoice, checkInteger, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { ArgumentError, describe } from '../../errors.js';
import { scope } from '../../scope.js';
import type { Tensor } from '../../tensor.js';

import { identity, slice } from '../view/index.js';
import { checkAxes, type DetailBands, type Dwt2Options, dwt2, idwt2 } from './dwt2.js';
import { waveletModes } from './filterBank.js';
import { findWavelet } from './wavelet.js';

export interface Wavedec2Options extends Dwt2Options {
  /** Number of levels, 0 to 32; default `dwtMaxLevel` of the shorter axis. */
  level?: number;
}

/** A multilevel transform: the coarsest approximation, and details from the coarsest level to the finest. */
export interface WaveletCoefficients {
  readonly approximation: Tensor;
  readonly details: readonly DetailBands[];
}

/**
 * Levels after which an approximation of n samples gets shorter than the filter: ⌊log₂(n/(L − 1))⌋, at
 * least 0, as `pywt.dwt_max_level`. More levels are allowed; their coefficients see only the boundary rule.
 */
export function dwtMaxLevel(n: number, wavelet: string): number {
  const fn = 'dwtMaxLevel';
  checkInteger(fn, 'n', n, { min: 0 });
  const span = findWavelet(fn, wavelet).decompositionLow.length - 1;
  let level = 0;
  for (let reach = 2 * span; reach <= n; reach *= 2) level++;
  return level;
}

/**
 * Multilevel 2-D wavelet transform, as `pywt.wavedec2`: `dwt2` of the approximation, `level` times.
 * C-linear, with the true adjoint as gradient; orthonormal for orthogonal wavelets in mode
 * 'periodization' where every length on the way is even.
 *
 * @param x floating or complex [..., H, W]
 * @throws ArgumentError for an unknown wavelet, mode or a negative level; AxisError.
 */
export function wavedec2(x: Tensor, wavelet: string, options: Wavedec2Options = {}): WaveletCoefficients {
  const fn = 'wavedec2';
  checkOptions(fn, options, ['axes', 'mode', 'level']);
  const { axes, mode = 'symmetric' } = options;
  checkChoice(fn, 'option mode', mode, waveletModes);
  const [rows, columns] = checkAxes(fn, x, axes);
  const level = resolveLevel(fn, [x.shape[rows]!, x.shape[columns]!], wavelet, options.level);
  return scope(() => {
    const details: DetailBands[] = [];
    let approximation = identity(x);
    for (let i = 0; i < level; i++) {
      const bands = dwt2(approximation, wavelet, { axes, mode });
      const { horizontal, vertical, diagonal } = bands;
      details.unshift({ horizontal, vertical, diagonal });
      approximation = bands.approximation;
    }
    return { approximation, details };
  });
}

/** The level asked for, or the largest useful one. @internal */
export function resolveLevel(
  fn: string,
  [height, width]: readonly [number, number],
  wavelet: string,
  level: number | undefined,
): number {
  findWavelet(fn, wavelet);
  if (level !== undefined) return checkInteger(fn, 'option level', level, { min: 0, max: 32 });
  return dwtMaxLevel(Math.min(height, width), wavelet);
}

/**
 * Inverse of `wavedec2`, as `pywt.waverec2`. An approximation that is one row or column longer than the
 * details it meets (a length was odd on the way) loses its last one. Where the image itself had odd
 * size, the result has one row or column more.
 *
 * @throws ShapeError when the shapes do not fit together.
 */
export function waverec2(
  coefficients: WaveletCoefficients,
  wavelet: string,
  options: Dwt2Options = {},
): Tensor {
  const fn = 'waverec2';
  checkOptions(fn, options, ['axes', 'mode']);
  checkCoefficients(fn, coefficients);
  const { approximation, details } = coefficients;
  const { mode = 'symmetric' } = options;
  checkChoice(fn, 'option mode', mode, waveletModes);
  const axes = checkAxes(fn, approximation, options.axes);
  findWavelet(fn, wavelet);
  return scope(() =>
    details.reduce((coarse, bands) => {
      const fitting = cutToFit(coarse, bands.horizontal, axes);
      return idwt2({ ...bands, approximation: fitting }, wavelet, { axes, mode });
    }, identity(approximation)),
  );
}

/** Without the last row or column, where there is exactly one more than the details have. */
function cutToFit(x: Tensor, detail: Tensor, axes: readonly [number, number]): Tensor {
  const isLonger = (axis: number) => axes.includes(axis) && x.shape[axis] === detail.shape[axis]! + 1;
  if (!axes.some(isLonger)) return x;
  return slice(
    x,
    x.shape.map((_, axis) => (isLonger(axis) ? [null, -1] : null)),
  );
}

/** Requires live tensors in the structure that `wavedec2` returns. @internal */
export function checkCoefficients(fn: string, coefficients: WaveletCoefficients): void {
  const details = (coefficients as WaveletCoefficients | null)?.details;
  if (!Array.isArray(details) || !details.every((bands) => bands !== null && typeof bands === 'object'))
    throw new ArgumentError({
      fn,
      argument: 'argument 1',
      expected: '{ approximation, details } as wavedec2 returns',
      got: describe(coefficients),
    });
  checkTensor(fn, 'the approximation', coefficients.approximation);
  for (const { horizontal, vertical, diagonal } of coefficients.details)
    for (const band of [horizontal, vertical, diagonal]) checkTensor(fn, 'a detail band', band);
}
