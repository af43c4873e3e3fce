import { espirit, type Measurement } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';

/** ESPIRiT's usual kernel, and the one for centres that it hardly fits into. */
const usualKernel = 6;
const smallKernel = 3;

/** Side of the kernel for a fully sampled centre of that many lines: the usual one needs about twice its side. */
export const kernelFor = (centre: number): number => (centre >= 2 * usualKernel ? usualKernel : smallKernel);

/**
 * Coil maps from the samples alone, whatever maps the measurement has. With 7 lines in the centre, as quick studies have,
 * the usual kernel of 6 finds nearly no support; 3 finds the object's.
 */
export function estimateMaps(measurement: Measurement, centre: number): Promise<Tensor> {
  return espirit({ ...measurement, maps: undefined }, { kernel: kernelFor(centre) });
}
