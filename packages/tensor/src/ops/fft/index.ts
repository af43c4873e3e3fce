export { centredFft, centredIfft, fftshift, ifftshift } from './centred.js';
export { fft, fft2, fftn, ifft, ifft2, ifftn } from './fft.js';
export { fftfreq } from './fftfreq.js';
export type { FftNorm, FftnOptions, FftOptions, ShiftOptions } from './options.js';
export { type IrfftOptions, irfft, rfft } from './realFft.js';
