import { arrayCases } from './array.js';
import { attackCases } from './attack.js';
import type { BenchCase } from './case.js';
import { coilCases } from './coils.js';
import { fourierCases } from './fourier.js';
import { networkCases } from './network.js';
import { reconstructionCases } from './reconstruction.js';
import { senseCases } from './sense.js';
import { unetCases } from './unet.js';
import { waveletCases } from './wavelet.js';

/** Every family of kernels has a row. */
export const benchCases: readonly BenchCase[] = [
  ...fourierCases,
  ...senseCases,
  ...coilCases,
  ...reconstructionCases,
  ...networkCases,
  ...unetCases,
  ...attackCases,
  ...waveletCases,
  ...arrayCases,
];
