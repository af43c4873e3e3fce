import {
  type FunctionBuilder,
  f32,
  f32x4,
  type I32,
  i32,
  i32x4,
  type Local,
  v128,
} from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { type Extents, extentsOf } from '../reduce/span.js';
import { cutColumns, taskPart } from './columnCut.wasm.js';
import type { SpreadAxis } from './lookup.js';

export const scatterWasm = (
  { inputs: [, u], attrs }: KernelCall<SpreadAxis>,
  target: WasmTarget,
): WasmPlan => {
  const { outer, n, inner } = extentsOf(u!.shape, { axis: attrs.axis, count: 1 });
  return addPlan(target, u!.dtype, { outer, n: attrs.size, inner }, n, false);
};

export const takeAdjointWasm = (
  { inputs: [k, u], attrs }: KernelCall<SpreadAxis>,
  target: WasmTarget,
): WasmPlan => {
  const { outer, n, inner } = extentsOf(u!.shape, { axis: attrs.axis, count: k!.shape.length });
  // With shared indices the parts of a complex number are just two columns.
  const { parts } = dtypeInfo[u!.dtype];
  return addPlan(
    target,
    parts === 2 ? 'f32' : u!.dtype,
    { outer, n: attrs.size, inner: inner * parts },
    n,
    true,
  );
};

/** One task owns some columns of one outer index, so its sums are formed in the order of the picks. */
function addPlan(
  target: WasmTarget,
  dtype: DType,
  { outer, n, inner }: Extents,
  picks: number,
  shared: boolean,
): WasmPlan {
  const { bytes } = dtypeInfo[dtype];
  const { rows, perTask, chunk, chunks, tasks } = cutColumns(outer, inner, Math.max(picks, n));
  const key = `index/${shared ? 'takeAdjoint' : 'scatter'}/${dtype}`;
  const code = target.kernel(key, (f, { task, arg }) => {
    const size = f.let(arg(8));
    const picksArg = f.let(arg(9));
    const { inner: width, first, end, start, stop } = taskPart(f, task, arg);
    const columns = f.let(i32.sub(end, first));
    const offset = (row: I32): I32 => i32.mul(i32.add(i32.mul(row, width), first), bytes);
    f.for(start, stop, 1, (o) => {
      const to = f.let(i32.add(arg(2), offset(i32.mul(o, size))));
      clearColumns(f, to, size, i32.mul(columns, bytes), i32.mul(width, bytes));
      const from = f.let(i32.add(arg(1), offset(i32.mul(o, picksArg))));
      const index = f.let(arg(0));
      if (!shared) index.increase(i32.shl(i32.add(i32.mul(i32.mul(o, picksArg), width), first), 2));
      f.for(0, picksArg, 1, () => {
        if (shared) addSlice(f, dtype, f.let(i32.load(index)), size, columns, width, from, to);
        else addEach(f, dtype, index, size, columns, width, from, to);
        from.increase(i32.mul(width, bytes));
        index.increase(shared ? i32.const(4) : i32.shl(width, 2));
      });
    });
  });
  const args = [{ input: 0 }, { input: 1 }, { output: 0 }, inner, rows, perTask, chunks, chunk, n, picks];
  return { steps: [{ code, tasks, args }] };
}

/** Zeroes `rows` rows of `rowBytes` bytes, `stride` bytes apart. */
function clearColumns(f: FunctionBuilder, to: I32, rows: I32, rowBytes: I32, stride: I32): void {
  const row = f.let(to);
  f.for(0, rows, 1, () => {
    const place = f.let(row);
    const left = f.let(rowBytes);
    f.while(
      () => i32.geS(left, 16),
      () => {
        f.store('v128', place, i32x4.const(0));
        place.increase(16);
        left.increase(-16);
      },
    );
    f.while(
      () => i32.gtS(left, 0),
      () => {
        f.store('i32', place, i32.const(0));
        place.increase(4);
        left.increase(-4);
      },
    );
    row.increase(stride);
  });
}

function addWord(f: FunctionBuilder, dtype: DType, from: I32, to: I32, offset: number): void {
  if (dtype === 'i32') f.store('i32', to, i32.add(i32.load(to, offset), i32.load(from, offset)), offset);
  else f.store('f32', to, f32.add(f32.load(to, offset), f32.load(from, offset)), offset);
}

function addEach(
  f: FunctionBuilder,
  dtype: DType,
  index: I32,
  size: I32,
  columns: I32,
  width: I32,
  from: I32,
  to: I32,
): void {
  const { bytes } = dtypeInfo[dtype];
  f.for(0, columns, 1, (c) => {
    const k = f.let(i32.load(i32.add(index, i32.shl(c, 2))));
    f.if(i32.ltU(k, size), () => {
      const place = f.let(i32.add(to, i32.mul(i32.add(i32.mul(k, width), c), bytes)));
      const value = f.let(i32.add(from, i32.mul(c, bytes)));
      for (let word = 0; word < bytes; word += 4) addWord(f, dtype, value, place, word);
    });
  });
}

function addSlice(
  f: FunctionBuilder,
  dtype: DType,
  k: Local<'i32'>,
  size: I32,
  columns: I32,
  width: I32,
  from: I32,
  to: I32,
): void {
  f.if(i32.ltU(k, size), () => {
    const place = f.let(i32.add(to, i32.shl(i32.mul(k, width), 2)));
    const value = f.let(from);
    const left = f.let(columns);
    const move = (elements: number, add: () => void): void =>
      f.while(
        () => i32.geS(left, elements),
        () => {
          add();
          place.increase(4 * elements);
          value.increase(4 * elements);
          left.increase(-elements);
        },
      );
    const sum = dtype === 'i32' ? i32x4.add : f32x4.add;
    move(4, () => f.store('v128', place, sum(v128.load(place), v128.load(value))));
    move(1, () => addWord(f, dtype, value, place, 0));
  });
}
