import { l1, totalVariation } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { type BenchCase, bench, coilMaps, kspace, mask } from './case.js';

const iterations = 100;
/** Of max|A^H y|. */
const lambda = 0.005;

/** As `bart pics -l1 -i 100`: FISTA with random shifts; other wavelets' edges, and other shifts. */
const l1Recon = (y: Tensor, maps: Tensor, sampled: Tensor): Promise<Tensor> =>
  l1({ maps, lambda, iterations, wavelet: 'db2' }).reconstruct({ kspace: y, mask: sampled });

/** As `bart pics -R T:3:0:λ -i 100`: ADMM with 100 conjugate gradient steps in all. */
const tvRecon = (y: Tensor, maps: Tensor, sampled: Tensor): Promise<Tensor> =>
  totalVariation({ maps, lambda, iterations }).reconstruct({ kspace: y, mask: sampled });

const shape = [15, 320, 320] as const;
const inputs = [kspace(...shape), coilMaps(...shape), mask(320)];

export const reconstructionCases: readonly BenchCase[] = [
  bench('l1_recon_i100', shape, inputs, l1Recon, { isAsync: true, tolerance: 0.1 }),
  bench('tv_recon_i100', shape, inputs, tvRecon, { isAsync: true, tolerance: 0.1 }),
];
