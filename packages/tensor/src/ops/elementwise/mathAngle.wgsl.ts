import { type Library, polynomial } from './library.wgsl.js';
import { atanCoefficients, cosCoefficients, sinCoefficients } from './mathCoefficients.js';

/** The bits of 2/π after 32 zeros. */
const twoOverPi =
  '0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu';

/** Sine and cosine of every finite number, and functions of two coordinates. */
export const angleFunctions: Library = {
  // |x| = quadrant · π/2 + r with |r| <= π/4 (Payne, Hanek): of the product of the mantissa and 2/π only those bits
  // are computed that stand for less than four quadrants, 2 whole and 62 after the point.
  real_reduce_angle: {
    calls: ['high_product'],
    text: `struct ReducedAngle { quadrant: u32, r: f32 }
fn real_reduce_angle(magnitude: u32) -> ReducedAngle {
  if (magnitude <= 0x3f490fdau) { return ReducedAngle(0u, bitcast<f32>(magnitude)); }
  var bits = array<u32, 8>(${twoOverPi});
  let mantissa = (magnitude & 0x007fffffu) | 0x00800000u;
  let start = (magnitude >> 23u) - 120u;
  let word = start >> 5u;
  let shift = start & 31u;
  // a shift by 32 would be one by 0
  let next = vec3u(bits[word + 1u], bits[word + 2u], bits[word + 3u]);
  let window = (vec3u(bits[word], next.xy) << vec3u(shift)) | ((next >> vec3u(1u)) >> vec3u(31u - shift));
  let middle = mantissa * window.y;
  let low = middle + high_product(mantissa, window.z);
  let high = mantissa * window.x + high_product(mantissa, window.y) + select(0u, 1u, low < middle);
  let quadrant = (high + 0x20000000u) >> 30u;
  // the rest in units of 2⁻³⁰ (top) and 2⁻⁶² (below) quadrants, as a sign and a magnitude
  var top = high - (quadrant << 30u);
  var below = low;
  let isNegative = (top >> 31u) == 1u;
  if (isNegative) {
    below = ~below + 1u;
    top = ~top + select(0u, 1u, below == 0u);
  }
  let zeros = min(countLeadingZeros(top), 31u);
  let leading = (top << zeros) | ((below >> 1u) >> (31u - zeros));
  // times π/2 = 0xc90fdaa2 · 2⁻³¹
  let r = f32(high_product(leading, 0xc90fdaa2u)) * bitcast<f32>((98u - zeros) << 23u);
  return ReducedAngle(quadrant & 3u, select(r, -r, isNegative));
}`,
  },
  // sin(|x| + turns · π/2)
  real_sin_turned: {
    calls: ['real_reduce_angle', 'real_of_bits'],
    text: `fn real_sin_turned(magnitude: u32, turns: u32) -> f32 {
  if (magnitude >= 0x7f800000u) { return real_of_bits(0x7fc00000u); }
  let angle = real_reduce_angle(magnitude);
  let quadrant = angle.quadrant + turns;
  let r = angle.r;
  let z = r * r;
  let sine = ${polynomial('z', sinCoefficients)} * z * r + r;
  let cosine = ${polynomial('z', cosCoefficients)} * z * z + (1f - 0.5f * z);
  let value = select(sine, cosine, (quadrant & 1u) == 1u);
  return select(value, -value, (quadrant & 2u) == 2u);
}`,
  },
  real_sin: {
    calls: ['real_sin_turned'],
    text: `fn real_sin(x: f32) -> f32 {
  let value = real_sin_turned(bitcast<u32>(x) & 0x7fffffffu, 0u);
  return select(value, -value, bitcast<i32>(x) < 0i);
}`,
  },
  real_cos: {
    calls: ['real_sin_turned'],
    text: 'fn real_cos(x: f32) -> f32 { return real_sin_turned(bitcast<u32>(x) & 0x7fffffffu, 1u); }',
  },
  // atan(s / l) = π/4 + atan((s − l) / (s + l)), used above tan(π/8)
  real_atan2: {
    calls: ['is_nan', 'real_of_bits', 'is_infinite', 'real_copysign'],
    text: `fn real_atan2(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return real_of_bits(0x7fc00000u); }
  let isSteep = abs(y) > abs(x);
  var large = select(abs(x), abs(y), isSteep);
  var small = select(abs(y), abs(x), isSteep);
  if (is_infinite(large)) {
    small = select(0f, 1f, is_infinite(small));
    large = 1f;
  }
  // near the overflow and where divisions flush: a power of two of both
  let scale = select(select(1f, 0x1p60f, large < 0x1p-60f), 0.25f, large > 1e38f);
  small *= scale;
  large *= scale;
  let isUpper = small > large * 0.414213562f;
  let numerator = select(small, small - large, isUpper);
  let denominator = select(large, small + large, isUpper);
  let t = select(numerator / denominator, 0f, denominator == 0f);
  let z = t * t;
  var angle = ${polynomial('z', atanCoefficients)} * z * t + t;
  angle = select(angle, angle + 0.785398163f, isUpper);
  angle = select(angle, 1.57079633f - angle, isSteep);
  angle = select(angle, 3.14159265f - angle, (bitcast<u32>(x) >> 31u) == 1u);
  return real_copysign(angle, y);
}`,
  },
  // scaled by a power of two, so that squares neither overflow nor vanish; infinite if either is, NaN or not
  real_hypot: {
    calls: ['is_infinite', 'real_of_bits', 'is_nan', 'real_power_of_two', 'real_sqrt'],
    text: `fn real_hypot(a: f32, b: f32) -> f32 {
  if (is_infinite(a) || is_infinite(b)) { return real_of_bits(0x7f800000u); }
  if (is_nan(a) || is_nan(b)) { return real_of_bits(0x7fc00000u); }
  let large = max(bitcast<u32>(a) & 0x7fffffffu, bitcast<u32>(b) & 0x7fffffffu);
  let e = clamp(bitcast<i32>(large >> 23u) - 127i, -126i, 126i);
  let scale = real_power_of_two(-e);
  let x = a * scale;
  let y = b * scale;
  return real_sqrt(x * x + y * y) * real_power_of_two(e);
}`,
  },
};
