import { type FunctionBuilder, f64, type I32, i32, v128 } from '../../backend/wasm/assembler.js';
import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { type Extents, extentsOf } from '../reduce/span.js';
import { cutColumns, taskPart } from './columnCut.wasm.js';
import type { LookupAxis } from './lookup.js';

const quietNaN = 0x7fc00000;

/** What is baked into a reading kernel. */
interface Reading {
  readonly dtype: DType;
  readonly outside: LookupAxis['outside'];
}

/** Copies one element; f64 moves the eight bytes of a c64 as they are. */
function copyElement(f: FunctionBuilder, bytes: number, from: I32, to: I32): void {
  if (bytes === 8) f.store('f64', to, f64.load(from));
  else if (bytes === 4) f.store('i32', to, i32.load(from));
  else f.store('i32_8', to, i32.load8U(from));
}

/** What an index outside the axis reads. */
function storeMissing(f: FunctionBuilder, { dtype, outside }: Reading, to: I32): void {
  const { bytes, kind } = dtypeInfo[dtype];
  const value = i32.const(outside === 'nan' && (kind === 'float' || kind === 'complex') ? quietNaN : 0);
  if (bytes === 1) f.store('i32_8', to, value);
  else for (let word = 0; word < bytes; word += 4) f.store('i32', to, value, word);
}

export const gatherWasm = ({ inputs: [x, k], attrs }: KernelCall<LookupAxis>, target: WasmTarget): WasmPlan =>
  readPlan(
    target,
    { dtype: x!.dtype, outside: attrs.outside },
    extentsOf(x!.shape, { axis: attrs.axis, count: 1 }),
    k!.shape[attrs.axis]!,
    false,
  );

export const takeWasm = ({ inputs: [x, k], attrs }: KernelCall<LookupAxis>, target: WasmTarget): WasmPlan =>
  readPlan(
    target,
    { dtype: x!.dtype, outside: attrs.outside },
    extentsOf(x!.shape, { axis: attrs.axis, count: 1 }),
    sizeOf(k!.shape),
    true,
  );

/** One row is a pick (o, j): `inner` elements, with one index in common (`shared`) or each its own. */
function readPlan(
  target: WasmTarget,
  reading: Reading,
  { outer, n, inner }: Extents,
  picks: number,
  shared: boolean,
): WasmPlan {
  const { dtype, outside } = reading;
  const { bytes } = dtypeInfo[dtype];
  const { rows, perTask, chunk, chunks, tasks } = cutColumns(outer * picks, inner, 1);
  const key = `index/${shared ? 'take' : 'gather'}/${dtype}/${outside}`;
  const code = target.kernel(key, (f, { task, arg }) => {
    const size = f.let(arg(8));
    const picksArg = f.let(arg(9));
    const { inner: width, first, end, start, stop } = taskPart(f, task, arg);
    const o = f.let(i32.divU(start, picksArg));
    const j = f.let(i32.sub(start, i32.mul(o, picksArg)));
    const to = f.let(i32.add(arg(2), i32.mul(i32.add(i32.mul(start, width), first), bytes)));
    const index = f.let(arg(1));
    if (!shared) index.increase(i32.mul(i32.add(i32.mul(start, width), first), 4));
    const base = f.let(i32.add(arg(0), i32.mul(first, bytes)));
    const sourceOf = (k: I32, column: I32 | number): I32 =>
      i32.add(base, i32.mul(i32.add(i32.mul(i32.add(i32.mul(o, size), k), width), column), bytes));
    const columns = f.let(i32.sub(end, first));
    f.for(start, stop, 1, () => {
      if (shared)
        readSlice(f, reading, f.let(i32.load(i32.add(index, i32.shl(j, 2)))), size, columns, sourceOf, to);
      else readEach(f, reading, index, size, columns, sourceOf, to);
      to.increase(i32.mul(width, bytes));
      if (!shared) index.increase(i32.shl(width, 2));
      j.increase(1);
      f.if(i32.eq(j, picksArg), () => {
        j.set(0);
        o.increase(1);
      });
    });
  });
  const args = [{ input: 0 }, { input: 1 }, { output: 0 }, inner, rows, perTask, chunks, chunk, n, picks];
  return { steps: [{ code, tasks, args }] };
}

function readEach(
  f: FunctionBuilder,
  reading: Reading,
  index: I32,
  size: I32,
  columns: I32,
  sourceOf: (k: I32, column: I32) => I32,
  to: I32,
): void {
  const { bytes } = dtypeInfo[reading.dtype];
  f.for(0, columns, 1, (c) => {
    const k = f.let(i32.load(i32.add(index, i32.shl(c, 2))));
    const place = f.let(i32.add(to, i32.mul(c, bytes)));
    f.if(
      i32.ltU(k, size),
      () => copyElement(f, bytes, sourceOf(k, c), place),
      () => storeMissing(f, reading, place),
    );
  });
}

function readSlice(
  f: FunctionBuilder,
  reading: Reading,
  k: I32,
  size: I32,
  columns: I32,
  sourceOf: (k: I32, column: number) => I32,
  to: I32,
): void {
  const { bytes } = dtypeInfo[reading.dtype];
  const place = f.let(to);
  const left = f.let(columns);
  f.if(
    i32.ltU(k, size),
    () => {
      const from = f.let(sourceOf(k, 0));
      const move = (elements: number, copy: () => void): void =>
        f.while(
          () => i32.geS(left, elements),
          () => {
            copy();
            from.increase(elements * bytes);
            place.increase(elements * bytes);
            left.increase(-elements);
          },
        );
      move(16 / bytes, () => f.store('v128', place, v128.load(from)));
      move(1, () => copyElement(f, bytes, from, place));
    },
    () =>
      f.for(0, columns, 1, () => {
        storeMissing(f, reading, place);
        place.increase(bytes);
      }),
  );
}
