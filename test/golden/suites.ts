import { attackSuite } from './attack.js';
import { bartSuite } from './bart.js';
import { complexGradSuite } from './complexGrad.js';
import { fftSuite } from './fft.js';
import { masksSuite } from './masks.js';
import { metricsSuite } from './metrics.js';
import { nnOpsSuite } from './nnOps.js';
import { robustLinearSuite } from './robustLinear.js';
import { solversSuite } from './solvers.js';
import type { Suite } from './suite.js';
import { unetSuite } from './unet.js';
import { waveletSuite } from './wavelet.js';

/** One per file that a package covers. */
export const suites: readonly Suite[] = [
  attackSuite,
  bartSuite,
  fftSuite,
  complexGradSuite,
  masksSuite,
  metricsSuite,
  nnOpsSuite,
  robustLinearSuite,
  solversSuite,
  unetSuite,
  waveletSuite,
];
