import type { Family } from '../row.js';
import { resampleRows } from './resample.cases.js';
import { resamplePrimitives } from './resample.pullback.js';

/** Sparse real maps along axes: padding, interpolation, average pooling, and the wavelets' filter banks. */
export const resampleFamily: Family = {
  name: 'resample',
  primitives: resamplePrimitives,
  functions: resampleRows,
};
