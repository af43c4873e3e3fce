import type { Tensor } from '../../tensor.js';
import { call, type ElementwiseOp, elementwise, type Formulas, type Operand } from './define.js';
import { constant, float, int, mask, type Node } from './expression.js';

const why = 'bool result';
const toBool = () => 'bool' as const;
const pairDTypes = [
  ['f32', 'f32'],
  ['i32', 'f32'],
  ['u8', 'i32'],
  ['bool', 'bool'],
] as const;
const withComplex = [...pairDTypes, ['c64', 'c64'], ['c64', 'f32']] as const;

/** A comparison that integers and floats have in common. */
const compared = (
  integer: (a: Node, b: Node) => Node,
  real: (a: Node, b: Node) => Node,
  reference: (a: number, b: number) => boolean,
): Formulas => ({ integer: { expression: integer, reference }, float: { expression: real, reference } });

const equalRow = elementwise({
  name: 'equal',
  arity: 2,
  result: toBool,
  formulas: {
    ...compared(int.eq, float.eq, (a, b) => a === b),
    complex: {
      expression: (a, b) => mask.and(float.eq(a.re, b.re), float.eq(a.im, b.im)),
      reference: (a, b) => a.re === b.re && a.im === b.im,
    },
  },
  why,
  samples: { dtypes: withComplex, values: { low: 0, high: 3 } },
});
/** y = (a = b), bool, broadcast; NaN equals nothing. */
export const equal = (a: Operand, b: Operand): Tensor => call(equalRow, [a, b], undefined);

const notEqualRow = elementwise({
  name: 'notEqual',
  arity: 2,
  result: toBool,
  formulas: {
    ...compared(
      (a, b) => mask.not(int.eq(a, b)),
      (a, b) => mask.not(float.eq(a, b)),
      (a, b) => a !== b,
    ),
    complex: {
      expression: (a, b) => mask.not(mask.and(float.eq(a.re, b.re), float.eq(a.im, b.im))),
      reference: (a, b) => a.re !== b.re || a.im !== b.im,
    },
  },
  why,
  samples: { dtypes: withComplex, values: { low: 0, high: 3 } },
});
/** y = (a ≠ b), bool, broadcast; NaN differs from everything. */
export const notEqual = (a: Operand, b: Operand): Tensor => call(notEqualRow, [a, b], undefined);

const ordered = (name: string, formulas: Formulas): ElementwiseOp<undefined> =>
  elementwise({
    name,
    arity: 2,
    result: toBool,
    formulas,
    why,
    samples: { dtypes: pairDTypes, values: { low: -1, high: 2 } },
  });

const lessRow = ordered(
  'less',
  compared(int.lt, float.lt, (a, b) => a < b),
);
/** y = (a < b), bool, broadcast. Real operands. */
export const less = (a: Operand, b: Operand): Tensor => call(lessRow, [a, b], undefined);

const lessEqualRow = ordered(
  'lessEqual',
  compared(
    (a, b) => mask.not(int.lt(b, a)),
    float.le,
    (a, b) => a <= b,
  ),
);
/** y = (a ≤ b), bool, broadcast. Real operands. */
export const lessEqual = (a: Operand, b: Operand): Tensor => call(lessEqualRow, [a, b], undefined);

const greaterRow = ordered(
  'greater',
  compared(
    (a, b) => int.lt(b, a),
    (a, b) => float.lt(b, a),
    (a, b) => a > b,
  ),
);
/** y = (a > b), bool, broadcast. Real operands. */
export const greater = (a: Operand, b: Operand): Tensor => call(greaterRow, [a, b], undefined);

const greaterEqualRow = ordered(
  'greaterEqual',
  compared(
    (a, b) => mask.not(int.lt(a, b)),
    (a, b) => float.le(b, a),
    (a, b) => a >= b,
  ),
);
/** y = (a ≥ b), bool, broadcast. Real operands. */
export const greaterEqual = (a: Operand, b: Operand): Tensor => call(greaterEqualRow, [a, b], undefined);

const logical = (
  name: string,
  arity: number,
  expression: (...x: Node[]) => Node,
  reference: (...x: number[]) => boolean,
): ElementwiseOp<undefined> =>
  elementwise({
    name,
    arity,
    conditions: arity,
    formulas: { bool: { expression, reference } },
    why,
    samples: {
      dtypes: [Array(arity).fill('bool'), Array(arity).fill('f32'), Array(arity).fill('c64')],
      values: { low: 0, high: 2 },
    },
  });

const logicalAndRow = logical(
  'logicalAnd',
  2,
  (a, b) => mask.and(a!, b!),
  (a, b) => a === 1 && b === 1,
);
/** y = a ∧ b, bool, broadcast; numbers other than 0 count as true. */
export const logicalAnd = (a: Operand, b: Operand): Tensor => call(logicalAndRow, [a, b], undefined);

const logicalOrRow = logical(
  'logicalOr',
  2,
  (a, b) => mask.or(a!, b!),
  (a, b) => a === 1 || b === 1,
);
/** y = a ∨ b, bool, broadcast; numbers other than 0 count as true. */
export const logicalOr = (a: Operand, b: Operand): Tensor => call(logicalOrRow, [a, b], undefined);

const logicalNotRow = logical(
  'logicalNot',
  1,
  (a) => mask.not(a!),
  (a) => a === 0,
);
/** y = ¬x, bool; numbers other than 0 count as true. */
export const logicalNot = (x: Tensor): Tensor => call(logicalNotRow, [x], undefined);

const infinity = constant(Infinity);
const isFiniteLane = (x: Node): Node => float.lt(float.abs(x), infinity);

const tested = (name: string, lane: (x: Node) => Node, test: (x: number) => boolean, any: boolean) =>
  elementwise({
    name,
    arity: 1,
    result: toBool,
    formulas: {
      float: { expression: lane, reference: test },
      complex: {
        expression: ({ re, im }) => (any ? mask.or : mask.and)(lane(re), lane(im)),
        reference: ({ re, im }) => (any ? test(re) || test(im) : test(re) && test(im)),
      },
    },
    why,
    samples: { dtypes: [['f32'], ['c64'], ['i32']] },
  });

const isNanRow = tested('isNan', float.isNan, Number.isNaN, true);
/** Whether x, or a part of it, is NaN; bool. */
export const isNan = (x: Tensor): Tensor => call(isNanRow, [x], undefined);

const isFiniteRow = tested('isFinite', isFiniteLane, Number.isFinite, false);
/** Whether x, and both parts of it, are neither infinite nor NaN; bool. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name NumPy and PyTorch use
export const isFinite = (x: Tensor): Tensor => call(isFiniteRow, [x], undefined);

export const comparisonOps: readonly ElementwiseOp[] = [
  equalRow,
  notEqualRow,
  lessRow,
  lessEqualRow,
  greaterRow,
  greaterEqualRow,
  logicalAndRow,
  logicalOrRow,
  logicalNotRow,
  isNanRow,
  isFiniteRow,
];
