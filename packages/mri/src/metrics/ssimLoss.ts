import {
  add,
  avgPool2d,
  checkFloating,
  checkNumber,
  checkOptions,
  DTypeError,
  div,
  formatShape,
  isComplex,
  max,
  mean,
  mul,
  reshape,
  ShapeError,
  sameShape,
  scope,
  square,
  stopGradient,
  sub,
  Tensor,
} from '@adjoint/tensor';
import { sampleFactor, stabilisers, windowSize } from './similarity.js';
import { checkWindow } from './ssim.js';

export interface SsimLossOptions {
  /**
   * L: a number, or a tensor with one for all images or one per image [...]. Default: the largest value of the
   * reference, taken as a constant.
   */
  readonly dataRange?: number | Tensor | undefined;
}

/**
 * 1 − SSIM as a differentiable loss: the same number as `1 − await ssim(reference, image)`, made of tensor
 * operations (under `grad`, inside `jit`), to about 5e-6 in single precision.
 *
 * @param reference real [..., H, W], H and W at least 7
 * @param image real, of the same shape
 * @returns a real scalar; the gradient is 0 where the images are equal
 * @throws ShapeError for images smaller than the window or of two shapes, DTypeError for complex ones
 */
export function ssimLoss(reference: Tensor, image: Tensor, options: SsimLossOptions = {}): Tensor {
  const fn = 'ssimLoss';
  checkOptions(fn, options, ['dataRange']);
  checkImages(fn, reference, image);
  return scope(() => {
    // images in units of L: products of small constants would leave single precision
    const range = rangeOf(fn, reference, options.dataRange);
    const [g, r] = [div(reference, range), div(image, range)];
    const local = (x: Tensor) => avgPool2d(x, { kernel: windowSize, stride: 1 });
    const [ug, ur] = [local(g), local(r)];
    const [ugg, urr, ugr] = [square(ug), square(ur), mul(ug, ur)];
    const covariance = (xy: Tensor, product: Tensor) => mul(sub(local(xy), product), sampleFactor);
    const variances = add(covariance(square(g), ugg), covariance(square(r), urr));
    const shared = covariance(mul(g, r), ugr);
    const [c1, c2] = stabilisers;
    const above = mul(add(mul(ugr, 2), c1), add(mul(shared, 2), c2));
    const below = mul(add(add(ugg, urr), c1), add(variances, c2));
    return sub(1, mean(div(above, below)));
  });
}

function checkImages(fn: string, reference: Tensor, image: Tensor): void {
  checkReal(fn, 'the reference', reference);
  checkReal(fn, 'the image', image);
  if (reference.rank < 2 || !sameShape(reference.shape, image.shape))
    throw new ShapeError({
      fn,
      argument: 'the image',
      expected: `[..., H, W] as the reference, ${formatShape(reference.shape)}`,
      got: formatShape(image.shape),
    });
  checkWindow(fn, reference.shape.at(-2)!, reference.shape.at(-1)!);
}

function checkReal(fn: string, argument: string, x: Tensor): void {
  checkFloating(fn, argument, x);
  if (isComplex(x.dtype))
    throw new DTypeError({
      fn,
      argument,
      expected: 'real',
      got: x.dtype,
      remedy: 'Take abs() of complex images.',
    });
}

/** L, to be broadcast against images [..., H, W]. */
function rangeOf(fn: string, reference: Tensor, range: number | Tensor | undefined): number | Tensor {
  if (range === undefined) return stopGradient(max(reference));
  if (!(range instanceof Tensor)) return checkNumber(fn, 'option dataRange', range, { positive: true });
  checkReal(fn, 'option dataRange', range);
  const images = reference.shape.slice(0, -2);
  if (range.size !== 1 && !sameShape(range.shape, images))
    throw new ShapeError({
      fn,
      argument: 'option dataRange',
      expected: `one number, or one per image ${formatShape(images)}`,
      got: formatShape(range.shape),
    });
  return reshape(range, range.size === 1 ? [1, 1] : [...images, 1, 1]);
}
