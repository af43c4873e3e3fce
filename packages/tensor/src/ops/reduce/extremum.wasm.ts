import { type Expr, f32, f32x4, i32, i32x4, select, v128 } from '../../backend/wasm/assembler.js';
import type { DType } from '../../dtype.js';
import type { WasmKernel } from '../../op.js';
import type { Extremum } from './extremum.reference.js';
import { type Fold, lanesOf, rawSink, type Sink } from './fold.wasm.js';
import { foldPlan } from './foldPlan.wasm.js';
import { extentsOf, type Span } from './span.js';
import { readingOf } from './staging.wasm.js';

type F32 = Expr<'f32'>;
type I32 = Expr<'i32'>;

const byteSink: Sink = {
  bytes: 1,
  one: (f, address, value, offset) => f.store('i32_8', address, value, offset),
  four: (f, address, values, offset) => {
    for (let lane = 0; lane < 4; lane++)
      f.store('i32_8', address, lanesOf.i32.lane(values, lane), offset + lane);
  },
};

/** f32 uses the IEEE maximum and minimum, which keep NaN. */
const floatFold = (which: Extremum): Fold => ({
  name: `${which}-f32`,
  bytes: 4,
  lanes: 'f32',
  identity: which === 'max' ? -Infinity : Infinity,
  load: (_f, address, offset) => [v128.load(address, offset)],
  loadOne: (_f, address, offset) => f32.load(address, offset),
  combine: f32x4[which],
  combineOne: (a, b) => f32[which](a as F32, b as F32),
  sink: rawSink('f32'),
});

const integerFold = (which: Extremum, dtype: DType): Fold => {
  const wins = which === 'max' ? i32.gtS : i32.ltS;
  const isByte = dtype !== 'i32';
  const lowest = isByte ? 0 : -(2 ** 31);
  const highest = dtype === 'bool' ? 1 : isByte ? 255 : 2 ** 31 - 1;
  return {
    name: `${which}-${dtype}`,
    bytes: isByte ? 1 : 4,
    lanes: 'i32',
    identity: which === 'max' ? lowest : highest,
    load: (_f, address, offset) => [
      isByte ? i32x4.extendLowI16x8U(v128.load8x8U(address, offset)) : v128.load(address, offset),
    ],
    loadOne: (_f, address, offset) => (isByte ? i32.load8U : i32.load)(address, offset),
    combine: which === 'max' ? i32x4.maxS : i32x4.minS,
    combineOne: (a, b) => select(wins(a as I32, b as I32), a as I32, b as I32),
    sink: isByte ? byteSink : rawSink('i32'),
  };
};

export const extremumWasm =
  (which: Extremum): WasmKernel<Span> =>
  (call, target) => {
    const { shape, dtype } = call.inputs[0]!;
    const fold = dtype === 'f32' ? floatFold(which) : integerFold(which, dtype);
    return foldPlan(target, fold, extentsOf(shape, call.attrs), readingOf(call));
  };
