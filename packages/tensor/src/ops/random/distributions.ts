import { z } from '../elementwise/complexNumber.js';
import { type ElementwiseOp, elementwise } from '../elementwise/define.js';
import {
  type Complex,
  constant,
  float,
  int,
  intConstant,
  intParameter,
  type Node,
  select,
} from '../elementwise/expression.js';
import { hostThreefry, threefry } from './threefry.js';

/**
 * Element-wise ops from key words and counters to random values. One block per element: words of the key
 * are operands 0 and 1, the counter's low word is operand 2.
 */
const keyed = [['i32', 'i32', 'i32']] as const;
const why = 'a random draw does not depend on its key smoothly';

/** Blocks of different purposes differ in the second counter word. */
export const purpose = { bits: 0, split: 1, index: 2, name: 3 } as const;

/** y = word `which` of the block at (counter, purpose): operands k0, k1, counter, purpose, which. */
export const bitsRow = elementwise({
  name: 'randomBits',
  arity: 5,
  formulas: {
    integer: {
      expression: (k0, k1, counter, use, which) => {
        const [x0, x1] = threefry([k0, k1], [counter, use]);
        return select(int.eq(which, intConstant(0)), x0, x1);
      },
      reference: (k0, k1, counter, use, which) => hostThreefry([k0, k1], [counter, use])[which === 0 ? 0 : 1],
    },
  },
  why: 'integer result',
  samples: { dtypes: [['i32', 'i32', 'i32', 'i32', 'i32']], values: { low: -9, high: 9 } },
});

const block = (k0: Node, k1: Node, counter: Node) => threefry([k0, k1], [counter, intConstant(purpose.bits)]);
const hostBlock = (k0: number, k1: number, counter: number) =>
  hostThreefry([k0, k1], [counter, purpose.bits]);

/** The upper 24 bits as a multiple of 2⁻²⁴ in [0, 1): exact in f32. */
const unit = (bits: Node): Node => float.mul(int.toFloat(int.shrU(bits, 8)), constant(2 ** -24));
const hostUnit = (bits: number): number => (bits >>> 8) * 2 ** -24;

export const uniformRow = elementwise({
  name: 'uniformBits',
  arity: 3,
  formulas: {
    integer: {
      expression: (k0, k1, counter) => unit(block(k0, k1, counter)[0]),
      reference: (k0, k1, counter) => hostUnit(hostBlock(k0, k1, counter)[0]),
    },
  },
  result: () => 'f32',
  why,
  samples: { dtypes: keyed, values: { low: -9, high: 9 } },
});

/**
 * Two independent normals: r cos 2πv and r sin 2πv with r = √(−2 log u), u in (0, 1] (Box, Muller 1958). The
 * angle is reduced to |f| <= 1/2 quarter turns before it is rounded, so that f32 and f64 agree.
 */
function gaussianPair([x0, x1]: readonly [Node, Node]): Complex<Node> {
  const r = float.sqrt(float.mul(constant(-2), float.log(float.add(unit(x0), constant(2 ** -24)))));
  const quarters = float.mul(unit(x1), constant(4));
  const whole = float.floor(float.add(quarters, constant(0.5)));
  const angle = float.mul(float.sub(quarters, whole), constant(Math.PI / 2));
  const [cos, sin] = [float.cos(angle), float.sin(angle)];
  const turns = float.toInt(whole);
  const isOdd = int.eq(int.and(turns, intConstant(1)), intConstant(1));
  const isNegative = (shift: number): Node =>
    int.eq(int.and(int.add(turns, intConstant(shift)), intConstant(2)), intConstant(2));
  const signed = (x: Node, negative: Node): Node => select(negative, float.neg(x), x);
  return {
    re: float.mul(r, signed(select(isOdd, sin, cos), isNegative(1))),
    im: float.mul(r, signed(select(isOdd, cos, sin), isNegative(0))),
  };
}

function hostGaussian([x0, x1]: readonly [number, number]): Complex<number> {
  const r = Math.sqrt(-2 * Math.log(hostUnit(x0) + 2 ** -24));
  const phase = 2 * Math.PI * hostUnit(x1);
  return z(r * Math.cos(phase), r * Math.sin(phase));
}

export const normalRow = elementwise({
  name: 'normalBits',
  arity: 3,
  formulas: {
    integer: {
      expression: (k0, k1, counter) => gaussianPair(block(k0, k1, counter)).re,
      reference: (k0, k1, counter) => hostGaussian(hostBlock(k0, k1, counter)).re,
    },
  },
  result: () => 'f32',
  why,
  samples: { dtypes: keyed, values: { low: -9, high: 9 } },
});

export const complexNormalRow = elementwise({
  name: 'complexNormalBits',
  arity: 3,
  formulas: {
    integer: {
      expression: (k0, k1, counter) => {
        const { re, im } = gaussianPair(block(k0, k1, counter));
        return { re: float.mul(re, constant(Math.SQRT1_2)), im: float.mul(im, constant(Math.SQRT1_2)) };
      },
      reference: (k0, k1, counter) => {
        const { re, im } = hostGaussian(hostBlock(k0, k1, counter));
        return z(re * Math.SQRT1_2, im * Math.SQRT1_2);
      },
    },
  },
  result: () => 'c64',
  why,
  samples: { dtypes: keyed, values: { low: -9, high: 9 } },
});

/** The high word of the 64-bit product of two unsigned words, by halves. */
function highProduct(a: Node, b: Node): Node {
  const low = (x: Node): Node => int.and(x, intConstant(0xffff));
  const high = (x: Node): Node => int.shrU(x, 16);
  const [ll, lh] = [int.mul(low(a), low(b)), int.mul(low(a), high(b))];
  const [hl, hh] = [int.mul(high(a), low(b)), int.mul(high(a), high(b))];
  const carry = int.add(high(ll), int.add(low(lh), low(hl)));
  return int.add(hh, int.add(int.add(high(lh), high(hl)), high(carry)));
}

/** low + ⌊span · bits / 2³²⌋ */
export const integerRow = elementwise<{ readonly low: number; readonly span: number }>({
  name: 'randintBits',
  arity: 3,
  formulas: ({ low, span }) => ({
    integer: {
      expression: (k0, k1, counter) =>
        int.add(intParameter(low), highProduct(block(k0, k1, counter)[0], intParameter(span))),
      reference: (k0, k1, counter) => {
        const bits = hostBlock(k0, k1, counter)[0] >>> 0;
        const [high, rest] = [Math.floor(bits / 65536), bits % 65536];
        return low + Math.floor((high * span + Math.floor((rest * span) / 65536)) / 65536);
      },
    },
  }),
  why: 'integer result',
  samples: {
    dtypes: keyed,
    values: { low: -9, high: 9 },
    attrs: [
      { low: 0, span: 10 },
      { low: -1000000000, span: 2147483647 },
    ],
  },
});

export const distributionOps: readonly ElementwiseOp[] = [
  bitsRow,
  uniformRow,
  normalRow,
  complexNormalRow,
  integerRow,
];
