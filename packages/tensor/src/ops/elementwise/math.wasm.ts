import {
  type FunctionBuilder,
  f32x4,
  f64x2,
  i32x4,
  type Local,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmTarget } from '../../backend/wasm/plan.js';
import type { Bounds } from './bounds.js';
import {
  atanCoefficients,
  cosCoefficients,
  expCoefficients,
  logCoefficients,
  sinCoefficients,
} from './mathCoefficients.js';

/**
 * Transcendental functions of four f32 lanes. Polynomials are those of Cephes (Moshier) unless stated; errors
 * stay within about 2 units in the last place (asserted in elementwise-accuracy.test.ts). Results below the
 * smallest normal number become 0: WebAssembly has no flush-to-zero, and subnormal operands would slow later
 * kernels down a hundredfold.
 */
export interface MathScope {
  readonly f: FunctionBuilder;
  readonly target: WasmTarget;
  /** A constant in all lanes, built before the loops: V8 takes three instructions for it. */
  constant(value: number): V128;
  intConstant(value: number): V128;
}

type Vector = Local<'v128'>;

/** c[0] xⁿ + … + c[n]. */
export function polynomial(m: MathScope, x: Vector, coefficients: readonly number[]): V128 {
  let sum = m.constant(coefficients[0]!);
  for (const c of coefficients.slice(1)) sum = m.target.madd(sum, x, m.constant(c));
  return sum;
}

/**
 * Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits: one addition each for what
 * `nearest` and `truncSat` would take ten instructions for.
 */
const roundingShift = 1.5 * 2 ** 23;

/**
 * x = n ln 2 + r with |r| <= ln 2 / 2; returns n where floats have their exponent, without the bias, and
 * q = eʳ − 1. Far out of the range of exp both are meaningless; q is NaN for NaN.
 */
function reduceExp(m: MathScope, x: Vector): { exponent: Vector; q: Vector } {
  const { f, target } = m;
  const shift = m.constant(roundingShift);
  const shifted = f.let(target.madd(x, m.constant(Math.LOG2E), shift));
  const whole = f.let(f32x4.sub(shifted, shift));
  const r = f.let(target.nmadd(whole, m.constant(0.693359375), x));
  r.set(target.nmadd(whole, m.constant(-2.1219444005469057e-4), r));
  return { exponent: f.let(i32x4.shl(shifted, 23)), q: expm1Near0(m, r) };
}

/** eʳ − 1 for |r| <= ln 2 / 2. */
function expm1Near0(m: MathScope, r: Vector): Vector {
  const p = polynomial(m, r, expCoefficients);
  return m.f.let(m.target.madd(p, m.f.let(f32x4.mul(r, r)), r));
}

/** The largest argument with a finite result, and the smallest with a normal one, both rounded to f32. */
const largestExpArgument = 88.72283172607422;
const smallestExpArgument = -87.33654022216797;

/** 2¹²⁷ is the largest power of two: below this argument it will do. */
const largestPlainArgument = 88;

/**
 * Arguments out of range go through the polynomial too; what comes of it is replaced.
 *
 * @param bounds what is known of x: may save replacing.
 */
export function exp(m: MathScope, x: Vector, { low, high }: Bounds): V128 {
  const { exponent, q } = reduceExp(m, x);
  let result: V128;
  if (high <= largestPlainArgument) {
    const scale = m.f.let(i32x4.add(exponent, m.constant(1)));
    result = m.target.madd(scale, q, scale);
  } else {
    // n = 128 has no power of two in f32, but 1 + q < 1 there: its exponent has room for the whole n.
    const inRange = i32x4.add(f32x4.add(q, m.constant(1)), exponent);
    const isSmaller = f32x4.le(x, m.constant(largestExpArgument));
    result = v128.bitselect(inRange, f32x4.add(x, m.constant(Infinity)), isSmaller);
  }
  if (low >= smallestExpArgument) return result;
  return v128.andnot(result, f32x4.lt(x, m.constant(smallestExpArgument)));
}

/** eˣ − 1 = 2 (2ⁿ⁻¹ q + (2ⁿ⁻¹ − 1/2)) for −80 <= x <= 89. */
function expm1InRange(m: MathScope, x: Vector): V128 {
  const { f, target } = m;
  const { exponent, q } = reduceExp(m, x);
  const scale = f.let(i32x4.add(exponent, m.constant(0.5)));
  const half = f.let(target.madd(scale, q, f32x4.sub(scale, m.constant(0.5))));
  return f32x4.add(half, half);
}

