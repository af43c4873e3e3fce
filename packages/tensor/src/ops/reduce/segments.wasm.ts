import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg } from '../../backend/wasm/plan.js';
import type { Extents } from './span.js';

/** Elements that one task reads: 50 to 100 µs of memory traffic. */
const taskElements = 1 << 16;
const columnUnit = 16;

/**
 * How a reduction of [outer, n, inner] is cut. A *segment* is a block of at most `length` rows of one
 * outer index; a task does `perTask` segments (narrow arrays) or a chunk of the columns of one segment
 * (wide ones). All of it follows from the shape alone.
 */
export interface Segments extends Extents {
  readonly length: number;
  readonly blocks: number;
  readonly count: number;
  readonly perTask: number;
  readonly chunk: number;
  readonly chunks: number;
  readonly tasks: number;
}

/** @param unit columns of a task are multiples of four times this, where it is not 1. */
export function cutSegments({ outer, n, inner }: Extents, unit = 1): Segments {
  const length = Math.max(
    1,
    Math.min(n, Math.max(256, Math.floor(taskElements / Math.min(inner, 16 * columnUnit)))),
  );
  const blocks = Math.max(1, Math.ceil(n / length));
  const columns =
    unit > 1
      ? Math.max(1, Math.floor(taskElements / (length * 4 * unit))) * 4 * unit
      : Math.ceil(Math.max(columnUnit, taskElements / length) / columnUnit) * columnUnit;
  const chunk = Math.max(1, Math.min(inner, columns));
  const chunks = Math.ceil(inner / chunk);
  const count = outer * blocks;
  const perTask = chunks > 1 ? 1 : Math.max(1, Math.floor(taskElements / (length * inner)));
  return {
    outer,
    n,
    inner,
    length,
    blocks,
    count,
    perTask,
    chunk,
    chunks,
    tasks: Math.ceil(count / perTask) * chunks,
  };
}

/** Argument words of a segment kernel: input, output, the cut, then what else it and a fused load need. */
export const segmentArgs = (
  input: WasmArg,
  output: WasmArg,
  s: Segments,
  others: readonly WasmArg[] = [],
): WasmArg[] => [
  ...[input, output, s.count, s.perTask, s.blocks, s.length, s.n, s.inner, s.chunks, s.chunk],
  ...others,
];
/** Index of the first of the others. */
export const firstOther = 10;

export interface Segment {
  /** Number of the segment: outer index · blocks + block. */
  readonly index: Local<'i32'>;
  /** Rows before it in the input, over all outer indices. */
  readonly firstRow: Local<'i32'>;
  readonly rows: Local<'i32'>;
  /** Address of column 0 of its first row; only columns of this task may be read. */
  readonly from: Local<'i32'>;
  readonly rowBytes: Local<'i32'>;
}

/** What a task reads: columns `first` … `end` − 1 of some rows. */
export interface Region {
  readonly firstRow: I32;
  readonly rows: I32;
  readonly first: Local<'i32'>;
  readonly end: Local<'i32'>;
  /** Columns of the array. */
  readonly inner: Local<'i32'>;
}

/** Makes a region readable; returns where column 0 of row 0 of the array would be, and bytes between rows. */
export type Source = (f: FunctionBuilder, scope: KernelScope, region: Region) => { base: I32; rowBytes: I32 };

/** The input, where it lies: argument 0. */
export const inputSource =
  (bytes: number): Source =>
  (_f, { arg }, { inner }) => ({ base: arg(0), rowBytes: i32.mul(inner, bytes) });

/** Runs `body` for every segment of a task; arguments as `segmentArgs` laid them out. */
export function forSegments(
  f: FunctionBuilder,
  scope: KernelScope,
  source: Source,
  body: (segment: Segment, column: { first: Local<'i32'>; end: Local<'i32'> }) => void,
): void {
  const { task, arg } = scope;
  const blocks = f.let(arg(4));
  const length = f.let(arg(5));
  const n = f.let(arg(6));
  const inner = f.let(arg(7));
  const group = f.let(i32.divU(task, arg(8)));
  const first = f.let(i32.mul(i32.sub(task, i32.mul(group, arg(8))), arg(9)));
  const end = f.let(i32.add(first, arg(9)));
  end.set(i32.minS(end, inner));
  const start = f.let(i32.mul(group, arg(3)));
  const stop = f.let(i32.add(start, arg(3)));
  stop.set(i32.minS(stop, arg(2)));
  const placeOf = (index: Local<'i32'>) => {
    const outer = f.let(i32.divU(index, blocks));
    const offset = f.let(i32.mul(i32.sub(index, i32.mul(outer, blocks)), length));
    return { offset, firstRow: f.let(i32.add(i32.mul(outer, n), offset)) };
  };
  const firstRow = placeOf(start).firstRow;
  const rows = i32.sub(placeOf(stop).firstRow, firstRow);
  const { base, rowBytes } = source(f, scope, { firstRow, rows, first, end, inner });
  const origin = f.let(base);
  const step = f.let(rowBytes);
  f.for(start, stop, 1, (index) => {
    const { offset, firstRow } = placeOf(index);
    const rows = f.let(i32.sub(n, offset));
    rows.set(i32.minS(rows, length));
    const from = f.let(i32.add(origin, i32.mul(firstRow, step)));
    body({ index, firstRow, rows, from, rowBytes: step }, { first, end });
  });
}
