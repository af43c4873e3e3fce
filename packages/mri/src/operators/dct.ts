import { type LinearOperator, linearOperator } from '@adjoint/autograd';
import {
  add,
  checkFloating,
  fft,
  flip,
  formatType,
  ifft,
  isComplex,
  mul,
  pad,
  type Range,
  real,
  reshape,
  ShapeError,
  scope,
  slice,
  type Tensor,
  type TensorType,
  tensor,
} from '@adjoint/tensor';
import { checkPlane } from './spaces.js';

/**
 * Orthonormal DCT-II over the last two axes:
 *
 *     y[k, l] = a_k a_l Σ_{i, j} x[i, j] cos(π k (2i + 1) / 2H) cos(π l (2j + 1) / 2W),   a_0 = √(1/n), else √(2/n)
 *
 * as `scipy.fft.dctn(norm='ortho')`. Along an axis it is the first half of the Fourier transform of the line
 * followed by its mirror image, times a phase. C-linear; the adjoint is the inverse, `idct2`.
 *
 * @param x floating or complex [..., H, W]
 * @throws ShapeError, DTypeError
 */
export const dct2 = (x: Tensor): Tensor => overPlane('dct2', x, cosines);

/**
 * Inverse and adjoint of `dct2`: the orthonormal DCT-III.
 *
 * @throws ShapeError, DTypeError
 */
export const idct2 = (y: Tensor): Tensor => overPlane('idct2', y, fromCosines);

/**
 * `dct2` as an operator; orthonormal.
 *
 * @param space floating or complex [..., H, W], domain and range
 * @throws ShapeError, DTypeError
 */
export function dctOperator(space: TensorType): LinearOperator {
  const domain = checkPlane('dctOperator', 'the space', space);
  return linearOperator({ name: 'dct', domain, range: domain, apply: dct2, adjoint: idct2 });
}

function overPlane(fn: string, x: Tensor, along: (x: Tensor, axis: number) => Tensor): Tensor {
  checkFloating(fn, 'argument 1', x);
  if (x.rank < 2)
    throw new ShapeError({ fn, argument: 'argument 1', expected: '[..., H, W]', got: formatType(x) });
  return scope(() => {
    const y = along(along(x, x.rank - 1), x.rank - 2);
    return isComplex(x.dtype) ? y : real(y);
  });
}

function cosines(x: Tensor, axis: number): Tensor {
  const n = x.shape[axis]!;
  if (n === 0) return x;
  const pads = x.shape.map((_, i) => (i === axis ? ([0, n] as const) : ([0, 0] as const)));
  const spectrum = fft(pad(x, pads, { mode: 'symmetric' }), { axis });
  return mul(slice(spectrum, rangeOf(x, axis, n)), phases(x, axis, -1));
}

function fromCosines(y: Tensor, axis: number): Tensor {
  const n = y.shape[axis]!;
  if (n === 0) return y;
  const pads = y.shape.map((_, i) => (i === axis ? ([0, n] as const) : ([0, 0] as const)));
  const line = ifft(pad(mul(y, phases(y, axis, 1)), pads), { axis, norm: 'forward' });
  return add(slice(line, rangeOf(y, axis, n)), slice(flip(line, axis), rangeOf(y, axis, n)));
}

const rangeOf = (x: Tensor, axis: number, n: number): Range[] =>
  x.shape.map((_, i) => (i === axis ? [0, n] : null));

/** ½ a_k exp(± iπk/2n), k = 0 … n − 1, laid out along the axis. */
function phases(x: Tensor, axis: number, sign: 1 | -1): Tensor {
  const n = x.shape[axis]!;
  const isDouble = x.dtype === 'f64' || x.dtype === 'c128';
  const values = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const size = Math.sqrt((k === 0 ? 1 : 2) / n) / 2;
    const angle = (sign * Math.PI * k) / (2 * n);
    values[2 * k] = size * Math.cos(angle);
    values[2 * k + 1] = size * Math.sin(angle);
  }
  const dtype = isDouble ? 'c128' : 'c64';
  const shape = x.shape.map((_, i) => (i === axis ? n : 1));
  return reshape(tensor(values, { dtype, device: x.device }), shape);
}
