import { unet } from '@adjoint/models';
import { brainPhantom } from '@adjoint/mri';
import { concat, type Tensor } from '@adjoint/tensor';
import { headSlices, type Recipe, trainedOnHead } from '../zoo/recipes.js';

/** What both networks share; as many steps as two idle cores take in 30 minutes. */
const common = {
  network: unet({ chans: 16, pools: 3 }),
  shape: [96, 96],
  ...{ coils: 4, snr: 30, acceleration: 4, centerFraction: 0.07 },
  ...{ steps: 11_500, batchSize: 4, lr: 1e-3, seed: 1 },
} as const;

/** Subjects of the generated family, none of them on two sides. */
export const phantomSubjects = {
  test: Array.from({ length: 24 }, (_, i) => i),
  training: Array.from({ length: 240 }, (_, i) => 1000 + i),
} as const;

/** Slices of T1 brains, twice as fine as the study grid: f32 [n, 192, 192]. */
export async function phantomSlices(subjects: readonly number[]): Promise<Tensor> {
  const size = 2 * Math.max(...common.shape);
  const made: Tensor[] = [];
  for (const subject of subjects) made.push(await brainPhantom({ subject, contrast: 't1', size }));
  const all = concat(made, 0);
  for (const one of made) one.dispose();
  return all;
}

/** The networks that are compared with l1. */
export const recipes: readonly Recipe[] = [
  {
    ...common,
    name: 'unet-30-minutes-head',
    images: headSlices,
    trainedOn: trainedOnHead,
    limits: 'One person, one contrast, one grid, simulated acquisition. No medical use.',
  },
  {
    ...common,
    name: 'unet-30-minutes-phantoms',
    images: () => phantomSlices(phantomSubjects.training),
    trainedOn: `${phantomSubjects.training.length} generated T1 brains, one slice each (\`brainPhantom\`)`,
    limits: 'Generated anatomy, one contrast, one grid, simulated acquisition. No medical use.',
  },
];
