import { nnFamily } from '../nn/nn.family.js';
import type { Op } from '../op.js';
import { convFamily } from './conv/conv.family.js';
import { elementwiseFamily } from './elementwise/elementwise.family.js';
import { fftFamily } from './fft/fft.family.js';
import { indexFamily } from './index/index.family.js';
import { matmulFamily } from './matmul/matmul.family.js';
import { randomFamily } from './random/random.family.js';
import { reduceFamily } from './reduce/reduce.family.js';
import { resampleFamily } from './resample/resample.family.js';
import type { Family, Primitive } from './row.js';
import { sortFamily } from './sort/sort.family.js';
import { viewFamily } from './view/view.family.js';
import { waveletFamily } from './wavelet/wavelet.family.js';

/** Every op, once. A new op is one folder and one line here; tests, derivatives and docs follow from it. */
export const families: readonly Family[] = [
  viewFamily,
  elementwiseFamily,
  randomFamily,
  reduceFamily,
  sortFamily,
  indexFamily,
  matmulFamily,
  convFamily,
  fftFamily,
  resampleFamily,
  waveletFamily,
  nnFamily,
];

const byOp = new Map<Op, Primitive>();
for (const family of families) for (const row of family.primitives) byOp.set(row.op, row);

/** The row of a primitive: how autodiff finds its pullback. */
export const primitiveOf = (op: Op): Primitive | undefined => byOp.get(op);
