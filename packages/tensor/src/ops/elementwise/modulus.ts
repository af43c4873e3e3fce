import { isComplex, realOf } from '../../dtype.js';
import type { Tensor } from '../../tensor.js';
import { div, mul } from './arithmetic.js';
import { equal } from './comparison.js';
import { absPair, anglePair } from './complexExpression.js';
import { type Z, z, zAbs, zArg } from './complexNumber.js';
import { conj } from './conj.js';
import { call, type ElementwiseOp, elementwise } from './define.js';
import { constant, float, int, intConstant, type Node, select } from './expression.js';
import { complex, imag } from './parts.js';
import { where } from './select.js';

const signOf = (x: number): number => (Number.isNaN(x) ? x : Number(x > 0) - Number(x < 0));

/** −1, 0 or 1; NaN stays. */
function signExpression(x: Node): Node {
  const magnitude = select(float.eq(x, constant(0)), x, float.copysign(constant(1), x));
  return select(float.isNan(x), x, magnitude);
}

/** r, or 1 where r = 0: a safe divisor for a numerator that is 0 there. */
const orOne = (r: Tensor): Tensor => where(equal(r, 0), 1, r);

const absRow = elementwise({
  name: 'abs',
  arity: 1,
  formulas: {
    integer: { expression: int.abs, reference: Math.abs },
    float: { expression: float.abs, reference: Math.abs },
    complex: { expression: absPair, reference: zAbs },
  },
  result: realOf,
  pullbacks: [(yBar, { input }) => mul(yBar, unitPhase(input(0)))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64'], ['i32']], values: 'awayFromZero' },
});

/** y = |x|, real. Gradient x̄ = ȳ x/|x|, and 0 at x = 0 (a subgradient, never NaN). */
export const abs = (x: Tensor): Tensor => call(absRow, [x], undefined);

const abs2Row = elementwise({
  name: 'abs2',
  arity: 1,
  formulas: {
    integer: { expression: (x) => int.mul(x, x), reference: (x) => Math.imul(x, x) },
    float: { expression: (x) => float.mul(x, x), reference: (x) => x * x },
    complex: {
      expression: ({ re, im }) => float.add(float.mul(re, re), float.mul(im, im)),
      reference: ({ re, im }) => re * re + im * im,
    },
  },
  result: realOf,
  pullbacks: [(yBar, { input }) => mul(mul(2, yBar), input(0))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64'], ['i32']] },
});

/** y = |x|² = Re² + Im², real, without a square root. x̄ = 2 ȳ x. */
export const abs2 = (x: Tensor): Tensor => call(abs2Row, [x], undefined);

const angleRow = elementwise({
  name: 'angle',
  arity: 1,
  formulas: {
    float: {
      expression: (x) =>
        select(float.isNan(x), x, select(float.lt(x, constant(0)), constant(Math.PI), constant(0))),
      reference: (x) => (Number.isNaN(x) ? x : x < 0 ? Math.PI : 0),
    },
    complex: { expression: anglePair, reference: zArg },
  },
  result: realOf,
  pullbacks: [
    (yBar, { input }) => {
      const x = input(0);
      if (!isComplex(x.dtype)) return undefined;
      return div(mul(yBar, mul(x, { re: 0, im: 1 })), orOne(abs2(x)));
    },
  ],
  saves: { inputs: 'all' },
  samples: {
    dtypes: [['c64'], ['f32']], // away from the negative real axis, where the angle jumps
    values: { step: 0.25, offset: 0.25, count: 8 },
  },
});

/** y = arg x in (−π, π], real; of a real x: 0 or π. x̄ = ȳ i x/|x|², and 0 at x = 0. */
export const angle = (x: Tensor): Tensor => call(angleRow, [x], undefined);

const unitPhaseRow = elementwise({
  name: 'unitPhase',
  arity: 1,
  formulas: {
    float: { expression: signExpression, reference: signOf },
    complex: {
      expression: (x) => {
        const r = absPair(x);
        const isZero = float.eq(r, constant(0));
        const safe = select(isZero, constant(1), r);
        return { re: float.div(x.re, safe), im: float.div(x.im, safe) };
      },
      reference: (x: Z) => (zAbs(x) === 0 ? z(0) : z(x.re / zAbs(x), x.im / zAbs(x))),
    },
  },
  pullbacks: [
    (yBar, { input, output }) => {
      const x = input(0);
      if (!isComplex(x.dtype)) return undefined;
      const turn = imag(mul(yBar, conj(output(0))));
      return mul(output(0), complex(0, div(turn, orOne(abs(x)))));
    },
  ],
  saves: { inputs: 'all', outputs: 'all' },
  samples: { dtypes: [['c64'], ['f32']], values: 'awayFromZero' },
});

/** y = x/|x|, 0 at 0; of a real x its sign. x̄ = i y Im(y* ȳ)/|x|: only a turn of the phase moves y. */
export const unitPhase = (x: Tensor): Tensor => call(unitPhaseRow, [x], undefined);

const signRow = elementwise({
  name: 'sign',
  arity: 1,
  formulas: {
    integer: {
      expression: (x) => int.max(int.min(x, intConstant(1)), intConstant(-1)),
      reference: Math.sign,
    },
    float: { expression: signExpression, reference: signOf },
  },
  pullbacks: [() => undefined],
  samples: { dtypes: [['f32'], ['i32']], values: 'awayFromZero' },
});

/** y = −1, 0 or 1 by the sign of a real x; gradient 0. For complex x see unitPhase. */
export const sign = (x: Tensor): Tensor => call(signRow, [x], undefined);

export const modulusOps: readonly ElementwiseOp[] = [absRow, abs2Row, angleRow, unitPhaseRow, signRow];
