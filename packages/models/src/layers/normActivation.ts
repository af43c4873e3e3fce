import { customOp } from '@adjoint/autograd';
import {
  add,
  checkNumber,
  checkTensor,
  div,
  formatType,
  greater,
  leakyRelu,
  moments,
  mul,
  rsqrt,
  ShapeError,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/tensor';

const eps = 1e-5;
const plane = { axes: [-2, -1], keepDims: true };

interface Normalised {
  readonly y: Tensor;
  /** 1/√(variance + eps) */
  readonly scale: Tensor;
}

/**
 * What stands after every convolution of the U-net: instance normalisation (eps 1e-5), then leaky ReLU,
 *
 *     y = leaky(z),   z = (x − mean)/√(variance + eps) = scale·(x − mean).
 *
 * As one operation with a rule of its own it writes one image, and keeps y and a number per channel for the gradient; the
 * rules of its parts would write and keep the image at every stage. With g the gradient of y times the slope at z, and
 * means over the pixels: ∂x = scale·(g − mean(g) − z·mean(g z)), where z is taken back from y.
 *
 * @param x real [N, C, H, W]
 * @param slope above 0
 * @throws ShapeError, ArgumentError
 */
export function normLeakyRelu(x: Tensor, slope: number): Tensor {
  const fn = 'normLeakyRelu';
  checkTensor(fn, 'argument 1', x);
  checkNumber(fn, 'slope', slope, { positive: true });
  const pixels = x.shape.slice(-2).reduce((a, b) => a * b, 1);
  if (x.rank !== 4 || pixels < 2)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: '[N, C, H, W] with two pixels or more',
      got: formatType(x),
    });
  const op = customOp({
    name: fn,
    forward: (image: Tensor): Normalised => {
      const { mean, variance } = moments(image, plane);
      const scale = rsqrt(add(variance, eps));
      const z = mul(sub(image, mean), scale);
      // not leakyRelu: that is so cheap that compiled functions would store z and compute y again wherever it is read
      return { y: where(greater(z, 0), z, mul(z, slope)), scale };
    },
    pullback: (cotangent, { output: { y, scale } }) => {
      const g = where(greater(y, 0), cotangent.y, mul(cotangent.y, slope));
      const z = leakyRelu(y, 1 / slope);
      const average = (part: Tensor): Tensor => div(sum(part, plane), pixels);
      // nothing of a first derivative reaches x through scale; second ones do
      const along = add(mul(scale, average(mul(g, z))), mul(square(scale), div(cotangent.scale, pixels)));
      return [sub(sub(mul(g, scale), mul(z, along)), mul(scale, average(g)))];
    },
    saves: { output: true },
  });
  return scope(() => op(x).y);
}
