import type { Family } from '../row.js';
import { fftRows } from './fft.cases.js';
import { fftPrimitives } from './fft.pullback.js';

export const fftFamily: Family = { name: 'fft', primitives: fftPrimitives, functions: fftRows };
