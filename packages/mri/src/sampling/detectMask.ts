import { checkTensor, formatShape, NumericalError, read, ShapeError, type Tensor } from '@adjoint/tensor';
import { firstCentreColumn } from './lineMask.js';
import { type Mask, makeMask } from './mask.js';

/** Columns count as whole if no more of their entries are 0 by accident than this. */
const ACCIDENTAL_ZEROS = 0.01;

/**
 * Finds which entries of k-space were measured: those that are not exactly 0 in every slice and coil. NaN counts as
 * measured.
 *
 * @param kspace c64 [..., coils, H, W] (at least [H, W])
 * @returns [W] where whole columns are empty and the others full (up to 1 % accidental zeros), else [H, W].
 *   `acceleration` and `numLowFrequencies` are those found, the latter on both sides of DC without a gap
 * @throws NumericalError if everything is 0
 */
export async function detectMask(kspace: Tensor): Promise<Mask> {
  const fn = 'detectMask';
  checkTensor(fn, 'kspace', kspace);
  if (kspace.rank < 2)
    throw new ShapeError({
      fn,
      argument: 'kspace',
      expected: '[..., coils, H, W]',
      got: formatShape(kspace.shape),
    });
  const [height, width] = kspace.shape.slice(-2) as [number, number];
  const entries = supportOf(await read(kspace), height * width, kspace.size);
  if (!entries.includes(1))
    throw new NumericalError({
      fn,
      argument: 'kspace',
      expected: 'not 0 everywhere',
      got: formatShape(kspace.shape),
    });
  const columns = wholeColumns(entries, height, width);
  return columns ? foundColumns(columns) : foundEntries(entries, height, width);
}

/** 1 where any plane of the stack has a number other than 0. */
function supportOf(values: ArrayLike<number>, plane: number, size: number): Float32Array {
  const support = new Float32Array(plane);
  const parts = values.length / size || 1;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) support[Math.floor(i / parts) % plane] = 1;
  return support;
}

/** The columns that have entries, if they are full. */
function wholeColumns(entries: Float32Array, height: number, width: number): Float32Array | undefined {
  const counts = new Float32Array(width);
  entries.forEach((value, i) => {
    counts[i % width] += value;
  });
  const isWhole = counts.every((count) => count === 0 || count >= (1 - ACCIDENTAL_ZEROS) * height);
  return isWhole ? counts.map(Math.sign) : undefined;
}

function foundColumns(values: Float32Array): Mask {
  const mask = makeMask({
    values,
    shape: [values.length],
    acceleration: 1,
    numLowFrequencies: centreWidth(values.length, (column) => values[column] === 1),
  });
  return { ...mask, acceleration: values.length / mask.numSampled };
}

function foundEntries(values: Float32Array, height: number, width: number): Mask {
  // the rectangle's height may be any: its middle row says which columns to try
  const middle = Math.floor(height / 2) * width;
  const mask = makeMask({
    values,
    shape: [height, width],
    acceleration: 1,
    numLowFrequencies: centreWidth(width, (column) => values[middle + column] === 1),
  });
  return { ...mask, acceleration: values.length / mask.numSampled };
}

/** The largest number of centred columns that are all measured. */
function centreWidth(width: number, isMeasured: (column: number) => boolean): number {
  let count = 0;
  for (; count < width; count++) {
    const first = firstCentreColumn(width, count + 1);
    // a centre grows by one column at a time, left and right in turn
    const newest = first < firstCentreColumn(width, count) ? first : first + count;
    if (!isMeasured(newest)) break;
  }
  return count;
}
