import { checkFloating, formatShape, ShapeError, slice, type Tensor } from '@adjoint/tensor';
import { checkGrid } from './coilMaps.js';

/**
 * The low frequencies of a finer acquisition: k-space [..., H, W] of the same field of view, cut out so that DC, at
 * (⌊N/2⌋, ⌊M/2⌋) of the input, comes to (⌊H/2⌋, ⌊W/2⌋). Values are not rescaled. A view.
 *
 * @param kspace [..., N, M], DC in the centre
 * @param shape [H, W], at most [N, M]
 * @throws ShapeError when the k-space is smaller than the part.
 */
export function cropKspace(kspace: Tensor, shape: readonly [height: number, width: number]): Tensor {
  const fn = 'cropKspace';
  checkGrid(fn, 'shape', shape);
  const fine = checkFloating(fn, 'argument 1', kspace).shape.slice(-2);
  if (fine.length < 2 || shape.some((count, axis) => !(count <= fine[axis]!)))
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: `[..., H, W] with at least ${formatShape(shape)} samples`,
      got: formatShape(kspace.shape),
    });
  const ranges = shape.map((count, axis) => {
    const start = Math.floor(fine[axis]! / 2) - Math.floor(count / 2);
    return [start, start + count] as const;
  });
  return slice(kspace, [...kspace.shape.slice(0, -2).map(() => null), ...ranges]);
}
