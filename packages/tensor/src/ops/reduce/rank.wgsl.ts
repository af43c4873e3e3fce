import type { DType } from '../../dtype.js';

/**
 * WGSL of order: `rank_of(x) -> i32` is monotonic in the element x, and `unrank(rank)` gives the element back.
 * Ranks are compared as integers, so that no compiler's idea of NaN or −0 matters: a NaN has the largest
 * rank, ±0 one and the same, and the bits of other floats order like the numbers once negative ones count down.
 */
export function rankText(dtype: DType): string {
  if (dtype === 'f32')
    return `
fn rank_of(x: f32) -> i32 {
let bits = bitcast<i32>(x);
let size = bits & 0x7fffffff;
if (size > 0x7f800000) { return 0x7fffffff; }
return select(size, -size, bits < 0);
}
fn unrank(rank: i32) -> f32 {
return bitcast<f32>(select(rank, -rank | (-2147483647 - 1), rank < 0));
}`;
  const [type, back] = dtype === 'bool' ? ['bool', 'rank != 0'] : ['i32', 'rank'];
  return `
fn rank_of(x: ${type}) -> i32 { return i32(x); }
fn unrank(rank: i32) -> ${type} { return ${back}; }`;
}
