import type { Tensor } from '../../tensor.js';
import { call, type ElementwiseOp, elementwise, type Operand } from './define.js';
import { select } from './expression.js';

const choose = { expression: select, reference: (c: number, a: number, b: number) => (c ? a : b) };

const whereRow = elementwise({
  name: 'where',
  arity: 3,
  conditions: 1,
  formulas: {
    bool: choose,
    integer: choose,
    float: choose,
    complex: {
      expression: (c, a, b) => ({ re: select(c.re, a.re, b.re), im: select(c.re, a.im, b.im) }),
      reference: (c, a, b) => (c.re ? a : b),
    },
  },
  pullbacks: [
    undefined,
    (yBar, { input }) => where(input(0), yBar, 0),
    (yBar, { input }) => where(input(0), 0, yBar),
  ],
  saves: { inputs: [0] },
  samples: {
    dtypes: [
      ['bool', 'f32', 'f32'],
      ['bool', 'c64', 'c64'],
      ['bool', 'f32', 'c64'],
      ['i32', 'i32', 'f32'],
      ['bool', 'u8', 'bool'],
    ],
    linear: 'complex',
  },
});

/**
 * y = condition ? a : b, element by element, broadcast. The side not taken gets gradient 0, even where it
 * is NaN or infinite.
 *
 * @param condition bool, or any dtype: everything but 0 is true
 */
export const where = (condition: Tensor | boolean, a: Operand, b: Operand): Tensor =>
  call(whereRow, [condition, a, b], undefined);

export const selectOps: readonly ElementwiseOp[] = [whereRow];
