import type { Family } from '../row.js';
import { waveletRows } from './wavelet.cases.js';

/** Discrete wavelet transforms: compositions of `axisMap`, so without primitives of their own. */
export const waveletFamily: Family = { name: 'wavelet', primitives: [], functions: waveletRows };
