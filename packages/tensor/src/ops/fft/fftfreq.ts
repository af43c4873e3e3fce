import { checkInteger, checkNumber } from '../../check.js';
import { type CreationOptions, tensor } from '../../creation.js';
import { dtypeInfo } from '../../dtype.js';
import { DTypeError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';

/**
 * Frequencies of the entries of `fft`, in cycles per unit of the spacing: [0, 1, …, ⌈n/2⌉ − 1, −⌊n/2⌋, …, −1]/(n·spacing).
 *
 * @throws ArgumentError unless n >= 1 and spacing > 0; DTypeError unless the dtype is real floating.
 */
export function fftfreq(n: number, spacing = 1, options: CreationOptions = {}): Tensor {
  const fn = 'fftfreq';
  const count = checkInteger(fn, 'n', n, { min: 1 });
  const unit = count * checkNumber(fn, 'spacing', spacing, { positive: true });
  const { dtype = 'f32' } = options;
  if (dtypeInfo[dtype]?.kind !== 'float')
    throw new DTypeError({ fn, argument: 'option dtype', expected: 'f32 or f64', got: String(dtype) });
  const values = Float64Array.from({ length: count }, (_, k) => (2 * k < count ? k : k - count) / unit);
  return tensor(values, { ...options, dtype });
}
