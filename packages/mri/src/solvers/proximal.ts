import {
  abs,
  checkFloating,
  checkNumber,
  checkOptions,
  checkTensor,
  clamp,
  DTypeError,
  div,
  isComplex,
  maximum,
  minimum,
  mul,
  norm,
  normaliseAxis,
  real,
  relu,
  sub,
  Tensor,
} from '@adjoint/tensor';

/** A threshold, radius or bound: a number, or a real tensor that broadcasts. */
export type Level = number | Tensor;

function checkLevel(fn: string, argument: string, level: Level): void {
  if (!(level instanceof Tensor)) checkNumber(fn, argument, level, { min: 0 });
  else if (isComplex(checkTensor(fn, argument, level).dtype))
    throw new DTypeError({ fn, argument, expected: 'real', got: level.dtype });
}

/** The axis of vectors, counted from the front. */
const vectorAxis = (fn: string, x: Tensor, options: { axis?: number }): number =>
  normaliseAxis(fn, checkOptions(fn, options, ['axis']).axis ?? 0, x.rank);

/** Divides by nothing smaller: where |x| is 0, what is multiplied by the quotient is 0 too. */
const tiny = 1e-30;

/**
 * Soft threshold, the proximal map of t‖x‖₁ for real and complex x: argmin_u ½|u − x|² + t|u| = x · max(1 − t/|x|, 0), and 0
 * where x = 0.
 *
 * @param x floating or complex
 * @throws DTypeError
 */
export function softThreshold(x: Tensor, t: Level): Tensor {
  checkFloating('softThreshold', 'argument 1', x);
  checkLevel('softThreshold', 't', t);
  return mul(x, relu(sub(1, div(t, maximum(abs(x), tiny)))));
}

/**
 * Soft threshold of whole vectors along an axis, the proximal map of t Σ ‖x‖₂ (group sparsity, isotropic total variation):
 * x · max(1 − t/‖x‖, 0) with ‖x‖ = √Σ|x|² along the axis.
 *
 * @param x floating or complex
 * @param options.axis default the first, where finite differences stand
 * @throws DTypeError, AxisError
 */
export function groupThreshold(x: Tensor, t: Level, options: { axis?: number } = {}): Tensor {
  checkFloating('groupThreshold', 'argument 1', x);
  checkLevel('groupThreshold', 't', t);
  const axis = vectorAxis('groupThreshold', x, options);
  const size = norm(x, { axes: axis, keepDims: true }); // its gradient at 0 is 0, not NaN
  return mul(x, relu(sub(1, div(t, maximum(size, tiny)))));
}

/**
 * Projection onto balls of radius r along an axis, x · min(1, r/‖x‖): the proximal map of the conjugate of
 * `groupThreshold`'s norm.
 *
 * @throws DTypeError, AxisError
 */
export function projectGroups(x: Tensor, radius: Level, options: { axis?: number } = {}): Tensor {
  checkFloating('projectGroups', 'argument 1', x);
  checkLevel('projectGroups', 'radius', radius);
  const axis = vectorAxis('projectGroups', x, options);
  const size = norm(x, { axes: axis, keepDims: true }); // its gradient at 0 is 0, not NaN
  return mul(x, minimum(div(radius, maximum(size, tiny)), 1));
}

/**
 * Projection of the whole tensor onto the ball ‖x‖₂ ≤ radius.
 *
 * @throws DTypeError
 */
export function projectBall(x: Tensor, radius: Level): Tensor {
  checkFloating('projectBall', 'argument 1', x);
  checkLevel('projectBall', 'radius', radius);
  return mul(x, minimum(div(radius, maximum(norm(x), tiny)), 1));
}

/**
 * Projection onto real numbers between two bounds; the imaginary part of a complex x is dropped, the dtype stays.
 *
 * @throws DTypeError, ArgumentError
 */
export function projectBox(x: Tensor, low: number, high: number): Tensor {
  checkFloating('projectBox', 'argument 1', x);
  checkNumber('projectBox', 'low', low);
  checkNumber('projectBox', 'high', high, { min: low });
  if (!isComplex(x.dtype)) return clamp(x, low, high);
  return mul(clamp(real(x), low, high), { re: 1, im: 0 });
}
