import { checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import type { Tensor } from '../../tensor.js';
import { roll } from '../index/index.js';
import { transform } from './fft.js';
import { checkAxes, lastTwoAxes, normScale, type ShiftOptions } from './options.js';

function centred(fn: string, x: Tensor, options: ShiftOptions, inverse: boolean): Tensor {
  checkTensor(fn, 'argument 1', x);
  const { axes: given = lastTwoAxes(fn, x.shape) } = checkOptions(fn, options, ['axes']);
  const axes = checkAxes(fn, x.shape, given);
  return transform(x, {
    axes,
    inverse,
    scale: normScale(fn, 'ortho', inverse, x.shape, axes),
    centred: true,
  });
}

/**
 * Centred unitary Fourier transform: fftshift(fft(ifftshift(x), norm ortho)), image to k-space. The origin stands
 * at index ⌊n/2⌋ on both sides, odd sizes included. The shifts cost nothing.
 *
 * Equals fastMRI's `fft2c` and BART's `fft -u`. C-linear and unitary: the pullback is `centredIfft`.
 * @param options.axes default the last two.
 * @throws AxisError, ArgumentError
 * @example const kspace = centredFft(coilImages);   // [coils, ny, nx]
 */
export const centredFft = (x: Tensor, options: ShiftOptions = {}): Tensor =>
  centred('centredFft', x, options, false);

/**
 * Inverse and adjoint of `centredFft`: fftshift(ifft(ifftshift(y), norm ortho)), k-space to image (`ifft2c`).
 *
 * @throws AxisError, ArgumentError
 */
export const centredIfft = (y: Tensor, options: ShiftOptions = {}): Tensor =>
  centred('centredIfft', y, options, true);

function shifted(fn: string, x: Tensor, options: ShiftOptions, distance: (n: number) => number): Tensor {
  checkTensor(fn, 'argument 1', x);
  const { axes: given } = checkOptions(fn, options, ['axes']);
  const axes = checkAxes(fn, x.shape, given);
  return roll(
    x,
    axes.map((axis) => distance(x.shape[axis]!)),
    axes,
  );
}

/**
 * Moves index 0 to ⌊n/2⌋ along the axes (default all): rolls by ⌊n/2⌋. Any dtype. Inverse: `ifftshift`.
 *
 * @throws AxisError, ArgumentError
 */
export const fftshift = (x: Tensor, options: ShiftOptions = {}): Tensor =>
  shifted('fftshift', x, options, (n) => Math.floor(n / 2));

/** Moves index ⌊n/2⌋ to 0 along the axes (default all): rolls by ⌈n/2⌉, which for odd n differs from `fftshift`. */
export const ifftshift = (x: Tensor, options: ShiftOptions = {}): Tensor =>
  shifted('ifftshift', x, options, (n) => Math.ceil(n / 2));
