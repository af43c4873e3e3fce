import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { WasmArg } from '../../backend/wasm/plan.js';
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

export function cutSegments({ outer, n, inner }: Extents): Segments {
  const length = Math.max(
    1,
    Math.min(n, Math.max(256, Math.floor(taskElements / Math.min(inner, 4 * columnUnit)))),
  );
  const blocks = Math.max(1, Math.ceil(n / length));
  const columns = Math.ceil(Math.max(columnUnit, taskElements / length) / columnUnit) * columnUnit;
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

/** Argument words of a segment kernel: input, output, then the cut. */
export const segmentArgs = (input: WasmArg, output: WasmArg, s: Segments): WasmArg[] => [
  input,
  output,
  s.count,
  s.perTask,
  s.blocks,
  s.length,
  s.n,
  s.inner,
  s.chunks,
  s.chunk,
];

export interface Segment {
  /** Number of the segment: outer index · blocks + block. */
  readonly index: Local<'i32'>;
  /** Rows before it in the input, over all outer indices. */
  readonly firstRow: Local<'i32'>;
  readonly rows: Local<'i32'>;
}

/** Runs `body` for every segment of a task; `arg` as `segmentArgs` laid them out. */
export function forSegments(
  f: FunctionBuilder,
  task: I32,
  arg: (index: number) => I32,
  body: (segment: Segment, column: { first: Local<'i32'>; end: Local<'i32'> }) => void,
): void {
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
  f.for(start, stop, 1, (index) => {
    const outer = f.let(i32.divU(index, blocks));
    const offset = f.let(i32.mul(i32.sub(index, i32.mul(outer, blocks)), length));
    const rows = f.let(i32.sub(n, offset));
    rows.set(i32.minS(rows, length));
    const firstRow = f.let(i32.add(i32.mul(outer, n), offset));
    body({ index, firstRow, rows }, { first, end });
  });
}
