import { type LoopOptions, simulate } from '@adjoint/mri';
import {
  centredIfft,
  checkInteger,
  checkOptions,
  checkTensor,
  formatShape,
  type Key,
  ShapeError,
  scope,
  slice,
  type Tensor,
} from '@adjoint/tensor';
import { MaskedSamples, type SamplingOptions, samplingOptionNames } from './maskedSamples.js';
import type { Sample, TrainingData } from './trainingData.js';

export interface SimulatedDataOptions extends SamplingOptions, LoopOptions {
  /** Objects on their native grid, [n, N, M]: `builtinImages`. */
  readonly images: Tensor;
  /** Of the acquisitions, [H, W]; default half the native grid. */
  readonly shape?: readonly [height: number, width: number] | undefined;
  /** Default 4. */
  readonly coils?: number | undefined;
  /** In dB, as `simulate` takes it; default 30. */
  readonly snr?: number | undefined;
  /** Of coils, phases and noise; default 0. */
  readonly seed?: number | undefined;
  /** How many rings of coils are drawn; images take them in turn. Default 8. */
  readonly coilRings?: number | undefined;
}

const optionNames = ['images', 'shape', 'coils', 'snr', 'seed', 'coilRings', 'signal', 'onProgress'];

/** Simulated acquisitions to train on. */
export interface SimulatedData extends TrainingData {
  /** Frees the acquisitions. */
  dispose(): void;
}

/**
 * Examples for image-to-image networks from pictures: each is measured once (`simulate`: coils, phase, noise, no
 * inverse crime), and every example of it is moved and masked anew. `input` and `target` are f32 [1, H, W], normalised as
 * for `unetReconstructor`; the target is the root sum of squares of the noisy full k-space; `mean` and `std` lead back.
 *
 * @throws ArgumentError, ShapeError, and what `simulate` throws
 * @example
 * const { training } = headSplit('axial');
 * const { images } = await builtinImages('head', { slices: training });
 * const data = await simulatedTrainingData({ images, shape: [96, 96] });
 */
export async function simulatedTrainingData(options: SimulatedDataOptions): Promise<SimulatedData> {
  const fn = 'simulatedTrainingData';
  checkOptions(fn, options, [...optionNames, ...samplingOptionNames]);
  const { images, shape, coils = 4, snr = 30, seed = 0, coilRings = 8, signal, onProgress } = options;
  const { rank, shape: given } = checkTensor(fn, 'option images', images);
  if (rank !== 3 || given[0] === 0)
    throw new ShapeError({
      fn,
      argument: 'option images',
      expected: '[n, N, M], n >= 1',
      got: formatShape(given),
    });
  checkInteger(fn, 'option coilRings', coilRings, { min: 1 });
  checkInteger(fn, 'option seed', seed, { min: 0, max: 2 ** 31 });
  const samples = new MaskedSamples(fn, options, undefined);
  const size = given[0]!;
  const rings = Math.min(coilRings, size);
  const stacks: Tensor[] = [];
  try {
    for (let ring = 0; ring < rings; ring++) {
      using objects = slice(images, [[ring, size, rings]]);
      const made = await simulate({ images: objects, shape, coils, snr, seed: seed * rings + ring, signal });
      stacks.push(scope(() => centredIfft(made.kspace)));
      for (const part of [
        made.kspace,
        made.mask,
        made.reference,
        made.noiseFree,
        made.trueMaps,
        made.noiseDeviation,
      ])
        part.dispose();
      onProgress?.({ step: ring + 1, steps: rings });
    }
  } catch (error) {
    for (const stack of stacks) stack.dispose();
    throw error;
  }
  return {
    size,
    async sample(index: number, key: Key): Promise<Sample> {
      checkInteger(fn, 'index', index, { min: 0, max: size - 1 });
      using coilImages = slice(stacks[index % rings]!, [Math.floor(index / rings)]);
      return await samples.of(coilImages, key);
    },
    dispose() {
      samples.dispose();
      for (const stack of stacks) stack.dispose();
    },
  };
}
