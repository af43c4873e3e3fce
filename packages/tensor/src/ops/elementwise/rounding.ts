import type { Tensor } from '../../tensor.js';
import { mul, neg } from './arithmetic.js';
import { call, type ElementwiseOp, elementwise, type Operand } from './define.js';
import { constant, float, int, intConstant, mask, type Node, select } from './expression.js';

/** Operands whose quotients are nowhere near an integer: (k + ½) / 1 or 2. */
const quotients = {
  dtypes: [
    ['f32', 'f32'],
    ['i32', 'i32'],
    ['u8', 'u8'],
  ],
  values: [
    { step: 1, offset: 0.5, count: 6 },
    { step: 1, offset: 1, count: 2 },
  ],
} as const;

/** Piecewise constant functions: the gradient is 0. Integers stay as they are. */
const rounding = (name: string, expression: (x: Node) => Node, reference: (x: number) => number) =>
  elementwise({
    name,
    arity: 1,
    formulas: { integer: { expression: (x) => x, reference: (x) => x }, float: { expression, reference } },
    pullbacks: [() => undefined],
    samples: { dtypes: [['f32'], ['i32']], values: { step: 0.25, offset: 0.125, count: 16 } },
  });

/** Ties to even. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

const floorRow = rounding('floor', float.floor, Math.floor);
/** y = ⌊x⌋. Real x; gradient 0. */
export const floor = (x: Tensor): Tensor => call(floorRow, [x], undefined);

const ceilRow = rounding('ceil', float.ceil, Math.ceil);
/** y = ⌈x⌉. Real x; gradient 0. */
export const ceil = (x: Tensor): Tensor => call(ceilRow, [x], undefined);

const roundRow = rounding('round', float.round, roundHalfEven);
/** y = the integer nearest to x, ties to even, as NumPy and PyTorch. Real x; gradient 0. */
export const round = (x: Tensor): Tensor => call(roundRow, [x], undefined);

const truncRow = rounding('trunc', float.trunc, Math.trunc);
/** y = x without its fraction, towards 0. Real x; gradient 0. */
export const trunc = (x: Tensor): Tensor => call(truncRow, [x], undefined);

/** Whether a remainder must move by the divisor to get its sign. */
const hasWrongSign = (rest: Node, b: Node): Node =>
  mask.and(mask.not(int.eq(rest, intConstant(0))), int.lt(int.xor(rest, b), intConstant(0)));

const floorDivideRow = elementwise({
  name: 'floorDivide',
  arity: 2,
  formulas: {
    integer: {
      expression: (a, b) => {
        const quotient = int.div(a, b);
        return select(hasWrongSign(int.rem(a, b), b), int.sub(quotient, intConstant(1)), quotient);
      },
      reference: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
    },
    float: { expression: (a, b) => float.floor(float.div(a, b)), reference: (a, b) => Math.floor(a / b) },
  },
  pullbacks: [() => undefined, () => undefined],
  samples: quotients,
});
/** y = ⌊a / b⌋, broadcast; of integers an integer, and 0 where b = 0. Real operands; gradient 0. */
export const floorDivide = (a: Operand, b: Operand): Tensor => call(floorDivideRow, [a, b], undefined);

const remainderRow = elementwise({
  name: 'remainder',
  arity: 2,
  formulas: {
    integer: {
      expression: (a, b) => {
        const rest = int.rem(a, b);
        return select(hasWrongSign(rest, b), int.add(rest, b), rest);
      },
      reference: (a, b) => (b === 0 ? 0 : a - Math.floor(a / b) * b),
    },
    float: {
      expression: (a, b) => {
        const rest = float.sub(a, float.mul(float.floor(float.div(a, b)), b));
        // The quotient may have been rounded up to the next integer.
        const isBehind = float.lt(float.mul(rest, float.copysign(constant(1), b)), constant(0));
        return select(isBehind, float.add(rest, b), rest);
      },
      reference: (a, b) => a - Math.floor(a / b) * b,
    },
  },
  pullbacks: [(yBar) => yBar, (yBar, { input }) => neg(mul(yBar, floorDivide(input(0), input(1))))],
  saves: { inputs: 'all' },
  samples: quotients,
});
/**
 * y = a − ⌊a / b⌋ b, broadcast: the remainder with the sign of b. Of integers 0 where b = 0, of floats NaN.
 * Exact for integers; for floats as exact as the quotient, so |a / b| should stay below 2²³. Real operands.
 */
export const remainder = (a: Operand, b: Operand): Tensor => call(remainderRow, [a, b], undefined);

export const roundingOps: readonly ElementwiseOp[] = [
  floorRow,
  ceilRow,
  roundRow,
  truncRow,
  floorDivideRow,
  remainderRow,
];
