import type { Family } from '../row.js';
import { reduceRows } from './reduce.cases.js';
import { reducePrimitives } from './reduce.pullback.js';

/** Many elements to one, and running sums. */
export const reduceFamily: Family = { name: 'reduce', primitives: reducePrimitives, functions: reduceRows };
