import type { Tensor } from '../../tensor.js';
import { add, div, mul, neg, square, sub } from './arithmetic.js';
import { equal } from './comparison.js';
import * as pair from './complexExpression.js';
import { type Z, z, zAdd, zDiv, zExp, zSub } from './complexNumber.js';
import { conj } from './conj.js';
import { call, type ElementwiseOp, elementwise, type Operand } from './define.js';
import { rsqrt } from './exponential.js';
import { constant, float, type Node } from './expression.js';
import { where } from './select.js';

const timesI = ({ re, im }: Z): Z => z(-im, re);
const half = (a: Z): Z => z(a.re / 2, a.im / 2);
const negated = (a: Z): Z => z(-a.re, -a.im);
const zCosh = (x: Z): Z => half(zAdd(zExp(x), zExp(negated(x))));
const zSinh = (x: Z): Z => half(zSub(zExp(x), zExp(negated(x))));
const zTanh = (x: Z): Z => zDiv(zSinh(x), zCosh(x));
/** sin x = −i sinh(i x), tan x = −i tanh(i x) */
const turned = (f: (x: Z) => Z) => (x: Z) => negated(timesI(f(timesI(x))));

const sinRow = elementwise({
  name: 'sin',
  arity: 1,
  formulas: {
    float: { expression: float.sin, reference: Math.sin },
    complex: { expression: pair.sinPair, reference: turned(zSinh) },
  },
  pullbacks: [(yBar, { input }) => mul(yBar, conj(cos(input(0))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']] },
});
/** y = sin x. Real x: accurate up to |x| = 1e8. */
export const sin = (x: Tensor): Tensor => call(sinRow, [x], undefined);

const cosRow = elementwise({
  name: 'cos',
  arity: 1,
  formulas: {
    float: { expression: float.cos, reference: Math.cos },
    complex: { expression: pair.cosPair, reference: (x) => zCosh(timesI(x)) },
  },
  pullbacks: [(yBar, { input }) => neg(mul(yBar, conj(sin(input(0)))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']] },
});
/** y = cos x. Real x: accurate up to |x| = 1e8. */
export const cos = (x: Tensor): Tensor => call(cosRow, [x], undefined);

const tanRow = elementwise({
  name: 'tan',
  arity: 1,
  formulas: {
    float: { expression: (x) => float.div(float.sin(x), float.cos(x)), reference: Math.tan },
    complex: {
      expression: ({ re, im }) => {
        const t = pair.tanhPair({ re: float.neg(im), im: re });
        return { re: t.im, im: float.neg(t.re) };
      },
      reference: turned(zTanh),
    },
  },
  pullbacks: [(yBar, { output }) => mul(yBar, conj(add(square(output(0)), 1)))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']], values: 'awayFromZero', scale: 0.5 },
});
/** y = tan x. */
export const tan = (x: Tensor): Tensor => call(tanRow, [x], undefined);

const sinhRow = elementwise({
  name: 'sinh',
  arity: 1,
  formulas: {
    float: { expression: pair.sinh, reference: Math.sinh },
    complex: { expression: pair.sinhPair, reference: zSinh },
  },
  pullbacks: [(yBar, { input }) => mul(yBar, conj(cosh(input(0))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']] },
});
/** y = sinh x; infinite from |x| = 88.7. */
export const sinh = (x: Tensor): Tensor => call(sinhRow, [x], undefined);

const coshRow = elementwise({
  name: 'cosh',
  arity: 1,
  formulas: {
    float: { expression: pair.cosh, reference: Math.cosh },
    complex: { expression: pair.coshPair, reference: zCosh },
  },
  pullbacks: [(yBar, { input }) => mul(yBar, conj(sinh(input(0))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']] },
});
/** y = cosh x; infinite from |x| = 88.7. */
export const cosh = (x: Tensor): Tensor => call(coshRow, [x], undefined);

const tanhRow = elementwise({
  name: 'tanh',
  arity: 1,
  formulas: {
    float: { expression: float.tanh, reference: Math.tanh },
    complex: { expression: pair.tanhPair, reference: zTanh },
  },
  pullbacks: [(yBar, { output }) => mul(yBar, conj(sub(1, square(output(0)))))],
  saves: { outputs: 'all' },
  samples: { dtypes: [['f32'], ['c64']], values: 'awayFromZero', scale: 0.5 },
});
/** y = tanh x. */
export const tanh = (x: Tensor): Tensor => call(tanhRow, [x], undefined);

/** √((1 − x)(1 + x)), NaN outside [−1, 1]. */
const cosOfAsin = (x: Node): Node =>
  float.sqrt(float.mul(float.sub(constant(1), x), float.add(constant(1), x)));

const asinRow = elementwise({
  name: 'asin',
  arity: 1,
  formulas: { float: { expression: (x) => float.atan2(x, cosOfAsin(x)), reference: Math.asin } },
  pullbacks: [(yBar, { input }) => mul(yBar, rsqrt(sub(1, square(input(0)))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32']], values: 'awayFromZero', scale: 0.4 },
});
/** y = arcsin x in [−π/2, π/2]; NaN outside [−1, 1]. Real x. */
export const asin = (x: Tensor): Tensor => call(asinRow, [x], undefined);

const acosRow = elementwise({
  name: 'acos',
  arity: 1,
  formulas: { float: { expression: (x) => float.atan2(cosOfAsin(x), x), reference: Math.acos } },
  pullbacks: [(yBar, { input }) => neg(mul(yBar, rsqrt(sub(1, square(input(0))))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32']], values: 'awayFromZero', scale: 0.4 },
});
/** y = arccos x in [0, π]; NaN outside [−1, 1]. Real x. */
export const acos = (x: Tensor): Tensor => call(acosRow, [x], undefined);

const atanRow = elementwise({
  name: 'atan',
  arity: 1,
  formulas: { float: { expression: (x) => float.atan2(x, constant(1)), reference: Math.atan } },
  pullbacks: [(yBar, { input }) => div(yBar, add(1, square(input(0))))],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32']] },
});
/** y = arctan x in [−π/2, π/2]. Real x. */
export const atan = (x: Tensor): Tensor => call(atanRow, [x], undefined);

/** a² + b², or 1 at the origin, where the numerators are 0. */
const squaredRadius = (a: Tensor, b: Tensor): Tensor => {
  const norm = add(square(a), square(b));
  return where(equal(norm, 0), 1, norm);
};

const atan2Row = elementwise({
  name: 'atan2',
  arity: 2,
  formulas: { float: { expression: float.atan2, reference: Math.atan2 } },
  pullbacks: [
    (aBar, { input }) => div(mul(aBar, input(1)), squaredRadius(input(0), input(1))),
    (aBar, { input }) => neg(div(mul(aBar, input(0)), squaredRadius(input(0), input(1)))),
  ],
  saves: { inputs: 'all' },
  samples: { dtypes: [['f32', 'f32']], values: { step: 0.25, offset: 0.25, count: 8 } },
});
/** Angle of the point (x, y) in [−π, π], broadcast, signs of zero as IEEE says. Gradient 0 at the origin. */
export const atan2 = (y: Operand, x: Operand): Tensor => call(atan2Row, [y, x], undefined);

export const trigonometricOps: readonly ElementwiseOp[] = [
  sinRow,
  cosRow,
  tanRow,
  sinhRow,
  coshRow,
  tanhRow,
  asinRow,
  acosRow,
  atanRow,
  atan2Row,
];