export function expm1(m: MathScope, x: Vector): V128 {
  // These keep NaN, which is their first operand.
  const clamped = f32x4.pmax(f32x4.pmin(x, m.constant(89)), m.constant(-80));
  const result = expm1InRange(m, m.f.let(clamped));
  // Exact for tiny x and keeps the sign of zero.
  return v128.bitselect(x, result, f32x4.lt(f32x4.abs(x), m.constant(1e-8)));
}

const smallestNormal = 1.1754943508222875e-38;

export function log(m: MathScope, x: Vector): V128 {
  const { f, target } = m;
  const isSmall = f.let(f32x4.lt(x, m.constant(smallestNormal)));
  const bits = f.let(v128.bitselect(f32x4.mul(x, m.constant(2 ** 23)), x, isSmall));
  // Exponent e and mantissa in [sqrt(1/2), sqrt(2)): subtracting the bits of sqrt(1/2) moves the border.
  const shifted = f.let(i32x4.sub(bits, m.intConstant(0x3f3504f3)));
  const mantissa = i32x4.add(v128.and(shifted, m.intConstant(0x007fffff)), m.intConstant(0x3f3504f3));
  const small = v128.and(isSmall, m.constant(23));
  const e = f.let(f32x4.sub(f32x4.convertI32x4S(i32x4.shrS(shifted, 23)), small));
  const t = f.let(f32x4.sub(mantissa, m.constant(1)));
  const z = f.let(f32x4.mul(t, t));
  const p = polynomial(m, t, logCoefficients);
  let y = target.madd(e, m.constant(-2.1219444005469057e-4), f32x4.mul(f32x4.mul(p, t), z));
  y = target.nmadd(z, m.constant(0.5), y);
  const result = f.let(target.madd(e, m.constant(0.693359375), f32x4.add(t, y)));
  result.set(v128.bitselect(x, result, f32x4.eq(x, m.constant(Infinity))));
  result.set(v128.bitselect(m.constant(-Infinity), result, f32x4.eq(x, m.constant(0))));
  // NaN for x < 0 and for NaN: all bits set.
  return v128.or(result, v128.not(f32x4.ge(x, m.constant(0))));
}

/** log(u) + (x − (u − 1)) / u with u = 1 + x rounded (Hull, Kahan). */
export function log1p(m: MathScope, x: Vector): V128 {
  const { f } = m;
  const one = m.constant(1);
  const u = f.let(f32x4.add(x, one));
  const isLarge = f32x4.gt(x, one);
  const lost = v128.bitselect(f32x4.sub(one, f32x4.sub(u, x)), f32x4.sub(x, f32x4.sub(u, one)), isLarge);
  const correction = f.let(f32x4.div(lost, u));
  const isUsable = v128.and(f32x4.gt(u, m.constant(0)), f32x4.lt(u, m.constant(Infinity)));
  const sum = f.let(f32x4.add(log(m, u), v128.and(correction, isUsable)));
  return v128.bitselect(x, sum, f32x4.eq(x, m.constant(0)));
}

/** π/2 in three parts; products of the first two with integers below 2²⁷ are exact in f64. */
const halfPi = [1.5707963109016418, 1.5893254712295857e-8, 6.123233995736766e-17] as const;

export interface ReducedAngle {
  /** Multiple of π/2 that was taken off, as i32 lanes. */
  readonly quadrant: Vector;
  readonly sin: Vector;
  readonly cos: Vector;
}

/** Angle reduction in f64, then sine and cosine of the rest; accurate up to |x| = 1e8. */
export function reduceAngle(m: MathScope, x: Vector): ReducedAngle {
  const { f, target } = m;
  const halves = [x, v128.shuffle(x, x, [2, 3, 2, 3])].map((pair) => {
    const wide = f.let(f64x2.promoteLowF32x4(pair));
    const n = f.let(f64x2.nearest(f64x2.mul(wide, f64x2.const(2 / Math.PI))));
    for (const part of halfPi) wide.set(f64x2.sub(wide, f64x2.mul(n, f64x2.const(part))));
    return { wide, n };
  });
  const [low, high] = halves as [(typeof halves)[0], (typeof halves)[0]];
  const quadrant = f.let(
    v128.shuffle(i32x4.truncSatF64x2SZero(low.n), i32x4.truncSatF64x2SZero(high.n), [0, 1, 4, 5]),
  );
  const rest = v128.shuffle(f32x4.demoteF64x2Zero(low.wide), f32x4.demoteF64x2Zero(high.wide), [0, 1, 4, 5]);
  const r = f.let(f32x4.max(f32x4.min(rest, m.constant(0.8)), m.constant(-0.8)));
  const z = f.let(f32x4.mul(r, r));
  const sinPoly = polynomial(m, z, sinCoefficients);
  const sin = f.let(target.madd(f32x4.mul(sinPoly, z), r, r));
  const cosPoly = polynomial(m, z, cosCoefficients);
  const cos = f.let(target.nmadd(z, m.constant(0.5), m.constant(1)));
  cos.set(target.madd(f32x4.mul(cosPoly, z), z, cos));
  return { quadrant, sin, cos };
}

