import type { Family } from '../row.js';
import { primitive } from '../row.js';
import { argsortOp } from './argsort.js';
import { sortRows } from './sort.cases.js';

/** Order of values: one primitive; values and gradients go through gather. */
export const sortFamily: Family = {
  name: 'sort',
  primitives: [primitive({ op: argsortOp, why: 'integer result' })],
  functions: sortRows,
};
