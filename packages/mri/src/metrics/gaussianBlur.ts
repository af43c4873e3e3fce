/** A plane of numbers, row-major. */
export interface Plane {
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** Weights end at this many standard deviations. */
const TRUNCATE = 4;

/** Gaussian blur as SciPy's `gaussian_filter`: mirrored at the edges, edge pixel and all (d c b a | a b c d | d c b a). */
export function gaussianBlur({ height, width, data }: Plane, deviation: number): Plane {
  const weights = gaussianWeights(deviation, Math.floor(TRUNCATE * deviation + 0.5));
  const rows = mirrored(height, weights.length);
  const down = new Float64Array(data.length);
  for (let i = 0; i < height; i++)
    for (let k = 0; k < weights.length; k++)
      addScaled(down, i * width, data, rows[i + k]! * width, width, weights[k]!);
  const columns = mirrored(width, weights.length);
  const line = new Float64Array(columns.length);
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    for (let j = 0; j < line.length; j++) line[j] = down[start + columns[j]!]!;
    for (let k = 0; k < weights.length; k++) addScaled(result, start, line, k, width, weights[k]!);
  }
  return { height, width, data: result };
}

/** to[i + t] += weight · from[j + t] for t < count. */
function addScaled(
  to: Float64Array,
  i: number,
  from: Float64Array,
  j: number,
  count: number,
  weight: number,
): void {
  for (let t = 0; t < count; t++) to[i + t]! += weight * from[j + t]!;
}

/** Of 2 radius + 1 samples, with sum 1. */
export function gaussianWeights(deviation: number, radius: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, k) =>
    Math.exp((-0.5 * (k - radius) ** 2) / deviation ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Where the samples −radius … n − 1 + radius of n lie. */
function mirrored(n: number, taps: number): number[] {
  const radius = (taps - 1) / 2;
  return Array.from({ length: n + 2 * radius }, (_, k) => {
    const place = (((k - radius) % (2 * n)) + 2 * n) % (2 * n);
    return place < n ? place : 2 * n - 1 - place;
  });
}
