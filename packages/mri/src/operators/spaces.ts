import {
  checkChoice,
  checkFloating,
  checkShape,
  checkTensor,
  type DType,
  DTypeError,
  describe,
  dtypeInfo,
  formatShape,
  formatType,
  isComplex,
  isDifferentiable,
  type Shape,
  ShapeError,
  type Tensor,
  type TensorType,
} from '@adjoint/tensor';

/** A space of images or k-spaces: floating or complex, at least [H, W]. @internal */
export function checkPlane(fn: string, argument: string, space: TensorType): TensorType {
  const shape = checkShape(fn, `the shape of ${argument}`, space?.shape);
  if (shape.length < 2)
    throw new ShapeError({ fn, argument, expected: '[..., H, W]', got: formatShape(shape) });
  checkChoice(fn, `the dtype of ${argument}`, space.dtype, Object.keys(dtypeInfo) as DType[]);
  if (!isDifferentiable(space.dtype))
    throw new DTypeError({
      fn,
      argument: `the dtype of ${argument}`,
      expected: 'floating or complex',
      got: describe(space.dtype),
    });
  return { shape, dtype: space.dtype };
}

/** `checkPlane` for spaces that transforms map to themselves: complex. @internal */
export function checkComplexPlane(fn: string, argument: string, space: TensorType): TensorType {
  const plane = checkPlane(fn, argument, space);
  if (isComplex(plane.dtype)) return plane;
  throw new DTypeError({
    fn,
    argument,
    expected: 'complex',
    got: formatType(plane),
    remedy: "Use { shape, dtype: 'c64' }; the result is complex anyway.",
  });
}

/** Coil sensitivities: floating or complex [..., coils, H, W], of the rank that sets need. @internal */
export function checkMaps(fn: string, maps: Tensor, hasSets: boolean): Tensor {
  checkFloating(fn, 'maps', maps);
  if (maps.rank >= (hasSets ? 4 : 3)) return maps;
  throw new ShapeError({
    fn,
    argument: 'maps',
    expected: hasSets ? '[..., sets, coils, H, W]' : '[..., coils, H, W]',
    got: formatType(maps),
  });
}

/** A sampling mask: real, [W] or [H, W]. @internal */
export function checkMask(fn: string, mask: Tensor): Tensor {
  checkTensor(fn, 'mask', mask);
  if (isComplex(mask.dtype))
    throw new DTypeError({ fn, argument: 'mask', expected: 'real', got: formatType(mask) });
  if (mask.rank === 1 || mask.rank === 2) return mask;
  throw new ShapeError({ fn, argument: 'mask', expected: '[W] or [H, W]', got: formatType(mask) });
}

/** Requires that the last axes of maps are those of the mask, in the words of the one who made them. @internal */
export function matchMaps(fn: string, maps: Tensor, mask: Tensor, hasSets: boolean): void {
  if (endsWith(maps.shape, mask.shape)) return;
  const plane = mask.rank === 1 ? ['H', ...mask.shape] : mask.shape;
  const lead = maps.rank === (hasSets ? 4 : 3) ? [] : ['...'];
  throw new ShapeError({
    fn,
    argument: 'maps',
    expected: `[${[...lead, ...(hasSets ? ['sets'] : []), 'coils', ...plane].join(', ')}] to match mask ${formatShape(mask.shape)}`,
    got: formatShape(maps.shape),
    remedy: 'Crop or re-estimate the maps.',
  });
}

/** @internal */
export const endsWith = (shape: Shape, end: Shape): boolean =>
  end.length <= shape.length && end.every((n, i) => n === shape[shape.length - end.length + i]);
