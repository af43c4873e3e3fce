import { type FunctionBuilder, type I32, i32 } from '../../backend/wasm/assembler.js';

/** Elements that one task moves. */
const taskElements = 1 << 15;

/** [outer, picks or axis, inner] cut into tasks: groups of rows, or chunks of the columns of one. */
export interface ColumnCut {
  readonly rows: number;
  readonly perTask: number;
  readonly chunk: number;
  readonly chunks: number;
  readonly tasks: number;
}

/** `depth` elements of work for each of `rows` × `inner` columns. */
export function cutColumns(rows: number, inner: number, depth: number): ColumnCut {
  const columns = Math.max(16, Math.ceil(taskElements / Math.max(1, depth) / 16) * 16);
  const chunk = Math.max(1, Math.min(inner, columns));
  const chunks = Math.ceil(inner / chunk);
  const perTask = chunks > 1 ? 1 : Math.max(1, Math.floor(taskElements / Math.max(1, depth * inner)));
  return { rows, perTask, chunk, chunks, tasks: Math.ceil(rows / perTask) * chunks };
}

/** Rows and columns of a task; argument words 3 … 7 are inner, rows, perTask, chunks, chunk. */
export function taskPart(f: FunctionBuilder, task: I32, arg: (index: number) => I32) {
  const inner = f.let(arg(3));
  const group = f.let(i32.divU(task, arg(6)));
  const first = f.let(i32.mul(i32.sub(task, i32.mul(group, arg(6))), arg(7)));
  const end = f.let(i32.add(first, arg(7)));
  end.set(i32.minS(end, inner));
  const start = f.let(i32.mul(group, arg(5)));
  const stop = f.let(i32.add(start, arg(5)));
  stop.set(i32.minS(stop, arg(4)));
  return { inner, first, end, start, stop };
}
