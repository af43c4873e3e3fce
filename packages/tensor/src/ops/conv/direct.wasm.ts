import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { Block, EvaluateBlock } from '../elementwise/block.wasm.js';
import { leastRun } from '../matmul/fusedStore.wasm.js';
import { defineEdge } from '../matmul/panel.wasm.js';
import { defineTiles, forTiles, panelStep, tileColumns, tileRows } from '../matmul/tile.wasm.js';

/** Flops of a task, about 0.2 ms. */
const taskFlops = 8e6;
/** Pixels that a fused store finishes at a time, while they are in the second-level cache. */
const storePixels = 1 << 15;

/**
 * Sums of products over an image in place: for every unit (image and group), channel c, row r, column q,
 * result[c, r, q] = Σ_k weights[c, k] image[table[k] + r · imageRow + q].
 * Strides are bytes; image columns are one float apart.
 */
export interface DirectProblem {
  readonly units: number;
  /** Units of one image: the groups. */
  readonly groups: number;
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly image: WasmArg;
  readonly imageUnit: number;
  readonly imageRow: number;
  /** Byte offsets, `depth` of them. */
  readonly table: WasmArg;
  /** [groups][channels][depth] f32. */
  readonly weights: WasmArg;
  readonly result: WasmArg;
  readonly resultUnit: number;
  readonly resultChannel: number;
  readonly resultRow: number;
  readonly resultColumn: number;
  /** Finishes the elements from `storeFirst` of the result on; only where its columns and rows are contiguous. */
  readonly store?: Block | undefined;
  readonly storeFirst?: number;
}

const argumentNames = [
  ...['image', 'table', 'weights', 'result', 'units', 'unitsPerTask', 'groups', 'rowBlocks', 'rowsPerTask'],
  ...['channels', 'rows', 'columns', 'depth', 'imageUnit', 'imageRow'],
  ...['resultUnit', 'resultChannel', 'resultRow', 'resultColumn', 'storeFirst', 'storeRows'],
] as const;

/** How the rows of a unit are cut: for tasks, and for a fused store. */
function cutRows({
  channels,
  rows,
  columns,
  depth,
}: Pick<DirectProblem, 'channels' | 'rows' | 'columns' | 'depth'>) {
  const rowFlops = 2 * channels * columns * depth;
  const rowsPerTask = Math.min(rows, Math.max(1, Math.ceil(taskFlops / rowFlops)));
  const storeRows = Math.max(1, Math.floor(storePixels / (channels * columns)));
  return { rowFlops, rowsPerTask, storeRows };
}

/** Whether a fused store meets runs of pixels long enough to be done on the way. */
export function directFinishes(problem: Parameters<typeof cutRows>[0]): boolean {
  const { rowsPerTask, storeRows } = cutRows(problem);
  return Math.min(rowsPerTask, storeRows) * problem.columns >= leastRun;
}

/** One step; a task is a block of rows of one unit, or several units where they are small. */
export function directStep(target: WasmTarget, problem: DirectProblem): WasmStep {
  const { units, channels, rows, columns, depth, store, storeFirst = 0 } = problem;
  const { rowFlops, rowsPerTask, storeRows } = cutRows(problem);
  const rowBlocks = Math.ceil(rows / rowsPerTask);
  const unitsPerTask = rowBlocks > 1 ? 1 : Math.max(1, Math.floor(taskFlops / (rowFlops * rows)));
  const words: Record<string, WasmArg> = {
    ...{ image: problem.image, table: problem.table, weights: problem.weights, result: problem.result },
    ...{
      units,
      unitsPerTask,
      groups: problem.groups,
      rowBlocks,
      rowsPerTask,
      channels,
      rows,
      columns,
      depth,
    },
    ...{ imageUnit: problem.imageUnit, imageRow: problem.imageRow, resultUnit: problem.resultUnit },
    ...{
      resultChannel: problem.resultChannel,
      resultRow: problem.resultRow,
      resultColumn: problem.resultColumn,
    },
    ...{ storeFirst, storeRows },
  };
  return {
    code: directKernel(target, store),
    tasks: Math.ceil(units / unitsPerTask) * rowBlocks,
    args: [...argumentNames.map((name) => words[name]!), ...(store?.args ?? [])],
  };
}

type L = Local<'i32'>;
type Words = Record<(typeof argumentNames)[number], L>;
type EmitTile = (row: L, column: L) => void;

