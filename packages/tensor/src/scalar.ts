import { ArgumentError, describe } from './errors.js';

/** A complex number as a literal: `{ re: 0, im: 1 }` is the imaginary unit. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** A weak scalar: takes the precision of the tensor beside it. */
export type Scalar = number | boolean | Complex;

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  (value !== null &&
    typeof value === 'object' &&
    typeof (value as Complex).re === 'number' &&
    typeof (value as Complex).im === 'number');

/** Real and imaginary part of a scalar. NaN and infinities are allowed: they are data. */
export function scalarParts(fn: string, argument: string, value: unknown): [number, number] {
  if (!isScalar(value))
    throw new ArgumentError({ fn, argument, expected: 'a number or { re, im }', got: describe(value) });
  return typeof value === 'object' ? [value.re, value.im] : [Number(value), 0];
}
