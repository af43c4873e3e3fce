import { centredFft, fft, fft2 } from '@adjoint/tensor';
import { type BenchCase, bench, c64 } from './case.js';

const perShape = (...shape: number[]): BenchCase[] => [
  bench('fft2_c64', shape, [c64(...shape)], (x) => fft2(x, { norm: 'ortho' })),
  bench('fft2c_c64', shape, [c64(...shape)], (x) => centredFft(x)),
];

export const fourierCases: readonly BenchCase[] = [
  ...perShape(15, 640, 368),
  ...perShape(15, 320, 320),
  bench('fft_c64', [1000, 1024], [c64(1000, 1024)], (x) => fft(x)),
  bench('fft_prime', [500, 1009], [c64(500, 1009)], (x) => fft(x)),
];
