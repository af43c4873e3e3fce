import { type Complex, constant, float, int, intConstant, mask, type Node, select } from './expression.js';

/** Complex arithmetic on pairs of f32 expressions, robust where f32 could overflow on the way. */
export type Pair = Complex<Node>;

const { add, sub, mul, div, neg } = float;
const zero = constant(0);
const half = constant(0.5);

const isZero = (x: Node): Node => float.eq(x, zero);

export const addPair = (a: Pair, b: Pair): Pair => ({ re: add(a.re, b.re), im: add(a.im, b.im) });
export const subPair = (a: Pair, b: Pair): Pair => ({ re: sub(a.re, b.re), im: sub(a.im, b.im) });
export const negPair = (a: Pair): Pair => ({ re: neg(a.re), im: neg(a.im) });
export const conjPair = (a: Pair): Pair => ({ re: a.re, im: neg(a.im) });
export const scalePair = (a: Pair, s: Node): Pair => ({ re: mul(a.re, s), im: mul(a.im, s) });
export const mulPair = (a: Pair, b: Pair): Pair => ({
  re: sub(mul(a.re, b.re), mul(a.im, b.im)),
  im: add(mul(a.re, b.im), mul(a.im, b.re)),
});

/** 2^(−2 − e) for |x| in [2^e, 2^(e+1)): brings |x| into [1/4, 1/2) without rounding. */
function reciprocalScale(x: Node): Node {
  const exponent = int.and(float.bits(x), intConstant(0x7f800000));
  const limited = int.min(int.max(exponent, intConstant(1 << 23)), intConstant(250 << 23));
  return int.asFloat(int.sub(intConstant(252 << 23), limited));
}

/** 1 / z as conj(w) s / |w|² with w = s z and s a power of two. */
function scaledInverse(z: Pair): { numerator: Pair; factor: Node } {
  const s = reciprocalScale(float.max(float.abs(z.re), float.abs(z.im)));
  const w = scalePair(z, s);
  const norm = add(mul(w.re, w.re), mul(w.im, w.im));
  return { numerator: conjPair(w), factor: div(s, norm) };
}

export const divPair = (a: Pair, b: Pair): Pair => {
  const { numerator, factor } = scaledInverse(b);
  return scalePair(mulPair(a, numerator), factor);
};

export const reciprocalPair = (z: Pair): Pair => {
  const { numerator, factor } = scaledInverse(z);
  return scalePair(numerator, factor);
};

export const absPair = (z: Pair): Node => float.hypot(z.re, z.im);
export const anglePair = (z: Pair): Node => float.atan2(z.im, z.re);

export function expPair(z: Pair): Pair {
  const r = float.exp(z.re);
  // e^(±∞ + 0i) is real
  return { re: mul(r, float.cos(z.im)), im: select(isZero(z.im), z.im, mul(r, float.sin(z.im))) };
}

/** Principal branch: imaginary part in (−π, π]. */
export const logPair = (z: Pair): Pair => ({ re: float.log(absPair(z)), im: anglePair(z) });

/** Principal branch: real part >= 0. t = sqrt((|re| + |z|) / 2) is the larger part; the other is |im| / 2t. */
export function sqrtPair(z: Pair): Pair {
  const t = float.sqrt(add(mul(half, float.abs(z.re)), absPair(scalePair(z, half))));
  const other = select(isZero(t), zero, div(mul(half, float.abs(z.im)), t));
  const isRight = float.le(zero, z.re);
  return { re: select(isRight, t, other), im: float.copysign(select(isRight, other, t), z.im) };
}

/** sinh(x) = (t + t / (t + 1)) / 2 with t = e^|x| − 1: no cancellation near 0. */
export function sinh(x: Node): Node {
  const t = float.expm1(float.abs(x));
  const isLarge = float.lt(constant(20), float.abs(x));
  const value = mul(half, add(t, select(isLarge, zero, div(t, add(t, constant(1))))));
  return float.copysign(value, x);
}

export function cosh(x: Node): Node {
  const e = float.exp(float.abs(x));
  return add(mul(half, e), div(half, e));
}

export const sinPair = (z: Pair): Pair => ({
  re: mul(float.sin(z.re), cosh(z.im)),
  im: mul(float.cos(z.re), sinh(z.im)),
});
export const cosPair = (z: Pair): Pair => ({
  re: mul(float.cos(z.re), cosh(z.im)),
  im: neg(mul(float.sin(z.re), sinh(z.im))),
});
export const sinhPair = (z: Pair): Pair => ({
  re: mul(sinh(z.re), float.cos(z.im)),
  im: mul(cosh(z.re), float.sin(z.im)),
});
export const coshPair = (z: Pair): Pair => ({
  re: mul(cosh(z.re), float.cos(z.im)),
  im: mul(sinh(z.re), float.sin(z.im)),
});

/** tanh(a + ib) = (sinh a cosh a + i sin b cos b) / (sinh² a + cos² b); |a| is cut at 40, where it is ±1. */
export function tanhPair(z: Pair): Pair {
  const a = float.max(float.min(z.re, constant(40)), constant(-40));
  const s = sinh(a);
  const cos = float.cos(z.im);
  const norm = add(mul(s, s), mul(cos, cos));
  return {
    re: div(mul(s, cosh(a)), norm),
    im: div(mul(float.sin(z.im), cos), norm),
  };
}

/** e^{w log z}; z = 0 gives 0, and 1 where w = 0. */
export function powPair(z: Pair, w: Pair): Pair {
  const power = expPair(mulPair(w, logPair(z)));
  const isOrigin = mask.and(isZero(z.re), isZero(z.im));
  const isUnit = mask.and(isZero(w.re), isZero(w.im));
  return {
    re: select(isUnit, constant(1), select(isOrigin, zero, power.re)),
    im: select(mask.or(isUnit, isOrigin), zero, power.im),
  };
}