/** ± sin or cos of the rest, by quadrant. */
function fromQuadrant(m: MathScope, quadrant: V128, sin: V128, cos: V128): V128 {
  const q = m.f.let(quadrant);
  const isOdd = i32x4.eq(v128.and(q, m.intConstant(1)), m.intConstant(1));
  const sign = i32x4.shl(v128.and(q, m.intConstant(2)), 30);
  return v128.xor(v128.bitselect(cos, sin, isOdd), sign);
}

export const sin = (m: MathScope, x: Vector, angle: ReducedAngle): V128 =>
  v128.bitselect(x, fromQuadrant(m, angle.quadrant, angle.sin, angle.cos), f32x4.eq(x, m.constant(0)));

export const cos = (m: MathScope, angle: ReducedAngle): V128 =>
  fromQuadrant(m, i32x4.add(angle.quadrant, m.intConstant(1)), angle.sin, angle.cos);

const withSignOf = (m: MathScope, magnitude: V128, signed: V128): V128 =>
  v128.bitselect(signed, magnitude, m.intConstant(0x80000000));

/** t / (t + 2) with t = e^{2|x|} − 1. */
export function tanh(m: MathScope, x: Vector): V128 {
  const doubled = m.f.let(f32x4.pmin(f32x4.mul(f32x4.abs(x), m.constant(2)), m.constant(30)));
  const t = m.f.let(expm1InRange(m, doubled));
  return withSignOf(m, f32x4.div(t, f32x4.add(t, m.constant(2))), x);
}

export function atan2(m: MathScope, y: Vector, x: Vector): V128 {
  const { f, target } = m;
  const ay = f.let(f32x4.abs(y));
  const ax = f.let(f32x4.abs(x));
  const isSteep = f.let(f32x4.gt(ay, ax));
  const large = f.let(f32x4.max(ax, ay));
  const small = f.let(f32x4.min(ax, ay));
  // Both infinite: as (1, 1). Near the overflow: a quarter of both.
  const isInfinite = f.let(f32x4.eq(small, m.constant(Infinity)));
  small.set(v128.bitselect(m.constant(1), small, isInfinite));
  large.set(v128.bitselect(m.constant(1), large, isInfinite));
  const scale = f.let(v128.bitselect(m.constant(0.25), m.constant(1), f32x4.gt(large, m.constant(1e38))));
  small.set(f32x4.mul(small, scale));
  large.set(f32x4.mul(large, scale));
  // atan(s / l) = π/4 + atan((s − l) / (s + l)), used above tan(π/8)
  const isUpper = f.let(f32x4.gt(small, f32x4.mul(large, m.constant(0.4142135623730951))));
  const numerator = v128.bitselect(f32x4.sub(small, large), small, isUpper);
  const denominator = f.let(v128.bitselect(f32x4.add(small, large), large, isUpper));
  denominator.set(v128.bitselect(m.constant(1), denominator, f32x4.eq(denominator, m.constant(0))));
  const t = f.let(f32x4.div(numerator, denominator));
  const z = f.let(f32x4.mul(t, t));
  const p = polynomial(m, z, atanCoefficients);
  const angle = f.let(target.madd(f32x4.mul(p, z), t, t));
  angle.set(f32x4.add(angle, v128.and(m.constant(Math.PI / 4), isUpper)));
  angle.set(v128.bitselect(f32x4.sub(m.constant(Math.PI / 2), angle), angle, isSteep));
  angle.set(v128.bitselect(f32x4.sub(m.constant(Math.PI), angle), angle, i32x4.shrS(x, 31)));
  return withSignOf(m, angle, y);
}

/** In f64, where the squares can neither overflow nor vanish. Infinite if either is, NaN or not. */
export function hypot(m: MathScope, a: Vector, b: Vector): V128 {
  const { f } = m;
  const [low, high] = [0, 1].map((half) => {
    const [x, y] = [a, b].map((v) => {
      const pair = half === 0 ? v : v128.shuffle(v, v, [2, 3, 2, 3]);
      return f.let(f64x2.promoteLowF32x4(pair));
    }) as [Vector, Vector];
    return f32x4.demoteF64x2Zero(f64x2.sqrt(f64x2.add(f64x2.mul(x, x), f64x2.mul(y, y))));
  }) as [V128, V128];
  const result = v128.shuffle(low, high, [0, 1, 4, 5]);
  const infinite = m.constant(Infinity);
  const isInfinite = v128.or(f32x4.eq(f32x4.abs(a), infinite), f32x4.eq(f32x4.abs(b), infinite));
  return v128.bitselect(infinite, result, isInfinite);
}

