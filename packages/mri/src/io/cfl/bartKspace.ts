import {
  checkTensor,
  formatShape,
  reshape,
  ShapeError,
  scope,
  type Tensor,
  transpose,
} from '@adjoint/tensor';

/** Positions of BART's dimensions counted from the end, as `readCfl` leaves them: the first is last. */
const sliceDimension = 13;

/**
 * k-space, coil images or maps of one slice or of several, in our order, from BART's dimensions in reverse (as
 * `readCfl` gives them). BART's readout becomes the rows; where BART's first dimension is 1, its second one does.
 *
 * @param x [coils, phase 2, phase 1, readout], with phase 2 or the readout being 1, or with more axes, all 1 but the
 * slices (BART's dimension 13) and map sets (dimension 4)
 * @returns [coils, H, W], [slices, coils, H, W] or [sets, coils, H, W]
 */
export function kspaceOfBart(x: Tensor): Tensor {
  const fn = 'kspaceOfBart';
  const { shape } = checkTensor(fn, 'x', x);
  const size = (dimension: number) => shape[shape.length - 1 - dimension] ?? 1;
  const [readout, first, second, coils, sets, slices] = [0, 1, 2, 3, 4, sliceDimension].map(size) as number[];
  const plane = readout === 1 ? [first!, second!] : [readout!, first!];
  const lead = slices! > 1 ? slices! : sets!;
  const fits = plane[0]! * plane[1]! * coils! * lead === shape.reduce((product, n) => product * n, 1);
  if (!fits)
    throw new ShapeError({
      fn,
      argument: 'x',
      expected:
        'slices of two encoded directions: BART’s [readout, phase, 1, coils], or [1, readout, phase, coils]',
      got: `${formatShape([...shape].reverse())} in BART’s order`,
      remedy: 'Transform 3-D data along one direction first, or take a slice.',
    });
  return scope(() => {
    // memory runs fastest along the rows here, and along the columns there
    const ordered = transpose(reshape(x, [lead, coils!, plane[1]!, plane[0]!]), [0, 1, 3, 2]);
    return lead > 1 ? ordered : reshape(ordered, ordered.shape.slice(1));
  });
}

/**
 * The array in BART's dimensions in reverse, as `writeCfl` takes it: rows become BART's readout (dimension 0), columns
 * phase 1, coils dimension 3, slices dimension 13.
 *
 * @param x [coils, H, W] or [slices, coils, H, W]
 */
export function kspaceToBart(x: Tensor): Tensor {
  const fn = 'kspaceToBart';
  const { shape } = checkTensor(fn, 'x', x);
  if (shape.length !== 3 && shape.length !== 4)
    throw new ShapeError({
      fn,
      argument: 'x',
      expected: '[coils, H, W] or [slices, coils, H, W]',
      got: formatShape(shape),
    });
  const [slices, coils, height, width] = shape.length === 4 ? shape : [1, ...shape];
  return scope(() => {
    const turned = transpose(reshape(x, [slices!, coils!, height!, width!]), [0, 1, 3, 2]);
    const between = slices! > 1 ? new Array(sliceDimension - 4).fill(1) : [];
    return reshape(turned, [...(slices! > 1 ? [slices!] : []), ...between, coils!, 1, width!, height!]);
  });
}