/** The micro-kernel of matmul with B read through the offset table; one module for all shapes. */
const directKernel = (target: WasmTarget, store: Block | undefined) =>
  target.kernel(`conv/direct${store ? `|${store.key}` : ''}`, (f, scope) => {
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(scope.arg(i))])) as Words;
    const block = f.let(i32.remU(scope.task, word.rowBlocks));
    const firstRow = f.let(i32.mul(block, word.rowsPerTask));
    const lastRow = f.let(i32.minS(word.rows, i32.add(firstRow, word.rowsPerTask)));
    const unit = f.let(i32.mul(i32.divU(scope.task, word.rowBlocks), word.unitsPerTask));
    const lastUnit = f.let(i32.minS(word.units, i32.add(unit, word.unitsPerTask)));
    const at = { image: f.local('i32'), weights: f.local('i32'), result: f.local('i32') };
    const emitTile = tileEmitter(f, scope, target, word, at);
    const finish = store?.define(scope, target);
    const emitRows = (first: I32, last: I32) =>
      f.for(first, last, 1, (row) => f.for(0, word.columns, tileColumns, (column) => emitTile(row, column)));
    f.while(
      () => i32.ltS(unit, lastUnit),
      () => {
        const group = i32.remU(unit, word.groups);
        at.image.set(i32.add(word.image, i32.mul(unit, word.imageUnit)));
        at.weights.set(i32.add(word.weights, i32.shl(i32.mul(group, i32.mul(word.channels, word.depth)), 2)));
        at.result.set(i32.add(word.result, i32.mul(unit, word.resultUnit)));
        if (!finish) emitRows(firstRow, lastRow);
        else {
          const row = f.let(firstRow);
          f.while(
            () => i32.ltS(row, lastRow),
            () => {
              const end = f.let(i32.minS(lastRow, f.let(i32.add(row, word.storeRows))));
              emitRows(row, end);
              finishRows(f, scope, word, { unit, row, end }, finish);
              row.set(end);
            },
          );
        }
        unit.increase(1);
      },
    );
  });

/** The fused store on some rows of all channels of a unit. */
function finishRows(
  f: FunctionBuilder,
  scope: KernelScope,
  word: Words,
  { unit, row, end }: Record<'unit' | 'row' | 'end', L>,
  finish: EvaluateBlock,
): void {
  const offset = f.let(i32.add(i32.mul(unit, word.resultUnit), i32.mul(row, word.resultRow)));
  finish(f, scope.argAddress(argumentNames.length), scope.scratch, {
    first: i32.add(word.storeFirst, i32.shrU(offset, 2)),
    count: i32.mul(i32.sub(end, row), word.columns),
    address: i32.add(word.result, offset),
    rows: word.channels,
    pitch: i32.shrU(word.resultChannel, 2),
    step: word.resultChannel,
  });
}

/**
 * Emits all channels of the 8 columns at `column` of a row. The last 8 columns of a wide row overlap the
 * ones before them, giving the same bits again; narrow rows and strided results go by way of scratch.
 */
function tileEmitter(
  f: FunctionBuilder,
  { module, scratch }: KernelScope,
  target: WasmTarget,
  word: Words,
  at: Record<'image' | 'weights' | 'result', L>,
): EmitTile {
  const tile = defineTiles(module, target, 'table', false);
  const edge = defineEdge(module, true);
  const isDirect = f.let(i32.and(i32.geS(word.columns, tileColumns), i32.eq(word.resultColumn, 4)));
  return (row, column) => {
    const first = f.let(i32.minS(column, f.let(i32.sub(word.columns, tileColumns))));
    f.if(i32.ltS(first, 0), () => first.set(0));
    const valid = f.let(i32.minS(tileColumns, i32.sub(word.columns, first)));
    const b = f.let(i32.add(i32.add(at.image, i32.mul(row, word.imageRow)), i32.shl(first, 2)));
    const place = i32.add(i32.mul(row, word.resultRow), i32.mul(first, word.resultColumn));
    const c = f.let(i32.add(at.result, place));
    const aRow = f.let(i32.shl(word.depth, 2));
    forTiles(f, i32.const(0), word.channels, tileRows, (channel, count) => {
      const a: I32 = i32.add(at.weights, i32.mul(channel, aRow));
      const source = { a, aRow, aStep: 4, b, table: word.table, depth: word.depth };
      const to = f.let(i32.add(c, i32.mul(channel, word.resultChannel)));
      f.if(
        isDirect,
        () => tile(f, count, { ...source, c: to, cRow: word.resultChannel, add: 0 }),
        () => {
          tile(f, count, { ...source, c: scratch, cRow: panelStep, add: 0 });
          f.call(edge, [scratch, to, count, valid, word.resultChannel, i32.const(0), word.resultColumn]);
        },
      );
    });
  };
}
