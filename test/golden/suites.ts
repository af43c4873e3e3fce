import { complexGradSuite } from './complexGrad.js';
import { fftSuite } from './fft.js';
import { nnOpsSuite } from './nnOps.js';
import type { Suite } from './suite.js';
import { waveletSuite } from './wavelet.js';

/** One per file that a package covers. */
export const suites: readonly Suite[] = [fftSuite, complexGradSuite, nnOpsSuite, waveletSuite];
