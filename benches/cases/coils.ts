import { espirit } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { type BenchCase, bench, kspace } from './case.js';

/** As `bart ecalib -m1 -P`: the phase of coil 0, which does not hang on an arbitrary one. */
const calibrate = (k: Tensor): Promise<Tensor> => espirit(k, { rotatePhase: false });

export const coilCases: readonly BenchCase[] = [
  bench('espirit', [15, 320, 320], [kspace(15, 320, 320)], calibrate, { isAsync: true }),
];
