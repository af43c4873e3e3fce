import type { Tensor } from '../../tensor.js';
import { add, div, mul } from './arithmetic.js';
import { expPair, logPair, reciprocalPair, sqrtPair } from './complexExpression.js';
import { z, zDiv, zExp, zLog, zSqrt } from './complexNumber.js';
import { conj } from './conj.js';
import { call, type ElementwiseOp, elementwise } from './define.js';
import { constant, float } from './expression.js';

const expRow = elementwise({
  name: 'exp',
  arity: 1,
  formulas: {
    float: { expression: float.exp, reference: Math.exp },
    complex: { expression: expPair, reference: zExp },
  },
  pullbacks: [(yBar, { output }) => mul(yBar, conj(output(0)))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['c64'], ['i32']] },
});
/** y = eˣ. Results below 1.2e-38 are 0. */
export const exp = (x: Tensor): Tensor => call(expRow, [x], undefined);

const expm1Row = elementwise({
  name: 'expm1',
  arity: 1,
  formulas: { float: { expression: float.expm1, reference: Math.expm1 } },
  pullbacks: [(yBar, { output }) => mul(yBar, add(output(0), 1))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32']] },
});
/** y = eˣ − 1, accurate near 0. Real x. */
export const expm1 = (x: Tensor): Tensor => call(expm1Row, [x], undefined);

const logRow = elementwise({
  name: 'log',
  arity: 1,
  formulas: {
    float: { expression: float.log, reference: Math.log },
    complex: { expression: logPair, reference: zLog },
  },
  pullbacks: [(yBar, { input }) => div(yBar, conj(input(0)))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']], values: 'positive' },
});
/** y = log x; real x < 0 gives NaN, complex x the principal branch (imaginary part in (−π, π]). */
export const log = (x: Tensor): Tensor => call(logRow, [x], undefined);

const log1pRow = elementwise({
  name: 'log1p',
  arity: 1,
  formulas: { float: { expression: float.log1p, reference: Math.log1p } },
  pullbacks: [(yBar, { input }) => div(yBar, add(input(0), 1))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32']], values: 'positive' },
});
/** y = log(1 + x), accurate near 0. Real x. */
export const log1p = (x: Tensor): Tensor => call(log1pRow, [x], undefined);

const sqrtRow = elementwise({
  name: 'sqrt',
  arity: 1,
  formulas: {
    float: { expression: float.sqrt, reference: Math.sqrt },
    complex: { expression: sqrtPair, reference: zSqrt },
  },
  pullbacks: [(yBar, { output }) => div(yBar, mul(2, conj(output(0))))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']], values: 'positive' },
});
/** y = √x; real x < 0 gives NaN, complex x the principal branch (real part >= 0). The gradient at 0 is infinite. */
export const sqrt = (x: Tensor): Tensor => call(sqrtRow, [x], undefined);

const rsqrtRow = elementwise({
  name: 'rsqrt',
  arity: 1,
  formulas: {
    float: { expression: (x) => float.div(constant(1), float.sqrt(x)), reference: (x) => 1 / Math.sqrt(x) },
    complex: { expression: (x) => reciprocalPair(sqrtPair(x)), reference: (x) => zDiv(z(1), zSqrt(x)) },
  },
  pullbacks: [
    (yBar, { output }) => {
      const y = conj(output(0));
      return mul(yBar, mul(-0.5, mul(y, mul(y, y))));
    },
  ],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']], values: 'positive' },
});
/** y = 1/√x, principal branch. */
export const rsqrt = (x: Tensor): Tensor => call(rsqrtRow, [x], undefined);

export const exponentialOps: readonly ElementwiseOp[] = [
  expRow,
  expm1Row,
  logRow,
  log1pRow,
  sqrtRow,
  rsqrtRow,
];
