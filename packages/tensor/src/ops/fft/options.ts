import { checkChoice } from '../../check.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import { AxisError, DTypeError } from '../../errors.js';
import { formatShape, normaliseAxes, type Shape, sizeOf } from '../../shape.js';

/**
 * Where the factor 1/N of a transform of N elements goes: `backward` to the inverse, `forward` to the forward
 * transform, `ortho` 1/√N to both, which makes them unitary.
 */
export type FftNorm = 'backward' | 'ortho' | 'forward';

export interface FftOptions {
  /** Default: the last axis. */
  readonly axis?: number;
  /** Default `backward`. */
  readonly norm?: FftNorm;
}

export interface FftnOptions {
  /** Default: the last two axes for `fft2`, `ifft2`; all for `fftn`, `ifftn`. */
  readonly axes?: number | readonly number[];
  /** Default `backward`. */
  readonly norm?: FftNorm;
}

export interface ShiftOptions {
  /** One axis or several, negative from the end. */
  readonly axes?: number | readonly number[];
}

/** Axes of a transform, ascending. `count`: how many there must be. */
export function checkAxes(fn: string, shape: Shape, axes: unknown, count?: number): number[] {
  const list = normaliseAxes(fn, axes, shape.length);
  if (count !== undefined && list.length !== count)
    throw new AxisError({ fn, argument: 'axes', expected: `${count} axes`, got: `${list.length} axes` });
  return list;
}

/** The last two axes, for functions that transform images by default. */
export function lastTwoAxes(fn: string, shape: Shape): number[] {
  if (shape.length < 2)
    throw new AxisError({
      fn,
      argument: 'the argument',
      expected: 'of rank 2 or more',
      got: formatShape(shape),
      remedy: 'Name the axes with the option axes.',
    });
  return [-2, -1];
}

/** Refuses complex input where only the transform of real numbers has the symmetry used. */
export function checkRealInput(fn: string, dtype: DType): void {
  if (dtypeInfo[dtype].kind === 'complex')
    throw new DTypeError({
      fn,
      argument: 'argument 1',
      expected: 'real',
      got: dtype,
      remedy: 'Use fft instead.',
    });
}

export const checkNorm = (fn: string, norm: unknown): FftNorm =>
  checkChoice(fn, 'option norm', norm, ['backward', 'ortho', 'forward'] as const);

/** The factor of a norm for axes of a shape. */
export function normScale(
  fn: string,
  norm: unknown,
  inverse: boolean,
  shape: Shape,
  axes: readonly number[],
): number {
  const kind = checkNorm(fn, norm);
  // an empty axis has nothing to scale
  const count = Math.max(1, sizeOf(axes.map((axis) => shape[axis]!)));
  if (kind === 'ortho') return 1 / Math.sqrt(count);
  return kind === (inverse ? 'backward' : 'forward') ? 1 / count : 1;
}
