import { checkInteger, type Tensor, tensor } from '@adjoint/tensor';
import { checkGrid } from './coilMaps.js';
import { addEllipseSpectrum, checkPhantom, type EllipsePhantom, ellipseImage } from './ellipse.js';
import { positions } from './grid.js';

/**
 * The exact k-space of a sum of ellipses, c64 [H, W]: samples of the continuous Fourier transform at whole cycles
 * per field of view, DC at (⌊H/2⌋, ⌊W/2⌋), scaled by √(HW) so that the unitary inverse transform is the image in its
 * own intensities (band-limited, so with Gibbs ringing). No grid was sampled to make it.
 *
 * Source: Van de Walle et al., IEEE TMI 19 (2000), 1160; Koay et al., MRM 58 (2007), 430.
 * @throws ArgumentError, ShapeError
 * @example const kspace = ellipseKspace(sheppLogan(), [256, 256]);
 */
export function ellipseKspace(phantom: EllipsePhantom, shape: readonly number[]): Tensor {
  const ellipses = checkPhantom('ellipseKspace', 'phantom', phantom);
  const [height, width] = checkGrid('ellipseKspace', 'shape', shape);
  const rows = positions(height).map((y) => y * height);
  const columns = positions(width).map((x) => x * width);
  const values = sampleSpectrum(ellipses, rows, columns, Math.sqrt(height * width));
  return tensor(values, { dtype: 'c64', shape: [height, width] });
}

/** The spectrum at every pair of frequencies, interleaved re, im. */
export function sampleSpectrum(
  phantom: EllipsePhantom,
  rows: Float64Array,
  columns: Float64Array,
  scale: number,
): Float64Array {
  const values = new Float64Array(2 * rows.length * columns.length);
  const sum = new Float64Array(2);
  let next = 0;
  for (const ky of rows)
    for (const kx of columns) {
      sum.fill(0);
      for (const ellipse of phantom) addEllipseSpectrum(ellipse, ky, kx, sum);
      values[next++] = scale * sum[0]!;
      values[next++] = scale * sum[1]!;
    }
  return values;
}

/**
 * The image of a sum of ellipses on a grid, f32 [H, W]: every pixel the mean over `supersampling`² points in it.
 *
 * @param supersampling default 4
 * @throws ArgumentError, ShapeError
 */
export function rasterise(phantom: EllipsePhantom, shape: readonly number[], supersampling = 4): Tensor {
  const fn = 'rasterise';
  const ellipses = checkPhantom(fn, 'phantom', phantom);
  const [height, width] = checkGrid(fn, 'shape', shape);
  const fine = checkInteger(fn, 'supersampling', supersampling, { min: 1, max: 64 });
  const offsets = Float64Array.from({ length: fine }, (_, i) => (i + 0.5) / fine - 0.5);
  const images = ellipses.map(ellipseImage);
  const values = new Float32Array(height * width);
  let next = 0;
  for (const y of positions(height))
    for (const x of positions(width)) {
      let sum = 0;
      for (const dy of offsets)
        for (const dx of offsets) for (const image of images) sum += image(y + dy / height, x + dx / width);
      values[next++] = sum / (fine * fine);
    }
  return tensor(values, { shape: [height, width] });
}
