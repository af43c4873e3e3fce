import { checkNumber } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import { dtypeInfo } from '../../dtype.js';
import { ArgumentError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { mul } from './arithmetic.js';
import { greaterEqual, lessEqual, logicalAnd } from './comparison.js';
import { call, type ElementwiseOp, elementwise, type Operand } from './define.js';
import { constant, float, int, intParameter, parameter, select } from './expression.js';
import { where } from './select.js';

/** Operands that are nowhere near each other, where a gradient jumps. */
const apart = [
  { step: 0.25, offset: 0.25, count: 12 },
  { step: 0.25, offset: 0.125, count: 12 },
];

/** Part of the cotangent that goes to `a` when the larger of a and b was taken. */
const shareAboveRow = elementwise({
  name: 'shareAbove',
  arity: 2,
  formulas: {
    float: {
      expression: (a, b) =>
        select(float.lt(b, a), constant(1), select(float.eq(a, b), constant(0.5), constant(0))),
      reference: (a, b) => (a > b ? 1 : a === b ? 0.5 : 0),
    },
  },
  pullbacks: [() => undefined, () => undefined],
  samples: { dtypes: [['f32', 'f32']], values: apart },
});

/** 1 where a > b, 1/2 where they are equal, else 0; broadcast. Gradient 0. */
export const shareAbove = (a: Operand, b: Operand): Tensor => call(shareAboveRow, [a, b], undefined);

const samples = {
  dtypes: [
    ['f32', 'f32'],
    ['i32', 'f32'],
    ['u8', 'i32'],
  ],
  values: apart,
} as const;

const maximumRow = elementwise({
  name: 'maximum',
  arity: 2,
  formulas: {
    integer: { expression: int.max, reference: Math.max },
    float: { expression: float.max, reference: Math.max },
  },
  pullbacks: [
    (yBar, { input }) => mul(yBar, shareAbove(input(0), input(1))),
    (yBar, { input }) => mul(yBar, shareAbove(input(1), input(0))),
  ],
  saves: { inputs: 'all' },
  samples,
});
/** y = max(a, b), broadcast; NaN if either is. Real operands. Equal operands get half the gradient each, as PyTorch. */
export const maximum = (a: Operand, b: Operand): Tensor => call(maximumRow, [a, b], undefined);

const minimumRow = elementwise({
  name: 'minimum',
  arity: 2,
  formulas: {
    integer: { expression: int.min, reference: Math.min },
    float: { expression: float.min, reference: Math.min },
  },
  pullbacks: [
    (yBar, { input }) => mul(yBar, shareAbove(input(1), input(0))),
    (yBar, { input }) => mul(yBar, shareAbove(input(0), input(1))),
  ],
  saves: { inputs: 'all' },
  samples,
});
/** y = min(a, b), broadcast; NaN if either is. Real operands. Equal operands get half the gradient each, as PyTorch. */
export const minimum = (a: Operand, b: Operand): Tensor => call(minimumRow, [a, b], undefined);

interface ClampAttrs {
  readonly min: number;
  readonly max: number;
}

const clampRow = elementwise<ClampAttrs>({
  name: 'clamp',
  arity: 1,
  formulas: ({ min, max }) => ({
    integer: {
      expression: (x) => int.min(int.max(x, intParameter(min)), intParameter(max)),
      reference: (x) => Math.min(Math.max(x, min), max),
    },
    float: {
      expression: (x) => float.min(float.max(x, parameter(min)), parameter(max)),
      reference: (x) => Math.min(Math.max(x, min), max),
    },
  }),
  pullbacks: [
    (yBar, { input, attrs: { min, max } }) => {
      const isInside = logicalAnd(greaterEqual(input(0), min), lessEqual(input(0), max));
      return where(isInside, yBar, 0);
    },
  ],
  saves: { inputs: 'all' },
  samples: {
    dtypes: [['f32'], ['i32']],
    attrs: [
      { min: -1, max: 0 },
      { min: -2, max: 1 },
    ],
    values: { step: 0.25, offset: 0.125, count: 12 },
  },
});

/**
 * y = min(max(x, min), max). Real x; bounds of integers are rounded inwards. The gradient is 1 inside and at
 * the bounds, 0 outside. For one bound only: maximum, minimum.
 *
 * @throws ArgumentError unless both bounds are finite and min <= max.
 */
export function clamp(x: Tensor, min: number, max: number): Tensor {
  const fn = 'clamp';
  checkTensor(fn, 'argument 1', x);
  const low = checkNumber(fn, 'min', min);
  const high = checkNumber(fn, 'max', max);
  if (low > high)
    throw new ArgumentError({ fn, argument: 'min', expected: `at most max (${high})`, got: String(low) });
  const { kind } = dtypeInfo[x.dtype];
  const isInteger = kind === 'integer' || kind === 'bool';
  return call(
    clampRow,
    [x],
    isInteger ? { min: Math.ceil(low), max: Math.floor(high) } : { min: low, max: high },
  );
}

export const extremumOps: readonly ElementwiseOp[] = [shareAboveRow, maximumRow, minimumRow, clampRow];
