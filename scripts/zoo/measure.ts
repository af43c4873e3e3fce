import { espirit, type Measurement, simulate, studyMask, undersample } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import type { Recipe } from './recipes.js';

/** Of ESPIRiT: 7 columns of centre hold few kernels of the usual size 6. */
const kernel = 3;

/** Every image measured as in training, with noise, coils, phase and mask of its own, and maps from its samples. */
export async function measure(recipe: Recipe, images: Tensor, firstSeed: number): Promise<Measurement[]> {
  const { shape, coils, snr, acceleration, centerFraction } = recipe;
  const measured: Measurement[] = [];
  for (let i = 0; i < images.shape[0]!; i++) {
    const seed = firstSeed + i;
    const full = await simulate({ images: images.slice([i]), shape, coils, snr, seed });
    const m = undersample(full, studyMask({ width: shape[1], acceleration, centerFraction, seed }));
    measured.push({ ...m, maps: await espirit(m, { kernel }) });
  }
  return measured;
}
