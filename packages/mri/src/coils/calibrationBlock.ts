import { isComplex, NumericalError, slice, type Tensor } from '@adjoint/tensor';

/** Fully sampled k-space around the centre, on the host: [coils, rows, columns]. */
export interface CalibrationBlock {
  readonly coils: number;
  readonly rows: number;
  readonly columns: number;
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** What is read to find the block: all rows of the columns that may belong to it. */
interface Strip {
  readonly coils: number;
  readonly height: number;
  readonly width: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** [height, width]: 1 where there is a sample. */
  readonly isSampled: Uint8Array;
}

/**
 * The largest fully sampled rectangle around the centre of k-space, at most `size` x `size`: grown by one row
 * and one column in turn, until either meets a hole. It is moved along the rows to where the energy is
 * largest, as the echo is rarely exactly in the middle; so does BART's `ecalib`.
 *
 * @param kspace [coils, H, W]
 * @param mask values of a mask [W] or [H, W]; without, what is not 0 in some coil is sampled
 * @throws NumericalError where there is NaN, no signal, or a hole in the centre.
 */
export async function readCalibrationBlock(
  fn: string,
  kspace: Tensor,
  mask: ArrayLike<number> | undefined,
  size: number,
): Promise<CalibrationBlock> {
  const [coils, fullHeight, fullWidth] = kspace.shape as [number, number, number];
  const columns = Math.min(size, fullWidth);
  const left = centredStart(fullWidth, columns);
  const strip = await readStrip(fn, kspace, mask, left, columns);
  const centre = Math.floor(fullHeight / 2) * strip.width + Math.floor(fullWidth / 2) - left;
  if (!strip.isSampled[centre]) throw holeInCentre(fn, strip);
  const block = grow(strip, Math.min(size, fullHeight));
  const firstRow = strongest(strip, block);
  const part = cut(strip, { ...block, firstRow });
  return {
    coils,
    rows: block.rows,
    columns: block.columns,
    firstRow,
    firstColumn: left + block.firstColumn,
    ...part,
  };
}

/** Where `count` points around the origin ⌊n/2⌋ begin. */
const centredStart = (n: number, count: number): number =>
  count === 1 ? Math.floor(n / 2) : Math.floor((n - count) / 2);

async function readStrip(
  fn: string,
  kspace: Tensor,
  mask: ArrayLike<number> | undefined,
  left: number,
  width: number,
): Promise<Strip> {
  const [coils, height, fullWidth] = kspace.shape as [number, number, number];
  using part = slice(kspace, [null, null, [left, left + width]]);
  const values = await part.data();
  const step = isComplex(kspace.dtype) ? 2 : 1;
  const count = height * width;
  const re = new Float64Array(coils * count);
  const im = new Float64Array(coils * count);
  const isSampled = new Uint8Array(count);
  for (let i = 0; i < re.length; i++) {
    const x = values[step * i]!;
    const y = step === 2 ? values[step * i + 1]! : 0;
    re[i] = x;
    im[i] = y;
    if (x !== 0 || y !== 0) isSampled[i % count] = 1;
    if (!Number.isFinite(x + y))
      throw new NumericalError({ fn, argument: 'kspace', expected: 'finite', got: 'NaN or infinity' });
  }
  const isFull = mask !== undefined && mask.length !== fullWidth;
  for (let i = 0; mask && i < count; i++) {
    const [row, column] = [Math.floor(i / width), left + (i % width)];
    if (!mask[isFull ? row * fullWidth + column : column]) isSampled[i] = 0;
  }
  return { coils, height, width, re, im, isSampled };
}

interface Rectangle {
  readonly rows: number;
  readonly columns: number;
  readonly firstRow: number;
  readonly firstColumn: number;
}

function grow(strip: Strip, mostRows: number): Rectangle {
  const placed = (rows: number, columns: number): Rectangle => ({
    rows,
    columns,
    firstRow: centredStart(strip.height, rows),
    firstColumn: centredStart(strip.width, columns),
  });
  let block = placed(1, 1);
  let [canGrowDown, canGrowAcross] = [true, true];
  while (canGrowDown || canGrowAcross) {
    if (canGrowDown) {
      const taller = placed(block.rows + 1, block.columns);
      canGrowDown = taller.rows <= mostRows && isFilled(strip, taller);
      if (canGrowDown) block = taller;
    }
    if (canGrowAcross) {
      const wider = placed(block.rows, block.columns + 1);
      canGrowAcross = wider.columns <= strip.width && isFilled(strip, wider);
      if (canGrowAcross) block = wider;
    }
  }
  return block;
}

function isFilled({ isSampled, width }: Strip, block: Rectangle): boolean {
  for (let row = 0; row < block.rows; row++)
    for (let column = 0; column < block.columns; column++)
      if (!isSampled[(block.firstRow + row) * width + block.firstColumn + column]) return false;
  return true;
}

/** The first row of the block where, moved along the rows and still fully sampled, it holds most energy. */
function strongest(strip: Strip, block: Rectangle): number {
  const { coils, height, width, re, im } = strip;
  const energy = new Float64Array(height);
  for (let coil = 0; coil < coils; coil++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < block.columns; column++) {
        const i = (coil * height + row) * width + block.firstColumn + column;
        energy[row]! += re[i]! ** 2 + im[i]! ** 2;
      }
  let [best, most] = [block.firstRow, -1];
  for (let firstRow = 0; firstRow + block.rows <= height; firstRow++) {
    let total = 0;
    for (let row = 0; row < block.rows; row++) total += energy[firstRow + row]!;
    if (total > most && isFilled(strip, { ...block, firstRow })) [best, most] = [firstRow, total];
  }
  return best;
}

function cut(strip: Strip, block: Rectangle): Pick<CalibrationBlock, 're' | 'im'> {
  const { coils, height, width } = strip;
  const size = block.rows * block.columns;
  const [re, im] = [new Float64Array(coils * size), new Float64Array(coils * size)];
  for (let coil = 0, to = 0; coil < coils; coil++)
    for (let row = 0; row < block.rows; row++)
      for (let column = 0; column < block.columns; column++, to++) {
        const from = (coil * height + block.firstRow + row) * width + block.firstColumn + column;
        re[to] = strip.re[from]!;
        im[to] = strip.im[from]!;
      }
  return { re, im };
}

function holeInCentre(fn: string, { re, im }: Strip): NumericalError {
  const isSilent = re.every((value) => value === 0) && im.every((value) => value === 0);
  return new NumericalError({
    fn,
    argument: 'kspace',
    expected: 'sampled around its centre, where coils are calibrated',
    got: isSilent ? 'zeros' : 'no sample there',
    remedy: 'Measure the central lines, or give maps that are known.',
  });
}
