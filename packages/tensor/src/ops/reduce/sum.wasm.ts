import { type Expr, f32, f64, f64x2, i32, i32x4, v128 } from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { Fusable, KernelCall } from '../../op.js';
import type { TensorType } from '../../shape.js';
import { transformedRow } from '../fft/fftBlock.wasm.js';
import { demoteFour, type Fold, promoteFour, rawSink, type Sink } from './fold.wasm.js';
import { foldPlan } from './foldPlan.wasm.js';
import { cutSegments } from './segments.wasm.js';
import { extentsOf, type Span } from './span.js';
import { fusesLoad, readingOf } from './staging.wasm.js';

type F64 = Expr<'f64'>;

const f32Sink: Sink = {
  bytes: 4,
  one: (f, address, value, offset) => f.store('f32', address, f32.demoteF64(value as F64), offset),
  four: (f, address, values, offset) => f.store('v128', address, demoteFour(values), offset),
};

/** f32 added up in f64: exact to far below one f32 rounding for any length that fits in memory. */
export const sumF32: Fold = {
  name: 'sum-f32',
  bytes: 4,
  lanes: 'f64',
  identity: 0,
  load: (_f, address, offset) => promoteFour(address, offset),
  loadOne: (_f, address, offset) => f64.promoteF32(f32.load(address, offset)),
  combine: f64x2.add,
  combineOne: (a, b) => f64.add(a as F64, b as F64),
  sink: f32Sink,
};

const integerSum = (name: string, bytes: number, load: Fold['load'], loadOne: Fold['loadOne']): Fold => ({
  name,
  bytes,
  lanes: 'i32',
  identity: 0,
  load,
  loadOne,
  combine: i32x4.add,
  combineOne: (a, b) => i32.add(a as Expr<'i32'>, b as Expr<'i32'>),
  sink: rawSink('i32'),
});

const sumI32 = integerSum(
  'sum-i32',
  4,
  (_f, address, offset) => [v128.load(address, offset)],
  (_f, address, offset) => i32.load(address, offset),
);
const sumU8 = integerSum(
  'sum-u8',
  1,
  (_f, address, offset) => [i32x4.extendLowI16x8U(v128.load8x8U(address, offset))],
  (_f, address, offset) => i32.load8U(address, offset),
);

/** How elements of a dtype are added up; the parts of complex numbers count as columns. */
export const sumFoldOf = (dtype: DType): Fold =>
  dtype === 'i32' ? sumI32 : dtypeInfo[dtype].bytes === 1 ? sumU8 : sumF32;

/** Scratch memory for what a task adds up, beside what computes it. */
const stagedBytes = 3 * 2 ** 18;

/**
 * Any load; one that begins with transforms of rows where a task adds up whole rows, four of each transform, and
 * they find room in cache.
 */
export function fusesSum([x]: readonly TensorType[], span: Span): Fusable {
  const takes: Fusable['takes'] = (...maker) => {
    const row = transformedRow(...maker);
    const { parts } = dtypeInfo[x!.dtype];
    const extents = extentsOf(x!.shape, span);
    if (row === undefined || extents.inner % row !== 0) return false;
    const { blocks, length, chunk } = cutSegments({ ...extents, inner: extents.inner * parts }, row * parts);
    return blocks === 1 && 4 * length * chunk <= stagedBytes;
  };
  return { ...fusesLoad(), takes };
}

export function sumWasm(call: KernelCall<Span>, target: WasmTarget): WasmPlan {
  const { shape, dtype } = call.inputs[0]!;
  const { outer, n, inner } = extentsOf(shape, call.attrs);
  const { parts } = dtypeInfo[dtype];
  return foldPlan(target, sumFoldOf(dtype), { outer, n, inner: inner * parts }, readingOf(call));
}
