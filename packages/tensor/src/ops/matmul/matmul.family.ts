import type { Family } from '../row.js';
import { matmulRows } from './matmul.cases.js';
import { matmulPrimitives } from './matmul.pullback.js';

export const matmulFamily: Family = { name: 'matmul', primitives: matmulPrimitives, functions: matmulRows };
