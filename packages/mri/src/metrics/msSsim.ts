import { checkOptions, ShapeError } from '@adjoint/tensor';
import { type Comparison, compare, type MetricOptions } from './comparison.js';
import { gaussianWeights, type Plane } from './gaussianBlur.js';
import { type Images, imageOf } from './images.js';
import { stabilisers } from './similarity.js';

/** How much each scale counts, from the finest on. */
const exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/** 11 taps. */
const [windowDeviation, windowRadius] = [1.5, 5];
const windowSize = 2 * windowRadius + 1;
const smallestSide = windowSize * 2 ** (exponents.length - 1);

/**
 * Multi-scale structural similarity: Π_s mean(cs)^w_s over five scales, each half as fine as the one before (means
 * of 2 x 2 pixels, an odd last row or column dropped), cs = (2 σgr + C2)/(σg² + σr² + C2) under a Gaussian window
 * of 11 x 11 pixels and 1.5 pixels deviation, whole windows only; at the coarsest scale times the luminance term of
 * `ssim`. Means below 0 count as 0. The mean over images; double precision. Reference: Wang, Simoncelli, Bovik 2003.
 *
 * @param reference real [..., H, W], H and W at least 176; gives L = max g after matching, unless the option says
 *   otherwise
 * @param image of the same shape
 * @returns at most 1; NaN if either has NaN
 * @throws ShapeError for images that are too small or of two shapes; DTypeError, NumericalError as `ssim`
 */
export async function msSsim(
  reference: Images,
  image: Images,
  options: Omit<MetricOptions, 'region'> = {},
): Promise<number> {
  const fn = 'msSsim';
  checkOptions(fn, options, ['matching', 'dataRange']);
  const { pair, ranges }: Comparison = await compare(fn, reference, image, options);
  const { count, height, width } = pair;
  if (Math.min(height, width) < smallestSide)
    throw new ShapeError({
      fn,
      argument: 'the reference',
      expected: `at least ${smallestSide} x ${smallestSide}, one window at the fifth scale`,
      got: `${height} x ${width}`,
    });
  let total = 0;
  for (let k = 0; k < count; k++) {
    const g: Plane = { height, width, data: imageOf(pair, pair.reference, k) };
    const r: Plane = { height, width, data: imageOf(pair, pair.image, k) };
    total += overScales(g, r, ranges[k]!);
  }
  return total / count;
}

function overScales(reference: Plane, image: Plane, range: number): number {
  let [g, r] = [reference, image];
  let product = 1;
  exponents.forEach((exponent, scale) => {
    const { structure, similarity } = meansOf(g, r, range);
    const score = scale === exponents.length - 1 ? similarity : structure;
    product *= score < 0 ? 0 : score ** exponent;
    [g, r] = [halved(g), halved(r)];
  });
  return product;
}

/** The means of cs, and of cs times luminance, over all whole windows. */
function meansOf(g: Plane, r: Plane, range: number): { structure: number; similarity: number } {
  const [c1, c2] = stabilisers.map((c) => c * range * range) as [number, number];
  const local = (x: Float64Array, y?: Float64Array) =>
    windowMeans({ ...g, data: y ? x.map((value, i) => value * y[i]!) : x });
  const [ug, ur] = [local(g.data), local(r.data)];
  const [ugg, urr, ugr] = [local(g.data, g.data), local(r.data, r.data), local(g.data, r.data)];
  let [structure, similarity] = [0, 0];
  ug.forEach((mg, i) => {
    const mr = ur[i]!;
    const [vg, vr, vgr] = [ugg[i]! - mg * mg, urr[i]! - mr * mr, ugr[i]! - mg * mr];
    const cs = (2 * vgr + c2) / (vg + vr + c2);
    structure += cs;
    similarity += (cs * (2 * mg * mr + c1)) / (mg * mg + mr * mr + c1);
  });
  return { structure: structure / ug.length, similarity: similarity / ug.length };
}

const taps = gaussianWeights(windowDeviation, windowRadius);

/** Weighted means over all whole windows, rows first and then columns. */
function windowMeans({ height, width, data }: Plane): Float64Array {
  const [rows, columns] = [height - windowSize + 1, width - windowSize + 1];
  const means = new Float64Array(rows * columns);
  const line = new Float64Array(width);
  for (let i = 0; i < rows; i++) {
    line.fill(0);
    for (let k = 0; k < windowSize; k++)
      for (let j = 0; j < width; j++) line[j]! += taps[k]! * data[(i + k) * width + j]!;
    for (let j = 0; j < columns; j++)
      for (let k = 0; k < windowSize; k++) means[i * columns + j]! += taps[k]! * line[j + k]!;
  }
  return means;
}

/** Means of 2 x 2 pixels. */
function halved({ height, width, data }: Plane): Plane {
  const [rows, columns] = [Math.floor(height / 2), Math.floor(width / 2)];
  const result = Float64Array.from({ length: rows * columns }, (_, i) => {
    const corner = 2 * Math.floor(i / columns) * width + 2 * (i % columns);
    return (data[corner]! + data[corner + 1]! + data[corner + width]! + data[corner + width + 1]!) / 4;
  });
  return { height: rows, width: columns, data: result };
}
