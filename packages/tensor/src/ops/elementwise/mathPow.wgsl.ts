import type { Library } from './library.wgsl.js';

/**
 * |x|ʸ = 2ᵗ with t = y log₂|x|. An error of t is one of the result's digits, so t is computed to 2⁻²⁵ though it
 * may be as large as 128: logarithm and product in integers of 64 bits, of which the 32 leading ones are kept.
 */
export const powFunctions: Library = {
  // a non-zero number = ± mantissa · 2^exponent; the mantissa has its highest bit set
  real_wide: {
    text: `struct Wide { isNegative: bool, mantissa: u32, exponent: i32 }
fn real_wide(isNegative: bool, high: u32, low: u32, exponent: i32) -> Wide {
  if (high == 0u) {
    let zeros = countLeadingZeros(low);
    return Wide(isNegative, low << zeros, exponent - bitcast<i32>(zeros));
  }
  let zeros = countLeadingZeros(high);
  let mantissa = (high << zeros) | ((low >> 1u) >> (31u - zeros));
  return Wide(isNegative, mantissa, exponent + 32i - bitcast<i32>(zeros));
}`,
  },
  // log₂ of a finite x > 0, x ≠ 1, to 30 bits. With x = 2ᵉ m and s = (m − 1) / (m + 1) it is
  // e + (2 / ln 2) s (1 + s²/3 + s⁴/5 + …); the quotient is 22 bits from a division of floats, and as many from
  // dividing what that leaves.
  real_log2_wide: {
    calls: ['real_log_parts', 'real_wide', 'high_product', 'real_power_of_two'],
    text: `fn real_log2_wide(x: f32) -> Wide {
  let parts = real_log_parts(x);
  let m = bitcast<i32>(u32(parts.mantissa * 0x1p24f));
  let difference = m - 0x1000000i;
  if (difference == 0i) {
    let isBelow = parts.e < 0i;
    return real_wide(isBelow, 0u, u32(abs(parts.e)), 0i);
  }
  let isNegative = difference < 0i;
  // numerator from 2²⁹ to 2³⁰, denominator about 2²⁵
  let zeros = countLeadingZeros(u32(abs(difference))) - 2u;
  let numerator = u32(abs(difference)) << zeros;
  let denominator = u32(m + 0x1000000i);
  let first = u32(round(f32(numerator) / f32(denominator) * 0x1p18f));
  let rest = f32(bitcast<i32>((numerator << 18u) - first * denominator)) / f32(denominator);
  let s = f32(first) * real_power_of_two(-18i - bitcast<i32>(zeros));
  let z = s * s;
  let tail = f32(first) * z * (0.333333333f + z * (0.2f + z * (0.142857143f + z * (0.111111111f + z * 0.0909090909f))));
  let series = (first << 8u) + bitcast<u32>(i32(round((rest + tail) * 256f)));
  // times 2 / ln 2 = 0xb8aa3b29 · 2⁻³⁰: log₂ m in units of 2^−(56 + zeros)
  let high = high_product(series, 0xb8aa3b29u);
  let low = series * 0xb8aa3b29u;
  if (parts.e == 0i) { return real_wide(isNegative, high, low, -56i - bitcast<i32>(zeros)); }
  let shift = 24u + zeros;
  let fraction = select(high >> (min(shift, 63u) - 32u), (high << (32u - shift)) | (low >> shift), shift < 32u);
  let below = select(fraction, ~fraction + 1u, isNegative);
  let above = bitcast<u32>(parts.e) - select(0u, 1u, isNegative && fraction != 0u);
  if (parts.e > 0i) { return real_wide(false, above, below, -32i); }
  let lower = ~below + 1u;
  return real_wide(true, ~above + select(0u, 1u, lower == 0u), lower, -32i);
}`,
  },
  real_pow_abs: {
    calls: ['real_pow_special', 'real_log2_wide', 'real_pow_finite'],
    text: `fn real_pow_abs(x: f32, y: f32) -> f32 {
  let base = bitcast<u32>(x) & 0x7fffffffu;
  let exponent = bitcast<u32>(y) & 0x7fffffffu;
  let isSpecial = exponent == 0u || base == 0x3f800000u || base == 0u || base >= 0x7f800000u || exponent >= 0x7f800000u;
  if (isSpecial) { return real_pow_special(base, y); }
  return real_pow_finite(bitcast<f32>(base), y);
}`,
  },
  // 1 for x = 1 and for y = 0, else as the limits
  real_pow_special: {
    calls: ['real_of_bits', 'is_nan'],
    text: `fn real_pow_special(base: u32, y: f32) -> f32 {
  if (base == 0x3f800000u || y == 0f) { return 1f; }
  if (base > 0x7f800000u || is_nan(y)) { return real_of_bits(0x7fc00000u); }
  let isLarge = base > 0x3f800000u;
  return select(0f, real_of_bits(0x7f800000u), isLarge == (y > 0f));
}`,
  },
  real_pow_finite: {
    calls: [
      'real_log2_wide',
      'real_of_bits',
      'real_wide',
      'high_product',
      'real_expm1_near_0',
      'real_scale_exp',
    ],
    text: `fn real_pow_finite(base: f32, y: f32) -> f32 {
  let logarithm = real_log2_wide(base);
  let isNegative = logarithm.isNegative != (y < 0f);
  let bits = bitcast<u32>(y) & 0x7fffffffu;
  var mantissa = (bits & 0x007fffffu) | 0x00800000u;
  var exponent = bitcast<i32>(bits >> 23u) - 150i;
  if (bits < 0x00800000u) {
    mantissa = bits;
    exponent = -149i;
  }
  // |t| = (high, low) · 2^scale, in units of 2⁻²⁵ below
  let high = high_product(mantissa, logarithm.mantissa);
  let low = mantissa * logarithm.mantissa;
  let product = real_wide(false, high, low, logarithm.exponent + exponent);
  let shift = -25i - product.exponent;
  if (shift < 0i) { return select(real_of_bits(0x7f800000u), 0f, isNegative); }
  let units = select((product.mantissa >> u32(min(shift, 31i))), 0u, shift > 31i);
  let rounded = bitcast<i32>(min((units >> 1u) + (units & 1u), 0x7fffffffu));
  let t = select(rounded, -rounded, isNegative);
  // 2⁻¹²⁶ is the smallest normal number
  if (t < -2113929216i) { return 0f; }
  let n = ((t >> 23u) + 1i) >> 1u;
  let r = f32(t - (n << 24u)) * 0x1p-24f * 0.693147181f;
  return real_scale_exp(n, real_expm1_near_0(r));
}`,
  },
};
