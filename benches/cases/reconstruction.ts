import { l1, totalVariation } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { type BenchCase, bench, coilMaps, kspace, mask } from './case.js';

const iterations = 100;
/** In the unit of the data, whose image is of order 1: `pics -w 1`. */
const weight = { lambda: 0.005, scaling: 'absolute' } as const;

/** As `bart pics -l1 -i 100`: FISTA with random shifts; other wavelets' edges, and other shifts. */
const l1Recon = (y: Tensor, maps: Tensor, sampled: Tensor): Promise<Tensor> =>
  l1({ maps, ...weight, iterations, wavelet: 'db2' }).reconstruct({ kspace: y, mask: sampled });

/** As `bart pics -R T:3:0:λ -i 100`: ADMM with 100 conjugate gradient steps in all. */
const tvRecon = (y: Tensor, maps: Tensor, sampled: Tensor): Promise<Tensor> =>
  totalVariation({ maps, ...weight, iterations }).reconstruct({ kspace: y, mask: sampled });

const shape = [15, 320, 320] as const;
const inputs = [kspace(...shape), coilMaps(...shape), mask(320)];

export const reconstructionCases: readonly BenchCase[] = [
  bench('l1_recon_i100', shape, inputs, l1Recon, { isAsync: true, tolerance: 0.1 }),
  bench('tv_recon_i100', shape, inputs, tvRecon, { isAsync: true, tolerance: 0.1 }),
];
