import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmCode, WasmTarget } from '../../backend/wasm/plan.js';
import { type EntryRow, sumEntries } from './entryLoop.wasm.js';

/** Width of the strip of inner floats carried through all rows: the rows one output needs stay in L1. */
export const columnChunkBytes = 4096;

/**
 * y[o, i, :] = Σ_e w[e] x[o, index[e], :], vectors along the inner axis.
 *
 * A unit is one outer index and one strip of columns; a task is a range of units and of matrix rows.
 * Fewer than four inner floats are one vector, of which only those lanes are stored.
 */
export function columnKernel(target: WasmTarget, inner: number): WasmCode {
  const width = inner < 4 ? inner : 'wide';
  return target.kernel(`axisMap columns ${width}`, (f, scope) => {
    const word = (index: number) => f.let(scope.arg(index));
    const [x, y, rowStart, entries] = [word(0), word(1), word(2), word(3)];
    const [bytes, outerBytes, rows, strips] = [word(4), word(5), word(6), word(8)];
    const task = taskRange(f, scope, rows);
    f.for(task.firstUnit, task.lastUnit, 1, (unit) => {
      const outer = f.let(i32.divU(unit, strips));
      const left = f.let(i32.mul(i32.remU(unit, strips), columnChunkBytes));
      const right = f.let(i32.minS(i32.add(left, columnChunkBytes), bytes));
      const from = f.let(i32.add(x, i32.mul(outer, outerBytes)));
      const to = f.let(i32.add(y, i32.mul(i32.add(i32.mul(outer, rows), task.firstRow), bytes)));
      f.for(task.firstRow, task.lastRow, 1, (row) => {
        const entryRow = { rowStart, entries, row };
        if (width === 'wide') wideRow(f, target, entryRow, { from, to, left, right });
        else narrowRow(f, target, entryRow, { from, to, lanes: width });
        to.increase(bytes);
      });
    });
  });
}

function taskRange(f: FunctionBuilder, { arg, task }: KernelScope, rows: I32) {
  const [units, unitsPerTask, rowChunks, rowsPerChunk] = [arg(7), arg(9), arg(10), arg(11)];
  const firstUnit = f.let(i32.mul(i32.divU(task, rowChunks), unitsPerTask));
  const firstRow = f.let(i32.mul(i32.remU(task, rowChunks), rowsPerChunk));
  return {
    firstUnit,
    lastUnit: f.let(i32.minS(i32.add(firstUnit, unitsPerTask), units)),
    firstRow,
    lastRow: f.let(i32.minS(i32.add(firstRow, rowsPerChunk), rows)),
  };
}

/** Four vectors at a time, then single ones; the last ends with the strip and may overlap another. */
function wideRow(
  f: FunctionBuilder,
  target: WasmTarget,
  entryRow: EntryRow,
  { from, to, left, right }: Record<'from' | 'to' | 'left' | 'right', I32>,
): void {
  const at = f.let(left);
  const step = (vectors: number) => {
    const sums = sumEntries(f, target, entryRow, i32.add(from, at), vectors);
    const out = f.let(i32.add(to, at));
    for (const [v, sum] of sums.entries()) f.store('v128', out, sum, 16 * v);
    at.increase(16 * vectors);
  };
  f.while(
    () => i32.leS(i32.add(at, 64), right),
    () => step(4),
  );
  f.while(
    () => i32.ltS(at, right),
    () => {
      at.set(i32.minS(at, i32.sub(right, 16)));
      step(1);
    },
  );
}

function narrowRow(
  f: FunctionBuilder,
  target: WasmTarget,
  entryRow: EntryRow,
  { from, to, lanes }: { from: I32; to: I32; lanes: number },
): void {
  const [sum] = sumEntries(f, target, entryRow, from, 1) as [Local<'v128'>];
  for (let lane = 0; lane < lanes; lane++) f.store('v128_32', to, sum, 4 * lane, lane);
}
