import type { Tensor } from '../../tensor.js';
import { savesOfProduct } from '../row.js';
import { addPair, divPair, mulPair, negPair, reciprocalPair, subPair } from './complexExpression.js';
import { z, zAdd, zDiv, zMul, zSub } from './complexNumber.js';
import { conj } from './conj.js';
import { call, type ElementwiseOp, elementwise, type Operand } from './define.js';
import { constant, float, int } from './expression.js';

const arithmeticDTypes = [
  ['f32', 'f32'],
  ['c64', 'c64'],
  ['f32', 'c64'],
  ['i32', 'f32'],
  ['i32', 'i32'],
  ['u8', 'bool'],
] as const;

const addRow = elementwise({
  name: 'add',
  arity: 2,
  formulas: {
    integer: { expression: int.add, reference: (a, b) => a + b },
    float: { expression: float.add, reference: (a, b) => a + b },
    complex: { expression: addPair, reference: zAdd },
  },
  pullbacks: [(yBar) => yBar, (yBar) => yBar],
  samples: { dtypes: arithmeticDTypes, linear: 'complex' },
});

/** y = a + b, broadcast; bool counts as 0 and 1, integers wrap. */
export const add = (a: Operand, b: Operand): Tensor => call(addRow, [a, b], undefined);

const subRow = elementwise({
  name: 'sub',
  arity: 2,
  formulas: {
    integer: { expression: int.sub, reference: (a, b) => a - b },
    float: { expression: float.sub, reference: (a, b) => a - b },
    complex: { expression: subPair, reference: zSub },
  },
  pullbacks: [(yBar) => yBar, (yBar) => neg(yBar)],
  samples: { dtypes: arithmeticDTypes, linear: 'complex' },
});

/** y = a − b, broadcast; bool counts as 0 and 1, integers wrap. */
export const sub = (a: Operand, b: Operand): Tensor => call(subRow, [a, b], undefined);

const mulRow = elementwise({
  name: 'mul',
  arity: 2,
  formulas: {
    integer: { expression: int.mul, reference: Math.imul },
    float: { expression: float.mul, reference: (a, b) => a * b },
    complex: { expression: mulPair, reference: zMul },
  },
  pullbacks: [(yBar, { input }) => mul(yBar, conj(input(1))), (yBar, { input }) => mul(yBar, conj(input(0)))],
  saves: savesOfProduct,
  samples: { dtypes: arithmeticDTypes },
});

/** y = a b, broadcast; integers wrap. */
export const mul = (a: Operand, b: Operand): Tensor => call(mulRow, [a, b], undefined);

const divRow = elementwise({
  name: 'div',
  arity: 2,
  formulas: {
    float: { expression: float.div, reference: (a, b) => a / b },
    complex: { expression: divPair, reference: zDiv },
  },
  pullbacks: [
    (yBar, { input }) => div(yBar, conj(input(1))),
    (yBar, { input, output }) => neg(div(mul(yBar, conj(output(0))), conj(input(1)))),
  ],
  saves: { inputs: [1], outputs: 'all' },
  samples: {
    dtypes: [
      ['f32', 'f32'],
      ['c64', 'c64'],
      ['f32', 'c64'],
      ['c64', 'f32'],
      ['i32', 'f32'],
    ],
    values: ['normal', 'awayFromZero'],
  },
});

/** y = a / b, broadcast; integers give f32. Complex division scales b, so |b|² cannot overflow. */
export const div = (a: Operand, b: Operand): Tensor => call(divRow, [a, b], undefined);

const negRow = elementwise({
  name: 'neg',
  arity: 1,
  formulas: {
    integer: { expression: int.neg, reference: (x) => -x },
    float: { expression: float.neg, reference: (x) => -x },
    complex: { expression: negPair, reference: ({ re, im }) => z(-re, -im) },
  },
  pullbacks: [(yBar) => neg(yBar)],
  samples: { dtypes: [['f32'], ['c64'], ['i32'], ['u8']], linear: 'complex' },
});

/** y = −x. */
export const neg = (x: Tensor): Tensor => call(negRow, [x], undefined);

const squareRow = elementwise({
  name: 'square',
  arity: 1,
  formulas: {
    integer: { expression: (x) => int.mul(x, x), reference: (x) => Math.imul(x, x) },
    float: { expression: (x) => float.mul(x, x), reference: (x) => x * x },
    complex: { expression: (x) => mulPair(x, x), reference: (x) => zMul(x, x) },
  },
  pullbacks: [(yBar, { input }) => mul(yBar, mul(2, conj(input(0))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64'], ['i32']] },
});

/** y = x² (complex: z², not |z|²; see abs2). */
export const square = (x: Tensor): Tensor => call(squareRow, [x], undefined);

const reciprocalRow = elementwise({
  name: 'reciprocal',
  arity: 1,
  formulas: {
    float: { expression: (x) => float.div(constant(1), x), reference: (x) => 1 / x },
    complex: { expression: reciprocalPair, reference: (x) => zDiv(z(1), x) },
  },
  pullbacks: [(yBar, { output }) => neg(mul(yBar, square(conj(output(0)))))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']], values: 'awayFromZero' },
});

/** y = 1 / x. */
export const reciprocal = (x: Tensor): Tensor => call(reciprocalRow, [x], undefined);

export const arithmeticOps: readonly ElementwiseOp[] = [
  addRow,
  subRow,
  mulRow,
  divRow,
  negRow,
  squareRow,
  reciprocalRow,
];
