/** Side of the window, in pixels. */
export const windowSize = 7;
const K1 = 0.01;
const K2 = 0.03;
/** From population to sample covariance. */
export const sampleFactor = windowSize ** 2 / (windowSize ** 2 - 1);

/** C1 and C2 for a data range of 1; they grow with its square. */
export const stabilisers = [K1 ** 2, K2 ** 2] as const;

interface Plane {
  readonly height: number;
  readonly width: number;
  /** L. */
  readonly range: number;
}

/** SSIM of every whole window of one image, row-major [H − 6, W − 6]. */
export function similarity(g: Float64Array, r: Float64Array, { height, width, range }: Plane): Float64Array {
  const mean = (x: Float64Array) => boxMeans(x, height, width);
  const product = (x: Float64Array, y: Float64Array) => x.map((value, i) => value * y[i]!);
  const [ug, ur] = [mean(g), mean(r)];
  const [ugg, urr, ugr] = [mean(product(g, g)), mean(product(r, r)), mean(product(g, r))];
  const [c1, c2] = stabilisers.map((c) => c * range * range) as [number, number];
  return ug.map((mg, i) => {
    const mr = ur[i]!;
    const vg = sampleFactor * (ugg[i]! - mg * mg);
    const vr = sampleFactor * (urr[i]! - mr * mr);
    const vgr = sampleFactor * (ugr[i]! - mg * mr);
    return ((2 * mg * mr + c1) * (2 * vgr + c2)) / ((mg * mg + mr * mr + c1) * (vg + vr + c2));
  });
}

/** Means over all whole windows, rows first and then columns. */
export function boxMeans(x: Float64Array, height: number, width: number): Float64Array {
  const [rows, columns] = [height - windowSize + 1, width - windowSize + 1];
  const means = new Float64Array(rows * columns);
  const line = new Float64Array(width);
  for (let i = 0; i < rows; i++) {
    line.fill(0);
    for (let k = 0; k < windowSize; k++) for (let j = 0; j < width; j++) line[j]! += x[(i + k) * width + j]!;
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < windowSize; k++) sum += line[j + k]!;
      means[i * columns + j] = sum / windowSize ** 2;
    }
  }
  return means;
}
