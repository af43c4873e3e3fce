import { checkOptions } from '../../check.js';
import { checkFloating, checkTensor } from '../../dispatch.js';
import { ArgumentError, AxisError, describe, ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape, normaliseAxis, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { concat } from '../index/index.js';

import { split } from '../view/index.js';
import { jointDwt, jointIdwt } from './dwt.js';
import type { WaveletMode } from './filterBank.js';

export interface Dwt2Options {
  /** Row and column axis; default [−2, −1]. */
  axes?: readonly [number, number];
  /** Default 'symmetric'. */
  mode?: WaveletMode;
}

/** The high-pass bands of one level, of equal shape. */
export interface DetailBands {
  /** cH: high-pass along the rows axis, low-pass along the columns axis. */
  readonly horizontal: Tensor;
  /** cV: the converse. */
  readonly vertical: Tensor;
  /** cD: high-pass along both. */
  readonly diagonal: Tensor;
}

export interface Dwt2Bands extends DetailBands {
  /** cA: low-pass along both axes. */
  readonly approximation: Tensor;
}

/**
 * One level of the separable 2-D wavelet transform, as `pywt.dwt2`: `dwt` along both axes. C-linear, with
 * the true adjoint as gradient.
 *
 * @param x floating or complex [..., H, W]
 * @throws ArgumentError for an unknown wavelet or mode, AxisError.
 */
export function dwt2(x: Tensor, wavelet: string, options: Dwt2Options = {}): Dwt2Bands {
  const fn = 'dwt2';
  checkOptions(fn, options, ['axes', 'mode']);
  const { mode } = options;
  const [rows, columns] = checkAxes(fn, x, options.axes);
  return scope(() => {
    const along = jointDwt(fn, x, wavelet, { mode, axis: columns });
    const joint = jointDwt(fn, along, wavelet, { mode, axis: rows });
    const [top, bottom] = halves(joint, rows);
    const [approximation, vertical] = halves(top, columns);
    const [horizontal, diagonal] = halves(bottom, columns);
    return { approximation, horizontal, vertical, diagonal };
  });
}

/**
 * Inverse of `dwt2`, as `pywt.idwt2`.
 *
 * @throws ShapeError when the bands differ in shape, or are too short for the filter.
 */
export function idwt2(bands: Dwt2Bands, wavelet: string, options: Dwt2Options = {}): Tensor {
  const fn = 'idwt2';
  checkOptions(fn, options, ['axes', 'mode']);
  checkBands(fn, bands);
  const { approximation, horizontal, vertical, diagonal } = bands;
  const { mode } = options;
  const [rows, columns] = checkAxes(fn, approximation, options.axes);
  return scope(() => {
    const top = concat([approximation, vertical], columns);
    const bottom = concat([horizontal, diagonal], columns);
    const along = jointIdwt(fn, concat([top, bottom], rows), wavelet, { mode, axis: rows });
    return jointIdwt(fn, along, wavelet, { mode, axis: columns });
  });
}

function halves(x: Tensor, axis: number): [Tensor, Tensor] {
  const half = x.shape[axis]! / 2;
  return split(x, [half, half], axis) as [Tensor, Tensor];
}

function checkBands(fn: string, bands: Dwt2Bands): void {
  if (bands === null || typeof bands !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'argument 1',
      expected: 'the bands of dwt2',
      got: describe(bands),
    });
  const names = ['approximation', 'horizontal', 'vertical', 'diagonal'] as const;
  for (const name of names) checkTensor(fn, `the ${name} band`, bands[name]);
  if (!names.every((name) => sameShape(bands[name].shape, bands.approximation.shape)))
    throw new ShapeError({
      fn,
      argument: 'the bands',
      expected: 'of equal shape',
      got: names.map((name) => formatShape(bands[name].shape)).join(', '),
    });
}

/** Row and column axis, not negative. @internal */
export function checkAxes(
  fn: string,
  x: Tensor,
  axes: readonly [number, number] = [-2, -1],
): [number, number] {
  checkFloating(fn, 'argument 1', x);
  if (x.rank < 2)
    throw new ShapeError({ fn, argument: 'the tensor', expected: '[..., H, W]', got: formatShape(x.shape) });
  if (!Array.isArray(axes) || axes.length !== 2)
    throw new ArgumentError({ fn, argument: 'option axes', expected: 'a pair of axes', got: describe(axes) });
  const [rows, columns] = axes.map((axis) => normaliseAxis(fn, axis, x.rank, 'option axes'));
  if (rows === columns)
    throw new AxisError({ fn, argument: 'option axes', expected: 'two different axes', got: describe(axes) });
  return [rows!, columns!];
}
