import type { Op } from '../op.js';
import { convolutionPrimitives } from './conv/convolution.pullback.js';
import { maxPoolPrimitives } from './conv/maxPool.pullback.js';
import { elementwisePrimitives } from './elementwise/elementwise.pullback.js';
import { fftPrimitives } from './fft/fft.pullback.js';
import { indexPrimitives } from './index/index.pullback.js';
import { matmulPrimitives } from './matmul/matmul.pullback.js';
import { randomPrimitives } from './random/random.pullback.js';
import { reducePrimitives } from './reduce/reduce.pullback.js';
import { resamplePrimitives } from './resample/resample.pullback.js';
import type { Primitive } from './row.js';
import { sortPrimitives } from './sort/sort.pullback.js';
import { viewPrimitives } from './view/view.pullback.js';

/** Every op with its pullback, once. Samples stand in `rows.ts`, so that applications do not carry them. */
const primitives: readonly Primitive[] = [
  ...viewPrimitives,
  ...elementwisePrimitives,
  ...randomPrimitives,
  ...reducePrimitives,
  ...sortPrimitives,
  ...indexPrimitives,
  ...matmulPrimitives,
  ...convolutionPrimitives,
  ...maxPoolPrimitives,
  ...fftPrimitives,
  ...resamplePrimitives,
];

const byOp = new Map<Op, Primitive>(primitives.map((row) => [row.op, row]));

/** The row of a primitive: how autodiff finds its pullback. */
export const primitiveOf = (op: Op): Primitive | undefined => byOp.get(op);
