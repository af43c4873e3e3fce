import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan, WgslStep, WgslTarget } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { compensatedText, compensatedWords, realTotal } from './compensated.wgsl.js';
import { foldPlan, inputFeed, type Sink, type WgslFold } from './fold.wgsl.js';
import { extentsOf, type Span } from './span.js';
import { groupSize, rowLoop, type Tile, tileText, tileWords, treeText } from './tile.wgsl.js';

/**
 * A record is vec4f(number of elements, mean, what the mean was rounded by, sum of squared deviations).
 * `mean_of` divides by a whole number with a remainder, the product being formed from halves of the digits.
 */
const recordText = `
fn is_special(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u; }
fn upper(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }
fn product_error(a: f32, b: f32, product: f32) -> f32 {
let a1 = upper(a);
let b1 = upper(b);
let a2 = exact(a - a1);
let b2 = exact(b - b1);
return exact(exact(exact(a1 * b1 - product) + a1 * b2) + a2 * b1) + a2 * b2;
}
fn mean_of(t: vec2f, count: f32) -> vec2f {
let mean = t.x / count;
let product = exact(mean * count);
let rest = exact(t.x - product) - product_error(mean, count, product) + t.y;
return select(vec2f(mean, rest / count), vec2f(mean, 0f), is_special(mean));
}
fn square_of(x: f32, mean: vec2f) -> f32 {
let deviation = exact(x - mean.x) - mean.y;
return deviation * deviation;
}
// Chan, Golub and LeVeque 1979
fn merge(a: vec4f, b: vec4f) -> vec4f {
if (a.x == 0f) { return b; }
if (b.x == 0f) { return a; }
let count = a.x + b.x;
let distance = exact(b.y - a.y) + (b.z - a.z);
if (is_special(distance)) { return vec4f(count, a.y + b.y, 0f, not_a_number()); }
let mean = add_value(a.yz, distance * (b.x / count));
return vec4f(count, mean, a.w + b.w + distance * distance * (a.x / count) * b.x);
}
fn not_a_number() -> f32 { return bitcast<f32>(p.undefined); }`;

const momentsFold: WgslFold = {
  name: 'moments',
  equation: 'm = sum over k of x[o, k, i] / n, v = sum over k of (x[o, k, i] - m)^2 / n',
  state: 'vec4f',
  identity: 'vec4f()',
  declarations: `${compensatedText(realTotal)}${recordText}`,
  enter: (state, value) => `merge(${state}, vec4f(1f, ${value}, 0f, 0f))`,
  combine: 'merge',
  results: {
    mean: { source: { output: 0 }, dtype: 'f32', access: 'write' },
    variance: { source: { output: 1 }, dtype: 'f32', access: 'write' },
  },
  finish: `let some = state.x > 0f;
store_mean(e, select(not_a_number(), rounded(state.yz), some));
store_variance(e, select(not_a_number(), state.w / state.x, some));`,
  words: { ...compensatedWords, undefined: { type: 'u32', value: 0x7fc00000 } },
};

/** A work group reads its block twice while it is in the cache: for the mean, and for the deviations from it. */
export const momentsWgsl = (call: KernelCall<Span>, target: WgslTarget): WgslPlan =>
  foldPlan(
    call,
    target,
    momentsFold,
    extentsOf(call.inputs[0]!.shape, call.attrs),
    (tile, sink) => blockStep(call, target, tile, sink),
    true,
  );

function blockStep(call: KernelCall<Span>, target: WgslTarget, tile: Tile, sink: Sink): WgslStep {
  const { operands, load } = inputFeed(momentsFold, 'f32');
  const loop = (enter: (value: string) => string): string =>
    rowLoop(
      (k) => load(`base + (${k}) * p.inner`),
      (value) => `state = add_value(state, ${enter(value)});`,
    );
  return wgslStep(call, {
    name: 'reduce/moments/blocks',
    about: `${momentsFold.equation}, of blocks of rows\n2 passes over x, the second from the cache`,
    operands: { ...operands, ...sink.operands },
    words: { ...tileWords(tile), ...momentsFold.words },
    workgroupSize: groupSize,
    groups: tile.groups,
    usesSubgroups: target.subgroupSize > 1,
    declarations: `${momentsFold.declarations}
var<workgroup> totals: array<vec2f, ${groupSize}>;
var<workgroup> means: array<vec2f, ${groupSize}>;`,
    body: `${tileText}
let base = o * p.n * p.inner + i;
let count = f32(end - min(first, end));
var state = vec2f();
${loop((value) => value)}
${treeText('add_total', 'totals', target)}
let mine = local - (row << p.columnBits);
if (row == 0u) { means[mine] = mean_of(state, count); }
workgroupBarrier();
let mean = means[mine];
state = vec2f();
${loop((value) => `square_of(${value}, mean)`)}
${treeText('add_total', 'totals', target)}
if (row == 0u && inside) {
let squares = rounded(state);
{
let state = vec4f(count, mean, squares);
${sink.store}
}
}`,
  });
}
