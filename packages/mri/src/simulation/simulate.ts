import {
  ArgumentError,
  abs2,
  centredIfft,
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOptions,
  foldIn,
  type Key,
  key,
  ones,
  scope,
  sqrt,
  stack,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { breathing, type LoopOptions } from '../loop.js';
import type { Measurement } from '../measurement.js';
import { type CoilRingOptions, checkGrid, coilOptionNames } from './coilMaps.js';
import type { EllipsePhantom } from './ellipse.js';
import { rasterise } from './ellipseKspace.js';
import { imageSource } from './imageSource.js';
import { addNoise } from './noise.js';
import { checkPhantoms, phantomGrid, phantomSource } from './phantomSource.js';
import type { SliceSource } from './sliceSource.js';

export interface SimulateOptions extends CoilRingOptions, LoopOptions {
  /** Objects on their native grid, real or complex [N, M] or [slices, N, M]. */
  readonly images?: Tensor | undefined;
  /** Instead of images: ellipses, or a list of them for several slices; their k-space is exact. */
  readonly phantom?: EllipsePhantom | readonly EllipsePhantom[] | undefined;
  /** Of the measurement, [H, W]; default half the native grid, and [128, 128] for phantoms. */
  readonly shape?: readonly [height: number, width: number] | undefined;
  /** Signal-to-noise ratio of k-space in dB, as `addNoise` defines it; default 30, Infinity for none. */
  readonly snr?: number | undefined;
  /** Standard deviation of the object's smooth random phase in radians; default 0.7, and 0 for complex images. */
  readonly phase?: number | undefined;
  /**
   * Commits the inverse crime, for the ablation that shows what it gains: the object is reduced to the study grid
   * first and everything happens there, and the true maps are handed out with the measurement. Default false.
   */
  readonly inverseCrime?: boolean | undefined;
  readonly name?: string | undefined;
}

/** A fully sampled measurement, and what only a simulation knows. */
export interface Simulation extends Measurement {
  /** Root sum of squares of the noisy full k-space, f32 [..., H, W]. */
  readonly reference: Tensor;
  /** The same without noise. */
  readonly noiseFree: Tensor;
  /** The coils on the study grid, c64 [coils, H, W]; `maps` is only set where the inverse crime was asked for. */
  readonly trueMaps: Tensor;
  /** σ with E|n|² = σ² per sample of k-space, f32 [...]. */
  readonly noiseDeviation: Tensor;
  /** Native samples per study sample along both axes; Infinity where k-space is exact. 1 means: one grid. */
  readonly oversampling: readonly [number, number];
}

const optionNames = [
  'images',
  'phantom',
  'shape',
  'snr',
  'phase',
  'inverseCrime',
  'name',
  'signal',
  'onProgress',
  ...coilOptionNames,
];

/**
 * A simulated acquisition that avoids the inverse crime: the object, on its native grid, times a smooth phase times
 * analytic coil maps; Fourier transform; the low frequencies of the study grid cut out of it; complex white noise.
 * Intensities are those of the image. Maps are left to be estimated from the data.
 *
 * With `phantom` the transform is exact instead; coils and phase are then trigonometric polynomials fitted to the
 * same formulas (to about 1e-3 and 1e-2), and `trueMaps` are these polynomials.
 *
 * Source: Shimron et al., Implicit data crimes, PNAS 2022, for what it avoids.
 * @throws ArgumentError, ShapeError
 * @example const full = await simulate({ images: head, shape: [128, 128], coils: 8, snr: 30, seed: 1 });
 */
export async function simulate(options: SimulateOptions): Promise<Simulation> {
  const fn = 'simulate';
  checkOptions(fn, options, optionNames);
  const snr = options.snr === undefined ? 30 : options.snr;
  if (snr !== Infinity) checkNumber(fn, 'option snr', snr);
  checkBoolean(fn, 'option inverseCrime', options.inverseCrime ?? false);
  using root = key(checkInteger(fn, 'option seed', options.seed ?? 0));
  const source = await sourceOf(fn, options, root);
  const slices: MeasuredSlice[] = [];
  try {
    for await (const slice of measureSlices(source, snr, root, options)) slices.push(slice);
    return {
      ...joinSlices(slices, source.isStack),
      mask: ones([source.shape[1]]),
      trueMaps: source.maps,
      maps: options.inverseCrime ? source.maps : undefined,
      oversampling: source.oversampling,
      name: options.name,
    };
  } finally {
    for (const slice of slices) for (const part of Object.values(slice)) part.dispose();
    source.release();
  }
}

/** What is measured, from whichever of `images` and `phantom` was given. */
async function sourceOf(fn: string, options: SimulateOptions, root: Key): Promise<SliceSource> {
  const { images, phantom, shape } = options;
  if (images !== undefined && phantom === undefined) return imageSource(fn, { ...options, images }, root);
  if (phantom === undefined || images !== undefined)
    throw new ArgumentError({
      fn,
      argument: 'options',
      expected: 'either images or phantom',
      got: images === undefined ? 'neither' : 'both',
    });
  if (!options.inverseCrime) return phantomSource(fn, { ...options, phantom }, root);
  const { phantoms, isStack } = checkPhantoms(fn, phantom);
  const grid = checkGrid(fn, 'option shape', shape ?? phantomGrid);
  const pictures = scope(() => {
    const list = phantoms.map((one) => rasterise(one, grid));
    return isStack ? stack(list) : list[0]!;
  });
  const source = await imageSource(fn, { ...options, images: pictures, shape: grid }, root);
  return {
    ...source,
    release() {
      source.release();
      pictures.dispose();
    },
  };
}

interface MeasuredSlice {
  readonly kspace: Tensor;
  readonly reference: Tensor;
  readonly noiseFree: Tensor;
  readonly noiseDeviation: Tensor;
}

async function* measureSlices(
  source: SliceSource,
  snr: number,
  root: Key,
  { signal, onProgress }: LoopOptions,
): AsyncGenerator<MeasuredSlice> {
  const breath = breathing({ signal });
  using noiseKey = foldIn(root, 'noise');
  for (let index = 0; index < source.count; index++) {
    await breath();
    using clean = await source.kspace(index);
    yield scope(() => {
      const { kspace, noiseDeviation } = addNoise(clean, snr, foldIn(noiseKey, index));
      return { kspace, noiseDeviation, reference: combined(kspace), noiseFree: combined(clean) };
    });
    onProgress?.({ step: index + 1, steps: source.count });
  }
}

/** Root sum of squares of the coil images, f32 [H, W]. */
const combined = (kspace: Tensor): Tensor => sqrt(sum(abs2(centredIfft(kspace)), { axes: -3 }));

/** All slices as one, with a slice axis if there are several. */
function joinSlices(slices: readonly MeasuredSlice[], isStack: boolean): MeasuredSlice {
  const join = (name: keyof MeasuredSlice): Tensor =>
    isStack ? stack(slices.map((slice) => slice[name])) : slices[0]![name].alias();
  return {
    kspace: join('kspace'),
    reference: join('reference'),
    noiseFree: join('noiseFree'),
    noiseDeviation: join('noiseDeviation'),
  };
}
