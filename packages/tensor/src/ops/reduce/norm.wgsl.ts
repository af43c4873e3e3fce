import type { WgslPlan, WgslTarget } from '../../backend/webgpu/plan.js';
import { isComplex } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { compensatedText, compensatedWords, realTotal } from './compensated.wgsl.js';
import { foldPlan, type WgslFold } from './fold.wgsl.js';
import { extentsOf, type Span } from './span.js';

/**
 * A total of squares is vec4f(high, low, level, 0) and counts in units of 2^(160 level), level −1, 0 or 1: so
 * neither the squares of the largest floats overflow nor those of the smallest vanish (Blue 1978). The level
 * is that of the largest part seen; squares of lower levels hardly count and may underflow.
 */
const squaresText = `
fn level_of(x: f32) -> f32 {
let size = bitcast<u32>(x) & 0x7fffffffu;
return select(select(0f, -1f, size < ${bitsOfPower(-40)}), 1f, size >= ${bitsOfPower(40)});
}
// 2^(-80 level)
fn unit(level: f32) -> f32 {
return select(select(1f, 0x1p80f, level < 0f), 0x1p-80f, level > 0f);
}
fn raise(t: vec4f, level: f32) -> vec4f {
var total = t.xy;
for (var at = t.z; at < level; at += 1f) { total = (total * 0x1p-80f) * 0x1p-80f; }
return vec4f(total, level, 0f);
}
fn add_square(t: vec4f, x: f32) -> vec4f {
let level = max(t.z, level_of(x));
let raised = raise(t, level);
let scaled = x * unit(level);
return vec4f(add_value(raised.xy, exact(scaled * scaled)), level, 0f);
}
fn add_modulus(t: vec4f, x: vec2f) -> vec4f { return add_square(add_square(t, x.x), x.y); }
fn add_squares(a: vec4f, b: vec4f) -> vec4f {
let level = max(a.z, b.z);
return vec4f(add_total(raise(a, level).xy, raise(b, level).xy), level, 0f);
}
fn root(t: vec4f) -> f32 {
let squares = rounded(t.xy);
let special = (bitcast<u32>(squares) & 0x7f800000u) == 0x7f800000u;
return select(sqrt(squares) * unit(-t.z), squares, special);
}`;

/** Bits of 2^exponent as WGSL. */
function bitsOfPower(exponent: number): string {
  return `${(exponent + 127) << 23}u`;
}

const normFold = (dtype: 'f32' | 'c64'): WgslFold => ({
  name: `norm/${dtype}`,
  equation: 'y[o, i] = (sum over k of |x[o, k, i]|^2)^(1/2)',
  state: 'vec4f',
  identity: 'vec4f(0f, 0f, -1f, 0f)',
  declarations: `${compensatedText(realTotal)}${squaresText}`,
  enter: (state, value) => `${dtype === 'f32' ? 'add_square' : 'add_modulus'}(${state}, ${value})`,
  combine: 'add_squares',
  results: { y: { source: { output: 0 }, dtype: 'f32', access: 'write' } },
  finish: 'store_y(e, root(state));',
  words: compensatedWords,
});

export function normWgsl(call: KernelCall<Span>, target: WgslTarget): WgslPlan {
  const [x] = call.inputs;
  const fold = normFold(isComplex(x!.dtype) ? 'c64' : 'f32');
  return foldPlan(call, target, fold, extentsOf(x!.shape, call.attrs));
}
