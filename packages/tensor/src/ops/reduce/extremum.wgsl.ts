import type { WgslWord } from '../../backend/webgpu/plan.js';
import type { DType } from '../../dtype.js';
import type { WgslGenerator } from '../../op.js';
import type { Extremum } from './extremum.reference.js';
import { foldPlan, type WgslFold } from './fold.wgsl.js';
import { rankText } from './rank.wgsl.js';
import { extentsOf, type Span } from './span.js';

/**
 * `turn(rank)` is larger the better an element is: the smallest is found as the one of largest complement. It
 * undoes itself. A NaN, which beats numbers, stays on top either way.
 */
export function turnText(dtype: DType): string {
  const turned = 'rank ^ p.turned';
  return `${rankText(dtype)}
fn turn(rank: i32) -> i32 { return ${dtype === 'f32' ? `select(${turned}, rank, rank == 0x7fffffff)` : turned}; }`;
}

/** The parameter of `turn`: one kernel serves both extrema. */
export const turnWords = (which: Extremum): Record<'turned', WgslWord> => ({
  turned: { type: 'i32', value: which === 'max' ? 0 : -1 },
});

/** Turned rank of the extremum of nothing: only truth values have one, false as maximum and true as minimum. */
const ofNothing = (which: Extremum, dtype: DType): number =>
  dtype !== 'bool' ? -(2 ** 31) : which === 'max' ? 0 : ~1;

const extremumFold = (which: Extremum, dtype: DType): WgslFold => ({
  name: `extremum/${dtype}`,
  equation: 'y[o, i] = max or min over k of x[o, k, i], as the largest of integer ranks',
  state: 'i32',
  identity: 'p.nothing',
  declarations: `${turnText(dtype)}
fn better(a: i32, b: i32) -> i32 { return max(a, b); }`,
  enter: (state, value) => `max(${state}, turn(rank_of(${value})))`,
  combine: 'better',
  results: { y: { source: { output: 0 }, dtype, access: 'write' } },
  finish: 'store_y(e, unrank(turn(state)));',
  words: { ...turnWords(which), nothing: { type: 'i32', value: ofNothing(which, dtype) } },
});

export const extremumWgsl =
  (which: Extremum): WgslGenerator<Span> =>
  (call, target) => {
    const [x] = call.inputs;
    return foldPlan(call, target, extremumFold(which, x!.dtype), extentsOf(x!.shape, call.attrs));
  };
