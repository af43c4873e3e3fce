import type { Family } from '../row.js';
import { convRows } from './conv.cases.js';
import { convolutionPrimitives } from './convolution.pullback.js';
import { maxPoolPrimitives } from './maxPool.pullback.js';

export const convFamily: Family = {
  name: 'conv',
  primitives: [...convolutionPrimitives, ...maxPoolPrimitives],
  functions: convRows,
};
