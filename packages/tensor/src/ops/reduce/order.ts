import { type DType, isComplex } from '../../dtype.js';
import { DTypeError } from '../../errors.js';

/** Refuses complex numbers where values are compared. */
export function checkOrdered(fn: string, dtype: DType): void {
  if (isComplex(dtype))
    throw new DTypeError({
      fn,
      argument: 'argument 1',
      expected: 'real: complex numbers have no order',
      got: dtype,
      remedy: 'Take abs, real or imag first.',
    });
}
