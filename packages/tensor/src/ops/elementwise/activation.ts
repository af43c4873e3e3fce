import { checkNumber, checkOptions } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import type { Tensor } from '../../tensor.js';
import { mul, sub } from './arithmetic.js';
import { greater } from './comparison.js';
import { call, type ElementwiseOp, elementwise } from './define.js';
import { constant, float, parameter, select } from './expression.js';
import { where } from './select.js';

const zero = constant(0);
const one = constant(1);

const sigmoidRow = elementwise({
  name: 'sigmoid',
  arity: 1,
  formulas: {
    float: {
      expression: (x) => {
        // Between these e⁻ˣ is neither infinite nor 0; below y would be subnormal, above it is 1.
        const clamped = float.max(float.min(x, constant(87.3)), constant(-87.3));
        const y = float.div(one, float.add(one, float.exp(float.neg(clamped))));
        return select(float.lt(x, constant(-87.3)), zero, y);
      },
      reference: (x) => 1 / (1 + Math.exp(-x)),
    },
  },
  pullbacks: [(yBar, { output }) => mul(yBar, mul(output(0), sub(1, output(0))))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['i32']] },
});
/** y = 1 / (1 + e⁻ˣ). Real x; 0 below x = −87.3. */
export const sigmoid = (x: Tensor): Tensor => call(sigmoidRow, [x], undefined);

const reluRow = elementwise({
  name: 'relu',
  arity: 1,
  formulas: {
    float: { expression: (x) => float.max(x, zero), reference: (x) => Math.max(x, 0) },
  },
  pullbacks: [(yBar, { output }) => where(greater(output(0), 0), yBar, 0)],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32']], values: 'awayFromZero' },
});
/** y = max(x, 0). Real x. Gradient 0 at x = 0. */
export const relu = (x: Tensor): Tensor => call(reluRow, [x], undefined);

const leakyReluRow = elementwise<{ readonly slope: number }>({
  name: 'leakyRelu',
  arity: 1,
  formulas: ({ slope }) => ({
    float: {
      expression: (x) => select(float.lt(zero, x), x, float.mul(x, parameter(slope))),
      reference: (x) => (x > 0 ? x : slope * x),
    },
  }),
  pullbacks: [(yBar, { input, attrs }) => where(greater(input(0), 0), yBar, mul(yBar, attrs.slope))],
  saves: { inputs: 'all' },
  samples: {
    dtypes: [['f32']],
    values: 'awayFromZero',
    attrs: [{ slope: 0.2 }, { slope: 0 }, { slope: -0.5 }],
  },
});

/**
 * y = x for x > 0, else slope · x. Real x. Gradient `slope` at x = 0, as PyTorch.
 * @throws ArgumentError unless the slope is finite.
 */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  checkTensor('leakyRelu', 'argument 1', x);
  return call(leakyReluRow, [x], { slope: checkNumber('leakyRelu', 'slope', slope) });
}

interface SoftplusAttrs {
  readonly beta: number;
  readonly threshold: number;
}

const softplusRow = elementwise<SoftplusAttrs>({
  name: 'softplus',
  arity: 1,
  formulas: ({ beta, threshold }) => ({
    float: {
      expression: (x) => {
        const t = float.mul(x, parameter(beta));
        const tail = float.log1p(float.exp(float.neg(float.abs(t))));
        const smooth = float.div(float.add(float.max(t, zero), tail), parameter(beta));
        return select(float.lt(parameter(threshold), t), x, smooth);
      },
      reference: (x) => (x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta),
    },
  }),
  pullbacks: [
    (yBar, { input, attrs: { beta, threshold } }) => {
      const t = mul(input(0), beta);
      return mul(yBar, where(greater(t, threshold), 1, sigmoid(t)));
    },
  ],
  saves: { inputs: 'all' },
  samples: {
    dtypes: [['f32']],
    values: 'awayFromZero',
    scale: 0.3,
    attrs: [
      { beta: 1, threshold: 20 },
      { beta: 2.5, threshold: 2 },
      { beta: 0.5, threshold: 3 },
    ],
  },
});

export interface SoftplusOptions {
  /** Steepness; default 1. */
  readonly beta?: number;
  /** Where beta · x is larger, y = x; default 20. */
  readonly threshold?: number;
}

/**
 * y = log(1 + e^(beta x)) / beta, and x where beta · x > threshold. Real x; parameters as PyTorch's.
 * @throws ArgumentError unless beta > 0 and threshold is finite.
 */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  checkTensor('softplus', 'argument 1', x);
  const { beta = 1, threshold = 20 } = checkOptions('softplus', options, ['beta', 'threshold']);
  return call(softplusRow, [x], {
    beta: checkNumber('softplus', 'option beta', beta, { positive: true }),
    threshold: checkNumber('softplus', 'option threshold', threshold),
  });
}

export const activationOps: readonly ElementwiseOp[] = [sigmoidRow, reluRow, leakyReluRow, softplusRow];