/** Natural logarithm of two positive f64 lanes to about 1e-10, relative. */
function logWide(m: MathScope, x: Vector): Vector {
  const { f } = m;
  const wide = (value: number): V128 => f64x2.const(value);
  // The exponent is in the high word of each lane.
  const exponents = i32x4.sub(i32x4.shrU(v128.shuffle(x, x, [1, 3, 1, 3]), 20), m.intConstant(1023));
  const e = f.let(f64x2.convertLowI32x4S(exponents));
  const fractionBits = wide(2.225073858507201e-308); // 000f ffff ffff ffff
  const mantissa = f.let(v128.or(v128.and(x, fractionBits), wide(1)));
  const isBig = f.let(f64x2.gt(mantissa, wide(Math.SQRT2)));
  mantissa.set(v128.bitselect(f64x2.mul(mantissa, wide(0.5)), mantissa, isBig));
  e.set(f64x2.add(e, v128.and(wide(1), isBig)));
  const s = f.let(f64x2.div(f64x2.sub(mantissa, wide(1)), f64x2.add(mantissa, wide(1))));
  const z = f.let(f64x2.mul(s, s));
  let p = wide(1 / 13);
  for (const n of [11, 9, 7, 5, 3, 1]) p = f64x2.add(f64x2.mul(p, z), wide(1 / n));
  const result = f.let(f64x2.add(f64x2.mul(e, wide(Math.LN2)), f64x2.mul(f64x2.add(s, s), p)));
  result.set(v128.bitselect(result, wide(-Infinity), f64x2.gt(x, wide(0))));
  result.set(v128.bitselect(result, x, f64x2.lt(x, wide(Infinity))));
  return result;
}

/** 2ⁿ for integer lanes n in [−127, 127]; −127 gives 0. */
const powerOfTwo = (m: MathScope, n: V128): V128 => i32x4.shl(i32x4.add(n, m.intConstant(127)), 23);

/** 2ⁿ (1 + q), in two steps because 2¹²⁸ is not a float. */
function scaleExp(m: MathScope, n: Vector, q: Vector): V128 {
  const half = m.f.let(i32x4.shrS(n, 1));
  const first = m.f.let(powerOfTwo(m, half));
  const scaled = m.target.madd(first, q, first);
  return f32x4.mul(scaled, powerOfTwo(m, i32x4.sub(n, half)));
}

/** |x|^y = exp(y log|x|), the product in f64 so that large exponents do not cost digits. */
export function powAbs(m: MathScope, x: Vector, y: Vector): V128 {
  const { f } = m;
  const base = f.let(f32x4.abs(x));
  const halves = [0, 1].map((half) => {
    const pick = (v: Vector): V128 => (half === 0 ? v : v128.shuffle(v, v, [2, 3, 2, 3]));
    const log = logWide(m, f.let(f64x2.promoteLowF32x4(pick(base))));
    const t = f.let(f64x2.mul(f64x2.promoteLowF32x4(pick(y)), log));
    t.set(f64x2.max(f64x2.min(t, f64x2.const(89)), f64x2.const(-100)));
    const n = f.let(f64x2.nearest(f64x2.mul(t, f64x2.const(Math.LOG2E))));
    const r = f.let(f64x2.sub(t, f64x2.mul(n, f64x2.const(Math.LN2))));
    return { t, n, r };
  });
  const [low, high] = halves as [(typeof halves)[0], (typeof halves)[0]];
  const join = (a: V128, b: V128): V128 => v128.shuffle(a, b, [0, 1, 4, 5]);
  const r = f.let(join(f32x4.demoteF64x2Zero(low.r), f32x4.demoteF64x2Zero(high.r)));
  const n = f.let(join(i32x4.truncSatF64x2SZero(low.n), i32x4.truncSatF64x2SZero(high.n)));
  const t = join(f32x4.demoteF64x2Zero(low.t), f32x4.demoteF64x2Zero(high.t));
  const isFlushed = f.let(f32x4.lt(t, m.constant(smallestExpArgument)));
  const result = f.let(v128.andnot(scaleExp(m, n, expm1Near0(m, r)), isFlushed));
  const isOne = v128.or(f32x4.eq(y, m.constant(0)), f32x4.eq(base, m.constant(1)));
  return v128.bitselect(m.constant(1), result, isOne);
}
