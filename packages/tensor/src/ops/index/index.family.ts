import type { Family } from '../row.js';
import { indexRows } from './index.cases.js';
import { indexPrimitives } from './index.pullback.js';

/** Elements put together, placed and looked up. */
export const indexFamily: Family = { name: 'index', primitives: indexPrimitives, functions: indexRows };
