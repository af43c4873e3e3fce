import type { WgslPlan, WgslTarget } from '../../backend/webgpu/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { compensatedText, compensatedWords, complexTotal, realTotal } from './compensated.wgsl.js';
import { foldPlan, type WgslFold } from './fold.wgsl.js';
import { extentsOf, type Span } from './span.js';

const equation = 'y[o, i] = sum over k of x[o, k, i]';

const floatSum = (dtype: 'f32' | 'c64'): WgslFold => {
  const kind = dtype === 'f32' ? realTotal : complexTotal;
  return {
    name: `sum/${dtype}`,
    equation: `${equation}, with the rounding errors added up beside it`,
    state: kind.total,
    identity: `${kind.total}()`,
    declarations: compensatedText(kind),
    enter: (state, value) => `add_value(${state}, ${value})`,
    combine: 'add_total',
    results: { y: { source: { output: 0 }, dtype, access: 'write' } },
    finish: 'store_y(e, rounded(state));',
    words: compensatedWords,
  };
};

/** Integers wrap; truth values count as 0 and 1. */
const integerSum = (dtype: DType): WgslFold => ({
  name: `sum/${dtype}`,
  equation,
  state: 'i32',
  identity: '0i',
  declarations: 'fn add(a: i32, b: i32) -> i32 { return a + b; }',
  enter: (state, value) => `${state} + i32(${value})`,
  combine: 'add',
  results: { y: { source: { output: 0 }, dtype: 'i32', access: 'write' } },
  finish: 'store_y(e, state);',
});

/** How elements of a dtype are added up. */
export const sumFoldOf = (dtype: DType): WgslFold => {
  const { kind } = dtypeInfo[dtype];
  return kind === 'integer' || kind === 'bool' ? integerSum(dtype) : floatSum(dtype as 'f32' | 'c64');
};

export const sumWgsl = (call: KernelCall<Span>, target: WgslTarget): WgslPlan =>
  foldPlan(call, target, sumFoldOf(call.inputs[0]!.dtype), extentsOf(call.inputs[0]!.shape, call.attrs));
