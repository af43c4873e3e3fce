import {
  abs2,
  cast,
  centredFft,
  checkTensor,
  formatShape,
  isComplex,
  read,
  ShapeError,
  scope,
  sum,
  type Tensor,
} from '@adjoint/tensor';

export interface AxisSupport {
  /** Part of the Nyquist frequency up to which there is content; 1 where no edge was found. */
  readonly support: number;
  /** Mean power of 20 equal bands of |frequency|, lowest first, in dB of the mean over all. */
  readonly profile: readonly number[];
}

export interface KspaceSupport {
  readonly rows: AxisSupport;
  readonly columns: AxisSupport;
}

const bands = 20;
/** Anatomy falls by 2 to 4 dB over two bands; a filter or zero filling by 7 or more. */
const edge = 6;
/** Below this part of Nyquist even plain anatomy falls steeply. */
const firstBand = 6;

/**
 * How far the k-space of images reaches: whether they were filtered or interpolated before they came here, which a
 * simulated acquisition must not sample as if it were detail. Power along each axis is averaged over the other axis
 * and all images; the support ends in the middle of the steepest fall of at least 6 dB over a tenth of Nyquist.
 * Noise in the background of the image fills k-space but not above that edge, as it went through the same filter.
 *
 * @param images real or complex [..., H, W] with at least 40 pixels a side
 * @throws ShapeError
 * @example const { columns } = await kspaceSupport(flair);   // columns.support: 0.75
 */
export async function kspaceSupport(images: Tensor): Promise<KspaceSupport> {
  const fn = 'kspaceSupport';
  const { shape, dtype, rank } = checkTensor(fn, 'argument 1', images);
  if (rank < 2 || shape.slice(-2).some((count) => count < 2 * bands) || images.size === 0)
    throw new ShapeError({
      fn,
      argument: 'argument 1',
      expected: `[..., H, W], H and W at least ${2 * bands}`,
      got: formatShape(shape),
    });
  const leading = shape.slice(0, -2).map((_, axis) => axis);
  const [byRow, byColumn] = scope(() => {
    const power = abs2(centredFft(isComplex(dtype) ? images : cast(images, 'c64')));
    return [sum(power, { axes: [...leading, rank - 1] }), sum(power, { axes: [...leading, rank - 2] })];
  }) as [Tensor, Tensor];
  const [rows, columns] = [await read(byRow), await read(byColumn)];
  byRow.dispose();
  byColumn.dispose();
  return { rows: axisSupport(rows), columns: axisSupport(columns) };
}

function axisSupport(power: ArrayLike<number>): AxisSupport {
  const profile = bandProfile(power);
  let [steepest, support] = [edge, 1];
  for (let band = firstBand; band + 2 < bands; band++) {
    const fall = profile[band]! - profile[band + 2]!;
    if (fall > steepest) [steepest, support] = [fall, (band + 1.5) / bands];
  }
  return { support, profile };
}

function bandProfile(power: ArrayLike<number>): number[] {
  const count = power.length;
  const middle = Math.floor(count / 2);
  const sums = new Float64Array(bands);
  const counts = new Float64Array(bands);
  let total = 0;
  for (let i = 0; i < count; i++) {
    const band = Math.min(bands - 1, Math.floor((Math.abs(i - middle) / (count / 2)) * bands));
    sums[band]! += power[i]!;
    counts[band]!++;
    total += power[i]! / count;
  }
  // an image of zeros has no profile: 0 dB everywhere rather than NaN
  return Array.from(sums, (value, band) =>
    total === 0 ? 0 : 10 * Math.log10(Math.max(value / counts[band]! / total, 1e-30)),
  );
}
