import type { Network } from '@adjoint/models';
import { unet } from '@adjoint/models';
import { builtinImages, headSplit } from '@adjoint/mri';
import { concat, type Tensor } from '@adjoint/tensor';

/** How shipped weights are made. Everything in it goes into the model card. */
export interface Recipe {
  readonly name: string;
  readonly network: Network;
  /** Study grid. */
  readonly shape: readonly [number, number];
  readonly coils: number;
  readonly snr: number;
  readonly acceleration: number;
  readonly centerFraction: number;
  readonly steps: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  /** What is measured: [n, N, N]. */
  images(): Promise<Tensor>;
  readonly trainedOn: string;
  /** What the weights cannot show. */
  readonly limits: string;
}

const { training } = headSplit('axial');

/** Axial slices of both volumes of the head, the middle of the anatomy and 10 mm around it left out. */
export async function headSlices(): Promise<Tensor> {
  const sets = [];
  for (const volume of [1, 2]) sets.push(await builtinImages('head', { volume, slices: training }));
  return concat(
    sets.map(({ images }) => images),
    0,
  );
}

export const trainedOnHead =
  `axial slices ${training[0]} to ${training.at(-1)} of both volumes of the built-in T1 head (one person), without the ` +
  'slices of `headSplit("axial").test` and those less than 10 mm from them';

/** Of the weights that @adjoint/models ships. */
export const recipes: readonly Recipe[] = [
  {
    name: 'unet-head-t1',
    network: unet({ chans: 8, pools: 3 }),
    shape: [96, 96],
    coils: 4,
    snr: 30,
    acceleration: 4,
    centerFraction: 0.07,
    steps: 4000,
    batchSize: 4,
    lr: 2e-3,
    seed: 1,
    images: headSlices,
    trainedOn: trainedOnHead,
    limits: 'One person, one contrast, one grid, simulated acquisition. No medical use.',
  },
];
