import type { Family } from '../ops/row.js';
import { lossRows } from './losses.cases.js';
import { networkRows } from './nn.cases.js';

/** Functional network forms: compositions of other families' ops, without kernels of their own. */
export const nnFamily: Family = { name: 'nn', primitives: [], functions: [...networkRows, ...lossRows] };
