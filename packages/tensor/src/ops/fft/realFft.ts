import { checkInteger, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { ShapeError } from '../../errors.js';
import { scope } from '../../scope.js';
import { formatShape, normaliseAxis } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { conj, real } from '../elementwise/index.js';
import { concat } from '../index/index.js';
import { flip, type Range, slice } from '../view/index.js';
import { fft, ifft } from './fft.js';
import { checkNorm, checkRealInput, type FftOptions } from './options.js';

export interface IrfftOptions extends FftOptions {
  /** Length of the real result, 2m − 2 or 2m − 1 for m given entries. Default 2m − 2. */
  readonly n?: number;
}

/** Entries `start` … `stop` − 1 of one axis. */
function part(x: Tensor, axis: number, start: number, stop: number): Tensor {
  const ranges: Range[] = x.shape.map(() => null);
  ranges[axis] = [start, stop];
  return slice(x, ranges);
}

/**
 * The first ⌊n/2⌋ + 1 entries of `fft` of a real tensor: the others are their conjugates, y_{n−k} = ȳ_k.
 *
 * @param x real (complex input is refused); gives c64, c128 for f64.
 * @throws DTypeError, AxisError, ArgumentError
 */
export function rfft(x: Tensor, options: FftOptions = {}): Tensor {
  checkTensor('rfft', 'argument 1', x);
  checkRealInput('rfft', x.dtype);
  const { axis = -1, norm } = checkOptions('rfft', options, ['axis', 'norm']);
  const along = normaliseAxis('rfft', axis, x.rank);
  if (norm !== undefined) checkNorm('rfft', norm);
  const count = x.shape[along] === 0 ? 0 : Math.floor(x.shape[along]! / 2) + 1;
  return scope(() => part(fft(x, { axis: along, ...(norm === undefined ? {} : { norm }) }), along, 0, count));
}

/**
 * Inverse of `rfft`: the real signal whose transform begins with y. The imaginary parts of y_0 and, for even n, of
 * y_{n/2} have no effect.
 *
 * @throws ShapeError if `n` does not fit the length of y; AxisError, ArgumentError
 */
export function irfft(y: Tensor, options: IrfftOptions = {}): Tensor {
  checkTensor('irfft', 'argument 1', y);
  const { axis = -1, norm, n } = checkOptions('irfft', options, ['axis', 'norm', 'n']);
  const along = normaliseAxis('irfft', axis, y.rank);
  const given = y.shape[along]!;
  const length = n === undefined ? 2 * given - 2 : checkInteger('irfft', 'option n', n, { min: 1 });
  if (length < 1 || Math.floor(length / 2) + 1 !== given)
    throw new ShapeError({
      fn: 'irfft',
      argument: 'argument 1',
      expected:
        n === undefined
          ? `of at least 2 along axis ${along}`
          : `of ${Math.floor(length / 2) + 1} along axis ${along}`,
      got: formatShape(y.shape),
      remedy: 'Give option n, the length of the real signal.',
    });
  if (norm !== undefined) checkNorm('irfft', norm);
  return scope(() => {
    const mirrored = conj(flip(part(y, along, 1, length - given + 1), along));
    const spectrum = length > given ? concat([y, mirrored], along) : y;
    return real(ifft(spectrum, { axis: along, ...(norm === undefined ? {} : { norm }) }));
  });
}
