import { linalg, matmul, read, type Tensor, tensor, transpose } from '@adjoint/tensor';
import { positions } from './grid.js';

/**
 * A function f(y, x) = Σ_m c_m exp(iπ(m_y y + m_x x)), |m_y|, |m_x| <= order, on the field of view. Its period is two
 * fields of view, so that what differs at opposite edges is no obstacle.
 */
export interface FourierSeries {
  readonly order: number;
  /** c64 [..., 2 order + 1, 2 order + 1], order -order first. */
  readonly coefficients: Tensor;
}

/** Singular values below this part of the largest say nothing: the waves are nearly dependent on half their period. */
const rcond = 1e-5;

/** Least-squares fit of values on a grid, c64 [..., H, W]. */
export async function fitSeries(values: Tensor, order: number): Promise<FourierSeries> {
  const [height, width] = values.shape.slice(-2) as [number, number];
  using rows = waves(height, order);
  using columns = waves(width, order);
  using half = await leastSquares(rows, values);
  using turned = swapped(half);
  using both = await leastSquares(columns, turned);
  return { order, coefficients: swapped(both) };
}

const swapped = (x: Tensor): Tensor => transpose(x, [...x.shape.slice(0, -2).keys(), x.rank - 1, x.rank - 2]);

async function leastSquares(a: Tensor, b: Tensor): Promise<Tensor> {
  const { x, rank, singularValues } = await linalg.lstsq(a, b, { rcond });
  rank.dispose();
  singularValues.dispose();
  return x;
}

/** The series on a grid, c64 [..., H, W]. */
export function evaluateSeries(series: FourierSeries, shape: readonly [number, number]): Tensor {
  using rows = waves(shape[0], series.order);
  using columns = waves(shape[1], series.order);
  using turned = transpose(columns);
  using half = matmul(rows, series.coefficients);
  return matmul(half, turned);
}

/** exp(iπ m r) for every pixel r and order m, c64 [pixels, 2 order + 1]. */
function waves(count: number, order: number): Tensor {
  const values = new Float64Array(2 * count * (2 * order + 1));
  let next = 0;
  for (const r of positions(count))
    for (let m = -order; m <= order; m++) {
      values[next++] = Math.cos(Math.PI * m * r);
      values[next++] = Math.sin(Math.PI * m * r);
    }
  return tensor(values, { dtype: 'c64', shape: [count, 2 * order + 1] });
}

/** Samples on half cycles per field of view, interleaved re, im. */
export interface HalfCycles {
  readonly values: Float64Array;
  readonly rows: number;
  readonly columns: number;
}

/** Interleaved coefficients of one series, [2 order + 1, 2 order + 1]. */
export interface HostSeries {
  readonly order: number;
  readonly coefficients: ArrayLike<number>;
}

export async function readSeries(series: FourierSeries): Promise<HostSeries> {
  return { order: series.order, coefficients: await read(series.coefficients) };
}

/**
 * The spectrum of f times an object from the spectrum of the object: out(k) = Σ_m c_m in(k - m/2), for every
 * `stride`-th k whose neighbours are all known.
 */
export function multiplySpectrum(
  spectrum: HalfCycles,
  { order, coefficients }: HostSeries,
  stride: number,
): HalfCycles {
  const span = 2 * order + 1;
  const rows = Math.floor((spectrum.rows - span) / stride) + 1;
  const columns = Math.floor((spectrum.columns - span) / stride) + 1;
  const values = new Float64Array(2 * rows * columns);
  for (let my = 0; my < span; my++)
    for (let mx = 0; mx < span; mx++) {
      const at = 2 * (my * span + mx);
      const [re, im] = [coefficients[at]!, coefficients[at + 1]!];
      for (let row = 0; row < rows; row++) {
        let from = 2 * ((stride * row + 2 * order - my) * spectrum.columns + 2 * order - mx);
        const end = 2 * (row + 1) * columns;
        for (let to = 2 * row * columns; to < end; to += 2, from += 2 * stride) {
          const [a, b] = [spectrum.values[from]!, spectrum.values[from + 1]!];
          values[to]! += re * a - im * b;
          values[to + 1]! += re * b + im * a;
        }
      }
    }
  return { values, rows, columns };
}
