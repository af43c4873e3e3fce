import { ArgumentError, checkNumber, checkTensor, describe } from '@adjoint/tensor';
import { checkGrid } from './coilMaps.js';
import { phantomGrid } from './phantomSource.js';
import type { SimulateOptions } from './simulate.js';

/** Decibels of noise that the other scanner has more. */
const noisier = 6;

/**
 * The same objects as another scanner measures them, for studies of a shift between data sets: half the k-space
 * extent, 6 dB less signal to noise, and another ring of eight coils, made of wire loops. Named after the data set that
 * plays this part beside fastMRI.
 *
 * @throws ArgumentError, ShapeError
 * @example const shifted = await simulate(stanfordLike({ images, shape: [128, 128], snr: 30 }));   // [64, 64], 24 dB
 */
export function stanfordLike(options: SimulateOptions): SimulateOptions {
  if (options === null || typeof options !== 'object')
    throw new ArgumentError({
      fn: 'stanfordLike',
      argument: 'options',
      expected: 'those of simulate',
      got: describe(options),
    });
  const { images, shape, snr = 30 } = options;
  if (snr !== Infinity) checkNumber('stanfordLike', 'option snr', snr);
  const native = images && checkTensor('stanfordLike', 'option images', images).shape.slice(-2);
  const usual = native ? native.map((count) => Math.floor(count / 2)) : phantomGrid;
  const [height, width] = checkGrid('stanfordLike', 'option shape', shape ?? usual);
  return {
    ...options,
    shape: [Math.max(1, Math.floor(height / 2)), Math.max(1, Math.floor(width / 2))],
    snr: snr - noisier,
    coils: 8,
    model: 'loops',
    radius: 0.8,
    width: 0.35,
  };
}
