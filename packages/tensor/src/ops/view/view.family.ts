import type { Family } from '../row.js';
import { viewRows } from './view.cases.js';
import { viewPrimitives } from './view.pullback.js';

/** Other layouts of the same memory: no element is moved. */
export const viewFamily: Family = { name: 'view', primitives: viewPrimitives, functions: viewRows };
