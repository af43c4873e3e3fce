import { checkNumber } from '../../check.js';
import { checkTensor } from '../../dispatch.js';
import type { Tensor } from '../../tensor.js';
import { mul, reciprocal, square, sub } from './arithmetic.js';
import { equal } from './comparison.js';
import { mulPair, type Pair, powPair, reciprocalPair } from './complexExpression.js';
import { type Z, z, zDiv, zMul, zPow } from './complexNumber.js';
import { conj } from './conj.js';
import { call, type ElementwiseOp, elementwise, type Formulas, type Operand } from './define.js';
import { log, rsqrt, sqrt } from './exponential.js';
import { constant, float, int, intConstant, mask, type Node, select } from './expression.js';
import { where } from './select.js';

/** xⁿ for n >= 1 by repeated squaring. */
function repeated<T>(x: T, n: number, multiply: (a: T, b: T) => T): T {
  if (n === 1) return x;
  const root = repeated(x, Math.floor(n / 2), multiply);
  const squared = multiply(root, root);
  return n % 2 === 1 ? multiply(squared, x) : squared;
}

const one: Pair = { re: constant(1), im: constant(0) };

/** A product of n factors, one after the other. */
function product<T>(x: T, n: number, unit: T, multiply: (a: T, b: T) => T): T {
  let y = unit;
  for (let i = 0; i < n; i++) y = multiply(y, x);
  return y;
}

function integerPowers(exponent: number): Formulas {
  const n = Math.abs(exponent);
  const power = <T>(x: T, unit: T, multiply: (a: T, b: T) => T): T =>
    n === 0 ? unit : repeated(x, n, multiply);
  const real = (x: Node): Node => power(x, constant(1), float.mul);
  const complex = (x: Pair): Pair => power(x, one, mulPair);
  const hostReal = (x: number): number => product(x, n, 1, (a, b) => a * b);
  const hostComplex = (x: Z): Z => product(x, n, z(1), zMul);
  if (exponent < 0)
    return {
      float: { expression: (x) => float.div(constant(1), real(x)), reference: (x) => 1 / hostReal(x) },
      complex: {
        expression: (x) => reciprocalPair(complex(x)),
        reference: (x) => zDiv(z(1), hostComplex(x)),
      },
    };
  return {
    integer: {
      expression: (x) => power(x, intConstant(1), int.mul),
      reference: (x) => product(x, n, 1, Math.imul),
    },
    float: { expression: real, reference: hostReal },
    complex: { expression: complex, reference: hostComplex },
  };
}

const integerPowerRow = elementwise<{ readonly exponent: number }>({
  name: 'integerPower',
  arity: 1,
  formulas: ({ exponent }) => integerPowers(exponent),
  pullbacks: [
    (yBar, { input, attrs: { exponent } }) =>
      exponent === 0 ? undefined : mul(yBar, mul(exponent, conj(pow(input(0), exponent - 1)))),
  ],
  saves: { inputs: 'all' },
  samples: {
    dtypes: [['f32'], ['c64'], ['i32']],
    values: 'awayFromZero',
    attrs: [{ exponent: 3 }, { exponent: 5 }, { exponent: 0 }, { exponent: 8 }],
  },
});

/** Whether y is an odd integer. */
const isOdd = (y: Node): Node => {
  const half = float.mul(y, constant(0.5));
  return mask.and(float.eq(float.floor(y), y), mask.not(float.eq(float.floor(half), half)));
};

/** |x|^y with the sign of an odd power; NaN for x < 0 and a fractional y. */
function realPower(x: Node, y: Node): Node {
  const magnitude = float.powAbs(x, y);
  const signed = select(isOdd(y), float.copysign(magnitude, x), magnitude);
  const isUndefined = mask.and(
    mask.and(float.lt(x, constant(0)), float.lt(constant(-Infinity), x)),
    mask.and(mask.not(float.eq(float.floor(y), y)), float.eq(y, y)),
  );
  return select(isUndefined, constant(Number.NaN), signed);
}

/** e^{y log|x|} with the sign, by cases: the definition, without Math.pow. */
function hostPower(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  const magnitude = Math.exp(y * Math.log(Math.abs(x)));
  if (x >= 0) return magnitude;
  if (!Number.isInteger(y)) return Number.NaN;
  return y % 2 === 0 ? magnitude : -magnitude;
}

const powRow = elementwise({
  name: 'pow',
  arity: 2,
  formulas: {
    float: { expression: realPower, reference: hostPower },
    complex: { expression: powPair, reference: zPow },
  },
  pullbacks: [
    (yBar, { input }) => {
      const [x, w] = [input(0), input(1)];
      return mul(yBar, conj(where(equal(w, 0), 0, mul(w, pow(x, sub(w, 1))))));
    },
    (yBar, { input, output }) => {
      const x = input(0);
      // 0^w does not move with w > 0; elsewhere the derivative is y log x.
      const safe = where(equal(x, 0), 1, x);
      return mul(yBar, conj(mul(output(0), log(safe))));
    },
  ],
  saves: { inputs: 'all', outputs: 'all' },
  samples: {
    dtypes: [
      ['f32', 'f32'],
      ['c64', 'c64'],
      ['f32', 'c64'],
    ],
    values: 'positive',
  },
});

/** Largest integer exponent computed as a product of factors. */
const maxFactors = 64;

/**
 * y = x^exponent. Integer exponents up to ±64 are products (so negative bases work and are exact as far as
 * products are); 0.5 and −0.5 are square roots; others e^{w log x} on the principal branch. Real negative x
 * with a fractional exponent gives NaN, 0⁰ = 1, complex 0^w = 0.
 *
 * @param exponent a number, `{ re, im }` or a tensor (then broadcast). Its gradient is y log x, 0 where x = 0.
 */
export function pow(x: Operand, exponent: Operand): Tensor {
  if (typeof exponent !== 'number') return call(powRow, [x, exponent], undefined);
  checkNumber('pow', 'exponent', exponent);
  checkTensor('pow', 'argument 1', x);
  return numberPower(x as Tensor, exponent);
}

function numberPower(x: Tensor, exponent: number): Tensor {
  if (exponent === 0.5) return sqrt(x);
  if (exponent === -0.5) return rsqrt(x);
  if (exponent === -1) return reciprocal(x);
  if (exponent === 2) return square(x);
  if (Number.isInteger(exponent) && Math.abs(exponent) <= maxFactors)
    return call(integerPowerRow, [x], { exponent });
  return call(powRow, [x, exponent], undefined);
}

export const powOps: readonly ElementwiseOp[] = [integerPowerRow, powRow];
