import type { Library } from './library.wgsl.js';
import { angleFunctions } from './mathAngle.wgsl.js';
import { expFunctions } from './mathExp.wgsl.js';
import { powFunctions } from './mathPow.wgsl.js';

/**
 * What WGSL leaves open. Its own functions may be off by thousands of units in the last place, its minimum may
 * ignore NaN, and compilers may take for granted that there are no infinities or NaN, or sum in another order:
 * special values are told by their bits, and wherever cancellation matters the arithmetic is that of integers.
 */
const basicFunctions: Library = {
  real_of_bits: {
    // through a variable, because a constant must be a finite number
    text: 'fn real_of_bits(bits: u32) -> f32 { var word = bits; return bitcast<f32>(word); }',
  },
  is_nan: { text: 'fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }' },
  is_infinite: {
    text: 'fn is_infinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }',
  },
  real_sqrt: { text: 'fn real_sqrt(x: f32) -> f32 { return sqrt(x); }' },
  // −0 is less than 0
  real_min: {
    calls: ['is_nan'],
    text: `fn real_min(a: f32, b: f32) -> f32 {
  if (is_nan(a)) { return a; }
  if (is_nan(b)) { return b; }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) | bitcast<u32>(b)); }
  return select(b, a, a < b);
}`,
  },
  real_max: {
    calls: ['is_nan'],
    text: `fn real_max(a: f32, b: f32) -> f32 {
  if (is_nan(a)) { return a; }
  if (is_nan(b)) { return b; }
  if (a == b) { return bitcast<f32>(bitcast<u32>(a) & bitcast<u32>(b)); }
  return select(b, a, a > b);
}`,
  },
  // not by masks of bits: Mesa 25.0 loses the mask of the sign bit where the result goes through a select
  real_copysign: {
    text: `fn real_copysign(magnitude: f32, sign: f32) -> f32 {
  return select(abs(magnitude), -abs(magnitude), bitcast<i32>(sign) < 0i);
}`,
  },
  real_to_int: {
    calls: ['is_nan'],
    text: `fn real_to_int(x: f32) -> i32 {
  if (is_nan(x)) { return 0i; }
  if (x >= 2147483648f) { return 2147483647i; }
  if (x <= -2147483648f) { return -2147483647i - 1i; }
  return i32(x);
}`,
  },
  int_div: {
    text: `fn int_div(a: i32, b: i32) -> i32 {
  if (b == 0i) { return 0i; }
  if (b == -1i) { return -a; }
  return a / b;
}`,
  },
  int_rem: {
    text: `fn int_rem(a: i32, b: i32) -> i32 {
  if (b == 0i || b == -1i) { return 0i; }
  return a % b;
}`,
  },
  // The low word is what WGSL's product of two u32 is.
  high_product: {
    text: `fn high_product(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}`,
  },
};

const library: Library = { ...basicFunctions, ...expFunctions, ...angleFunctions, ...powFunctions };

/** The texts of library functions and of all they call, each once. */
export function libraryText(names: Iterable<string>): string {
  const texts = new Map<string, string>();
  const add = (name: string): void => {
    if (texts.has(name)) return;
    const found = library[name];
    if (!found) throw new TypeError(`libraryText: there is no function ${name}`);
    texts.set(name, found.text);
    for (const inner of found.calls ?? []) add(inner);
  };
  for (const name of names) add(name);
  return [...texts.values()].join('\n');
}
