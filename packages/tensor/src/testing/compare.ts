import { dtypeInfo } from '../dtype.js';
import type { HostValue } from '../op.js';
import { formatShape, formatType, sameShape } from '../shape.js';
import { widen } from './values.js';

/** The largest difference of two values, and where it is. */
export interface Difference {
  /** max|a − b| / max(1, max|b|); Infinity where one is NaN or infinite and the other is not. */
  readonly error: number;
  readonly index: number;
  readonly got: number;
  readonly expected: number;
}

/** Compares values of one shape entry by entry: NaN equals NaN, an infinity itself. */
export function difference(got: ArrayLike<number>, expected: ArrayLike<number>): Difference {
  let scale = 1;
  for (let i = 0; i < expected.length; i++) {
    const size = Math.abs(expected[i]!);
    if (size > scale && Number.isFinite(size)) scale = size;
  }
  let worst: Difference = { error: 0, index: -1, got: 0, expected: 0 };
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [got[i]!, expected[i]!];
    if (Object.is(a, b) || a === b) continue;
    const error = Number.isFinite(a) && Number.isFinite(b) ? Math.abs(a - b) / scale : Infinity;
    if (error > worst.error) worst = { error, index: i, got: a, expected: b };
  }
  return worst;
}

/** Throws, with `context`, unless shape and kind agree and values are within the tolerance. Returns the error. */
export function expectClose(got: HostValue, expected: HostValue, tolerance: number, context: string): number {
  if (!sameShape(got.shape, expected.shape))
    throw new Error(`${context}: shape ${formatShape(got.shape)}, expected ${formatShape(expected.shape)}`);
  if (widen(got.dtype) !== widen(expected.dtype))
    throw new Error(`${context}: dtype ${got.dtype}, expected ${expected.dtype}`);
  if (got.data.length !== expected.data.length)
    throw new Error(`${context}: ${got.data.length} numbers, expected ${expected.data.length}`);
  const exact = dtypeInfo[got.dtype].kind === 'integer' || dtypeInfo[got.dtype].kind === 'bool';
  const worst = difference(got.data, expected.data);
  if (worst.error > (exact ? 0 : tolerance))
    throw new Error(
      `${context}: error ${worst.error.toExponential(2)} > ${tolerance.toExponential(1)} at flat entry ${worst.index} ` +
        `of ${formatType(got)}: got ${worst.got}, expected ${worst.expected}`,
    );
  return worst.error;
}
