import {
  ArgumentError,
  checkInteger,
  checkTensor,
  describe,
  formatType,
  ShapeError,
  slice,
  type Tensor,
} from '@adjoint/tensor';

type Size = readonly [height: number, width: number];

/**
 * The size of an image cropped to another one: an image narrower than the crop is cropped to the square of its width (the rule of
 * fastMRI for its files of 203 columns), a lower one keeps its rows.
 * @internal
 */
export function croppedSize([height, width]: Size, crop: Size): Size {
  const [h, w] = crop[1] > width ? [width, width] : crop;
  return [Math.min(h, height), w];
}

/**
 * The centre of images: rows from ⌊(H − h)/2⌋, columns from ⌊(W − w)/2⌋, as fastMRI crops, and of the size that fastMRI takes where an
 * image is smaller than the crop: its rows, and a square where it is narrower.
 *
 * @param x [..., H, W]
 * @returns [..., h, w]
 * @throws ArgumentError, ShapeError
 */
export function cropCentre(x: Tensor, crop: Size): Tensor {
  const fn = 'cropCentre';
  checkTensor(fn, 'x', x);
  if (x.rank < 2) throw new ShapeError({ fn, argument: 'x', expected: '[..., H, W]', got: formatType(x) });
  if (!Array.isArray(crop) || crop.length !== 2)
    throw new ArgumentError({ fn, argument: 'crop', expected: '[height, width]', got: describe(crop) });
  for (const n of crop) checkInteger(fn, 'crop', n, { min: 1 });
  const size = x.shape.slice(-2) as [number, number];
  const ranges = croppedSize(size, crop).map((kept, axis) => {
    const from = Math.floor((size[axis]! - kept) / 2);
    return [from, from + kept] as const;
  });
  return slice(x, [...x.shape.slice(2).map(() => null), ...ranges]);
}
