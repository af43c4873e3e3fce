import { lossRows } from '../nn/losses.cases.js';
import { networkRows } from '../nn/nn.cases.js';
import { convRows } from './conv/conv.cases.js';
import { elementwiseRows } from './elementwise/elementwise.cases.js';
import { fftRows } from './fft/fft.cases.js';
import { indexRows } from './index/index.cases.js';
import { matmulRows } from './matmul/matmul.cases.js';
import { randomOpRows, randomRows } from './random/random.cases.js';
import { reduceRows } from './reduce/reduce.cases.js';
import { resampleRows } from './resample/resample.cases.js';
import type { FunctionRow } from './row.js';
import { sortRows } from './sort/sort.cases.js';
import { viewRows } from './view/view.cases.js';
import { waveletRows } from './wavelet/wavelet.cases.js';

/** The public functions of one folder of ops, each with its samples. */
export interface Family {
  readonly name: string;
  readonly functions: readonly FunctionRow[];
}

/** Every public function on tensors, once: what tests and documentation are made from. */
export const families: readonly Family[] = [
  { name: 'view', functions: viewRows },
  { name: 'elementwise', functions: elementwiseRows },
  { name: 'random', functions: [...randomOpRows, ...randomRows] },
  { name: 'reduce', functions: reduceRows },
  { name: 'sort', functions: sortRows },
  { name: 'index', functions: indexRows },
  { name: 'matmul', functions: matmulRows },
  { name: 'conv', functions: convRows },
  { name: 'fft', functions: fftRows },
  { name: 'resample', functions: resampleRows },
  { name: 'wavelet', functions: waveletRows },
  { name: 'nn', functions: [...networkRows, ...lossRows] },
];
