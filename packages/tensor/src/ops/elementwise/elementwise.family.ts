import type { Family } from '../row.js';
import { elementwiseRows } from './elementwise.cases.js';
import { elementwisePrimitives } from './elementwise.pullback.js';

/** Functions of single elements, casts, copies and constants. */
export const elementwiseFamily: Family = {
  name: 'elementwise',
  primitives: elementwisePrimitives,
  functions: elementwiseRows,
};
