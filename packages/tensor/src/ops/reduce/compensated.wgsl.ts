import type { WgslWord } from '../../backend/webgpu/plan.js';

/**
 * Sums in about twice the precision of f32, which stands in for the f64 that WGSL does not have: a total is a
 * rounded sum `high` and the sum `low` of all its rounding errors (Knuth, TAOCP 2, 4.2.2; Neumaier 1974).
 * A real total is vec2f(high, low), a complex one vec4f(high, low).
 */
export interface Compensated {
  /** What is added up. */
  readonly value: 'f32' | 'vec2f';
  /** A total of such values. */
  readonly total: 'vec2f' | 'vec4f';
  readonly high: string;
  readonly low: string;
}

export const realTotal: Compensated = { value: 'f32', total: 'vec2f', high: 'x', low: 'y' };
export const complexTotal: Compensated = { value: 'vec2f', total: 'vec4f', high: 'xy', low: 'zw' };

/** The parameter that `compensatedText` needs. */
export const compensatedWords: Readonly<Record<string, WgslWord>> = { zero: { type: 'u32', value: 0 } };

/**
 * `add_value(total, value)`, `add_total(a, b)` and `rounded(total)`. Compilers may re-arrange sums, and some do:
 * (a + b) − a becomes b. So every intermediate result passes through `exact`, which they cannot see through,
 * for they do not know that `p.zero` is 0. An infinite or undefined sum is left as it is.
 */
export function compensatedText({ value, total, high, low }: Compensated): string {
  const bits = value === 'f32' ? 'u32' : 'vec2u';
  return `
fn exact(x: ${value}) -> ${value} { return bitcast<${value}>(bitcast<${bits}>(x) ^ ${bits}(p.zero)); }
fn rounding_error(a: ${value}, b: ${value}, sum: ${value}) -> ${value} {
let part_b = exact(sum - a);
let part_a = exact(sum - part_b);
return exact(a - part_a) + exact(b - part_b);
}
fn add_value(t: ${total}, x: ${value}) -> ${total} {
let sum = exact(t.${high} + x);
return ${total}(sum, t.${low} + rounding_error(t.${high}, x, sum));
}
fn add_total(a: ${total}, b: ${total}) -> ${total} {
let sum = exact(a.${high} + b.${high});
return ${total}(sum, a.${low} + b.${low} + rounding_error(a.${high}, b.${high}, sum));
}
fn rounded(t: ${total}) -> ${value} {
let special = (bitcast<${bits}>(t.${high}) & ${bits}(0x7f800000u)) == ${bits}(0x7f800000u);
return select(t.${high} + t.${low}, t.${high}, special);
}`;
}
