import { checkOptions } from '../../check.js';
import { apply1, checkTensor } from '../../dispatch.js';
import { complexOf, isComplex } from '../../dtype.js';
import { DTypeError } from '../../errors.js';
import { defineOp } from '../../op.js';
import { scope } from '../../scope.js';
import { formatType, normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { cast } from '../elementwise/index.js';
import { fftReference } from './fft.reference.js';
import { fftFuses, fftWasm } from './fft.wasm.js';
import { fftWgsl } from './fft.wgsl.js';
import { fftBlock } from './fftBlock.wasm.js';
import {
  checkAxes,
  type FftNorm,
  type FftnOptions,
  type FftOptions,
  lastTwoAxes,
  normScale,
} from './options.js';

export interface FftAttributes {
  /** Ascending. */
  readonly axes: readonly number[];
  readonly inverse: boolean;
  readonly scale: number;
  readonly centred: boolean;
}

/**
 * y_k = scale · Σ_j x_j exp(∓2πi Σ_a j_a k_a / n_a) over the axes a, sign + if `inverse`. If `centred`, the origin
 * of x and y stands at ⌊n/2⌋ (ifftshift before, fftshift after). Complex in, complex out. C-linear; the adjoint is
 * the same with `inverse` flipped.
 */
export const fftOp = defineOp<FftAttributes>({
  name: 'fft',
  infer: ([x]) => {
    if (!isComplex(x!.dtype))
      throw new DTypeError({ fn: 'fft', argument: 'the argument', expected: 'complex', got: formatType(x!) });
    return [{ shape: x!.shape, dtype: x!.dtype }];
  },
  fuses: fftFuses,
  reference: fftReference,
  wasm: fftWasm,
  wasmBlock: fftBlock,
  wgsl: fftWgsl,
});

/** Applies the op to a tensor of any dtype: real ones become complex of the same precision. */
export const transform = (x: Tensor, attrs: FftAttributes): Tensor =>
  isComplex(x.dtype)
    ? apply1(fftOp, [x], attrs)
    : scope(() => apply1(fftOp, [cast(x, complexOf(x.dtype))], attrs));

/** One axis, validated. */
function alongAxis(fn: string, x: Tensor, options: FftOptions, inverse: boolean): Tensor {
  checkTensor(fn, 'argument 1', x);
  const { axis = -1, norm = 'backward' } = checkOptions(fn, options, ['axis', 'norm']);
  const axes = [normaliseAxis(fn, axis, x.rank)];
  return transform(x, { axes, inverse, scale: normScale(fn, norm, inverse, x.shape, axes), centred: false });
}

/** Several axes, already validated. */
function overAxes(fn: string, x: Tensor, axes: readonly number[], norm: FftNorm, inverse: boolean): Tensor {
  return transform(x, { axes, inverse, scale: normScale(fn, norm, inverse, x.shape, axes), centred: false });
}

function overImage(fn: string, x: Tensor, options: FftnOptions, inverse: boolean): Tensor {
  checkTensor(fn, 'argument 1', x);
  const { axes = lastTwoAxes(fn, x.shape), norm = 'backward' } = checkOptions(fn, options, ['axes', 'norm']);
  return overAxes(fn, x, checkAxes(fn, x.shape, axes, 2), norm, inverse);
}

function overAll(fn: string, x: Tensor, options: FftnOptions, inverse: boolean): Tensor {
  checkTensor(fn, 'argument 1', x);
  const { axes, norm = 'backward' } = checkOptions(fn, options, ['axes', 'norm']);
  return overAxes(fn, x, checkAxes(fn, x.shape, axes), norm, inverse);
}

/**
 * Discrete Fourier transform along one axis: y_k = Σ_j x_j exp(−2πi·jk/n), not scaled unless `norm` says so.
 *
 * @param x any shape and dtype, any length: real input becomes complex. Gives c64 (c128 for f64 and c128).
 * C-linear; with norm `backward` the pullback is n·ifft.
 * @throws AxisError, ArgumentError
 * @example fft(x)                                  // the last axis
 * @example fft(x, { axis: 0, norm: 'ortho' })
 */
export const fft = (x: Tensor, options: FftOptions = {}): Tensor => alongAxis('fft', x, options, false);

/**
 * Inverse of `fft`: x_j = 1/n Σ_k y_k exp(+2πi·jk/n); `norm` moves the factor.
 *
 * @throws AxisError, ArgumentError
 */
export const ifft = (y: Tensor, options: FftOptions = {}): Tensor => alongAxis('ifft', y, options, true);

/**
 * `fft` over two axes, by default the last two: y_{kl} = Σ_{ij} x_{ij} exp(−2πi (ik/n + jl/m)).
 *
 * @throws AxisError unless there are two different axes; ArgumentError
 */
export const fft2 = (x: Tensor, options: FftnOptions = {}): Tensor => overImage('fft2', x, options, false);

/** Inverse of `fft2`: sign +, factor 1/(n·m) unless `norm` says otherwise. */
export const ifft2 = (y: Tensor, options: FftnOptions = {}): Tensor => overImage('ifft2', y, options, true);

/**
 * `fft` over any number of axes, by default all. No axes: x, made complex.
 *
 * @throws AxisError, ArgumentError
 */
export const fftn = (x: Tensor, options: FftnOptions = {}): Tensor => overAll('fftn', x, options, false);

/** Inverse of `fftn`: sign +, factor 1/N for the N elements of the axes unless `norm` says otherwise. */
export const ifftn = (y: Tensor, options: FftnOptions = {}): Tensor => overAll('ifftn', y, options, true);
