import { type Library, polynomial } from './library.wgsl.js';
import { expCoefficients, logCoefficients } from './mathCoefficients.js';

/** ln 2 · 2²⁴ = 11629079 + 63442 · 2⁻¹⁶. */
const ln2High = 11629079;
const ln2Low = 63442;
/** Below, the result is 0: that of the next float would be subnormal. */
const smallestExpArgument = '-87.3365402f';
/** Above, the result is infinite. */
const largestExpArgument = '88.7228394f';

/** Exponential and logarithm; results below the smallest normal number are 0. */
export const expFunctions: Library = {
  real_power_of_two: {
    // n from −127, which gives 0, to 127
    text: 'fn real_power_of_two(n: i32) -> f32 { return bitcast<f32>((n + 127i) << 23u); }',
  },
  // |r| <= ln 2 / 2
  real_expm1_near_0: {
    text: `fn real_expm1_near_0(r: f32) -> f32 { return r * r * ${polynomial('r', expCoefficients)} + r; }`,
  },
  // 2ⁿ (1 + q), in two steps because 2¹²⁸ is not a float
  real_scale_exp: {
    calls: ['real_power_of_two'],
    text: `fn real_scale_exp(n: i32, q: f32) -> f32 {
  let half = n >> 1u;
  let first = real_power_of_two(half);
  return (first * q + first) * real_power_of_two(n - half);
}`,
  },
  // x = n ln 2 + r with |r| <= ln 2 / 2, the difference taken in units of 2⁻²⁴; |x| < 127
  real_reduce_exp: {
    text: `struct ReducedExp { n: i32, r: f32 }
fn real_reduce_exp(x: f32) -> ReducedExp {
  let n = i32(round(x * 1.44269504f));
  let units = i32(round(x * 0x1p24f));
  let rest = (x - f32(units) * 0x1p-24f) - f32(n * ${ln2Low}i) * 0x1p-40f;
  let r = f32(units - n * ${ln2High}i) * 0x1p-24f + rest;
  return ReducedExp(n, select(r, x, n == 0i));
}`,
  },
  real_exp: {
    calls: ['is_nan', 'real_of_bits', 'real_reduce_exp', 'real_expm1_near_0', 'real_scale_exp'],
    text: `fn real_exp(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (x > ${largestExpArgument}) { return real_of_bits(0x7f800000u); }
  if (x < ${smallestExpArgument}) { return 0f; }
  let reduced = real_reduce_exp(x);
  return real_scale_exp(reduced.n, real_expm1_near_0(reduced.r));
}`,
  },
  // 2 (2ⁿ⁻¹ q + (2ⁿ⁻¹ − 1/2))
  real_expm1: {
    calls: ['is_nan', 'real_of_bits', 'real_reduce_exp', 'real_expm1_near_0', 'real_power_of_two'],
    text: `fn real_expm1(x: f32) -> f32 {
  if (is_nan(x) || abs(x) < 1e-8f) { return x; }
  if (x > ${largestExpArgument}) { return real_of_bits(0x7f800000u); }
  let reduced = real_reduce_exp(max(x, -80f));
  let q = real_expm1_near_0(reduced.r);
  if (reduced.n == 0i) { return q; }
  let scale = real_power_of_two(reduced.n - 1i);
  let half = scale * q + (scale - 0.5f);
  return half + half;
}`,
  },
  // log(2ᵉ (1 + t)), 1 + t in [sqrt(1/2), sqrt(2))
  real_log_of_parts: {
    text: `fn real_log_of_parts(e: f32, t: f32) -> f32 {
  let z = t * t;
  let tail = ${polynomial('t', logCoefficients)} * t * z + e * -2.12194440e-4f - 0.5f * z;
  return e * 0.693359375f + (t + tail);
}`,
  },
  // x = 2ᵉ (1 + t) with 1 + t in [sqrt(1/2), sqrt(2)), of a finite x > 0; subnormal x by their bits
  real_log_parts: {
    text: `struct LogParts { e: i32, mantissa: f32 }
fn real_log_parts(x: f32) -> LogParts {
  var bits = bitcast<u32>(x);
  var shift = 0i;
  if (bits < 0x00800000u) {
    bits = bitcast<u32>(f32(bits));
    shift = -149i;
  }
  // subtracting the bits of sqrt(1/2) moves the border between exponents there
  let moved = bitcast<i32>(bits) - 0x3f3504f3i;
  return LogParts((moved >> 23u) + shift, bitcast<f32>((moved & 0x007fffffi) + 0x3f3504f3i));
}`,
  },
  real_log: {
    calls: ['is_nan', 'real_of_bits', 'real_log_parts', 'real_log_of_parts'],
    text: `fn real_log(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  if ((bits & 0x7fffffffu) == 0u) { return real_of_bits(0xff800000u); }
  if (bits > 0x80000000u) { return real_of_bits(0x7fc00000u); }
  if (bits >= 0x7f800000u) { return x; }
  let parts = real_log_parts(x);
  return real_log_of_parts(f32(parts.e), parts.mantissa - 1f);
}`,
  },
  // Near 0 the series itself; else log(u) + (x − (u − 1)) / u, u = 1 + x without its last bit: exact differences
  // (Hull, Kahan) that no compiler can know to be zero.
  real_log1p: {
    calls: ['real_log', 'real_log_of_parts', 'is_nan', 'is_infinite'],
    text: `fn real_log1p(x: f32) -> f32 {
  if (x == 0f || is_nan(x) || (is_infinite(x) && x > 0f)) { return x; }
  if (x > -0.29f && x < 0.41f) { return real_log_of_parts(0f, x); }
  let u = bitcast<f32>(bitcast<u32>(1f + x) & 0xfffffffeu);
  let logarithm = real_log(u);
  return select(logarithm, logarithm + (x - (u - 1f)) / u, u > 0f && u < 1e38f);
}`,
  },
  // t / (t + 2) with t = e^{2|x|} − 1
  real_tanh: {
    calls: ['real_expm1', 'real_copysign', 'is_nan'],
    text: `fn real_tanh(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let t = real_expm1(min(2f * abs(x), 30f));
  return real_copysign(t / (t + 2f), x);
}`,
  },
};
