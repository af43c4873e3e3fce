import type { DType } from '../../dtype.js';
import type { WgslGenerator } from '../../op.js';
import type { Extremum } from './extremum.reference.js';
import { turnText, turnWords } from './extremum.wgsl.js';
import { foldPlan, type WgslFold } from './fold.wgsl.js';
import { extentsOf, type Span } from './span.js';

/** Carries rank and row; of equal ranks the first row stays, in whatever order rows are compared. */
const argExtremumFold = (which: Extremum, dtype: DType): WgslFold => ({
  name: `argExtremum/${dtype}`,
  equation: 'y[o, i] = first k at which x[o, k, i] is largest, or smallest',
  state: 'vec2i',
  identity: 'vec2i(-2147483647i - 1i, 0x7fffffff)',
  declarations: `${turnText(dtype)}
fn better(a: vec2i, b: vec2i) -> vec2i {
return select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y));
}`,
  enter: (state, value, k) => `better(${state}, vec2i(turn(rank_of(${value})), i32(${k})))`,
  combine: 'better',
  results: { y: { source: { output: 0 }, dtype: 'i32', access: 'write' } },
  finish: 'store_y(e, state.y);',
  words: turnWords(which),
});

export const argExtremumWgsl =
  (which: Extremum): WgslGenerator<Span> =>
  (call, target) => {
    const [x] = call.inputs;
    return foldPlan(call, target, argExtremumFold(which, x!.dtype), extentsOf(x!.shape, call.attrs));
  };
