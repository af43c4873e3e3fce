import {
  type FunctionBuilder,
  type FunctionHandle,
  type I32,
  i32,
  type Local,
} from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg, WasmCode, WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import type { Block, EvaluateBlock } from '../elementwise/block.wasm.js';
import type { FusedStore } from './fusedStore.wasm.js';
import { defineComplexMerge, defineEdge, definePacking, defineStripPacking } from './panel.wasm.js';
import { defineTiles, forTiles, panelStep, type TileCall, tileColumns, tileRows } from './tile.wasm.js';

/** Steps of k between two visits of C: a panel of 8 KB stays in the first-level cache. */
const depthBlock = 256;
/** Panels of a strip of columns: 64 KB, so that they stay in the second-level cache. */
const stripPanels = 8;
/** A panel and a cache line: panels 8 KB apart would share their places in the cache. */
const panelBytes = depthBlock * panelStep + 64;
/** Flops of a task, about 0.3 ms. */
const taskFlops = 16e6;
/** Fewer rows a task would spend too much of its time packing B. */
const leastTaskRows = 192;
/** Products with less work share a task. */
const leastTaskFlops = 4e6;
/** Work of calling for one strip, and of packing one element of B, in flops. */
const stripOverheadFlops = 4000;
const packingFlops = 20;

/** A batch of products C = op(A) op(B) on strided operands; strides are bytes. C is contiguous. */
export interface GemmProblem {
  readonly complex: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: WasmArg;
  readonly b: WasmArg;
  readonly c: WasmArg;
  readonly aRow: number;
  readonly aStep: number;
  readonly bStep: number;
  readonly bColumn: number;
  readonly conjA: boolean;
  readonly conjB: boolean;
  /** Byte offset of every product's A, and B. */
  readonly aOffsets: readonly number[];
  readonly bOffsets: readonly number[];
  /** Its table is the third of the plan. */
  readonly store: FusedStore;
}

const argumentNames = [
  ...[
    'a',
    'b',
    'c',
    'offsets',
    'signs',
    'batches',
    'batchesPerTask',
    'strips',
    'stripsPerTask',
    'stripGroups',
    'rowBlocks',
    'rowsPerTask',
  ],
  ...['m', 'n', 'k', 'aRow', 'aStep', 'bStep', 'bColumn'],
] as const;

/**
 * The product as one step: B is packed strip by strip into panels of 8 columns, A is read in place, tiles
 * of 6x8 sums run over blocks of k. A task is a block of rows of one strip of columns, or several strips or
 * products when they are small. k is added up in the same order whatever the tasks.
 */
export function gemmPlan(target: WasmTarget, problem: GemmProblem): WasmPlan {
  const { complex, m, n, k } = problem;
  const { block, tables, steps } = problem.store;
  const batches = problem.aOffsets.length;
  const panel = panelColumns(complex);
  const columns = stripPanels * panel;
  const strips = Math.ceil(n / columns);
  // ragged panels cost as much as full ones
  const flopsPerRow = (complex ? 8 : 2) * k * Math.min(Math.ceil(n / panel) * panel, columns);
  const mostRows = Math.max(leastTaskRows, Math.ceil(taskFlops / flopsPerRow));
  const rowBlocks = Math.ceil(m / mostRows);
  const rowsPerTask = Math.ceil(m / rowBlocks);
  const stripFlops = rowsPerTask * flopsPerRow + packingFlops * k * Math.min(n, columns) + stripOverheadFlops;
  const stripsPerTask = Math.min(strips, Math.ceil(leastTaskFlops / stripFlops));
  const stripGroups = Math.ceil(strips / stripsPerTask);
  const isSmall = stripGroups * rowBlocks === 1;
  const batchesPerTask = isSmall ? Math.ceil(leastTaskFlops / (strips * stripFlops)) : 1;
  const words: Record<string, WasmArg> = {
    ...{ a: problem.a, b: problem.b, c: problem.c, offsets: { table: 0 }, signs: { table: 1 } },
    ...{ batches, batchesPerTask, strips, stripsPerTask, stripGroups, rowBlocks, rowsPerTask, m, n, k },
    ...{ aRow: problem.aRow, aStep: problem.aStep, bStep: problem.bStep, bColumn: problem.bColumn },
  };
  const offsets = new Int32Array(2 * batches);
  for (let i = 0; i < batches; i++) offsets.set([problem.aOffsets[i]!, problem.bOffsets[i]!], 2 * i);
  return {
    steps: [
      {
        code: gemmKernel(target, complex, block),
        tasks: Math.ceil(batches / batchesPerTask) * rowBlocks * stripGroups,
        args: [...argumentNames.map((name) => words[name]!), ...(block?.args ?? [])],
      },
      ...steps,
    ],
    tables: [offsets, signTable(problem.conjA, problem.conjB), ...tables],
  };
}

const panelColumns = (complex: boolean): number => tileColumns / (complex ? 2 : 1);

/** Whether one strip is as wide as C: then a fused store meets long runs and is done on the way. */
export const gemmFinishes = (n: number, complex: boolean): boolean =>
  n <= stripPanels * panelColumns(complex);

/** Signs of (ar + i ai)(br + i bi) = [ar br, ar bi] ∘ s₀ + [ai bi, ai br] ∘ s₁ with conjugations. */
function signTable(conjA: boolean, conjB: boolean): Float32Array {
  const a = conjA ? -1 : 1;
  const b = conjB ? -1 : 1;
  return new Float32Array([1, b, 1, b, -a * b, a, -a * b, a]);
}

/** One module for all shapes and strides: it is compiled once and warm ever after. */
const gemmKernel = (target: WasmTarget, complex: boolean, store: Block | undefined): WasmCode =>
  target.kernel(`gemm/${complex ? 'complex' : 'real'}${store ? `|${store.key}` : ''}`, (f, scope) => {
    const word = Object.fromEntries(argumentNames.map((name, i) => [name, f.let(scope.arg(i))])) as Words;
    const elementBytes = complex ? 8 : 4;
    const parts = {
      tile: defineTiles(scope.module, target, 'panel', complex),
      pack: definePacking(scope.module, elementBytes),
      packStrip: defineStripPacking(scope.module, stripPanels, panelBytes),
      edge: complex ? defineComplexMerge(scope.module) : defineEdge(scope.module),
      finish: store?.define(scope, target),
    };
    const firstStrip = f.let(i32.mul(i32.remU(scope.task, word.stripGroups), word.stripsPerTask));
    const lastStrip = f.let(i32.minS(word.strips, i32.add(firstStrip, word.stripsPerTask)));
    const rest = f.let(i32.divU(scope.task, word.stripGroups));
    const firstRow = f.let(i32.mul(i32.remU(rest, word.rowBlocks), word.rowsPerTask));
    const lastRow = f.let(i32.minS(word.m, i32.add(firstRow, word.rowsPerTask)));
    const firstBatch = f.let(i32.mul(i32.divU(rest, word.rowBlocks), word.batchesPerTask));
    const lastBatch = f.let(i32.minS(word.batches, i32.add(firstBatch, word.batchesPerTask)));
    f.for(firstBatch, lastBatch, 1, (batch) => {
      const offset = f.let(i32.add(word.offsets, i32.shl(batch, 3)));
      const block = {
        a: f.let(i32.add(word.a, i32.load(offset))),
        b: f.let(i32.add(word.b, i32.load(offset, 4))),
        c: f.let(i32.add(word.c, i32.mul(i32.mul(batch, word.m), i32.mul(word.n, elementBytes)))),
        result: word.c,
      };
      f.for(firstStrip, lastStrip, 1, (strip) =>
        emitBlock(f, scope, { ...word, ...block, strip, firstRow, lastRow }, parts, elementBytes),
      );
    });
  });

type L = Local<'i32'>;
type Words = Record<(typeof argumentNames)[number], L>;
/** `result` is where the first product begins. */
type Product = Words & Record<'result' | 'strip' | 'firstRow' | 'lastRow', L>;
interface Parts {
  tile: TileCall;
  pack: FunctionHandle;
  packStrip: FunctionHandle;
  edge: FunctionHandle;
  /** The fused store; its argument words come last. */
  finish: EvaluateBlock | undefined;
}

/** Rows firstRow … lastRow of one strip of columns of one product. */
function emitBlock(f: FunctionBuilder, scope: KernelScope, block: Product, parts: Parts, bytes: 4 | 8): void {
  const { scratch } = scope;
  const width = panelStep / bytes;
  const column = f.let(i32.mul(block.strip, stripPanels * width));
  const columns = f.let(i32.minS(i32.sub(block.n, column), stripPanels * width));
  const panelsEnd = f.let(i32.mul(i32.divU(i32.add(columns, width - 1), width), panelBytes));
  const b = f.let(i32.add(block.b, i32.mul(column, block.bColumn)));
  const c = f.let(i32.add(block.c, i32.mul(column, bytes)));
  f.for(0, block.k, depthBlock, (first) => {
    const depth = f.let(i32.minS(depthBlock, i32.sub(block.k, first)));
    const valid = (panel: I32) =>
      i32.minS(width, i32.sub(columns, i32.mul(i32.divU(panel, panelBytes), width)));
    const from = f.let(i32.add(b, i32.mul(first, block.bStep)));
    f.if(
      i32.and(i32.eq(columns, stripPanels * width), i32.eq(block.bColumn, bytes)),
      () => f.call(parts.packStrip, [scratch, from, block.bStep, depth]),
      () =>
        f.for(0, panelsEnd, panelBytes, (panel) => {
          const to = i32.add(scratch, panel);
          f.call(parts.pack, [to, from, block.bStep, block.bColumn, depth, valid(panel)]);
          from.set(i32.add(from, i32.mul(block.bColumn, width)));
        }),
    );
    forTiles(f, block.firstRow, block.lastRow, bytes === 8 ? tileRows / 2 : tileRows, (row, rows) => {
      const a = f.let(i32.add(i32.add(block.a, i32.mul(row, block.aRow)), i32.mul(first, block.aStep)));
      f.for(0, panelsEnd, panelBytes, (panel) => {
        const cell = f.let(i32.add(c, i32.mul(i32.mul(row, block.n), bytes)));
        cell.increase(i32.mul(i32.divU(panel, panelBytes), panelStep));
        emitTile(f, scratch, { ...block, a, c: cell }, parts, bytes, {
          panel: i32.add(scratch, panel),
          columns: f.let(valid(panel)),
          ...{ rows, depth, first },
        });
      });
    });
  });
  if (parts.finish) finishRows(f, scope, { ...block, c }, parts.finish, bytes);
}

/** The fused store on the rows that this task has made: whole rows, since there is one strip. */
function finishRows(
  f: FunctionBuilder,
  { argAddress, scratch }: KernelScope,
  { result, c, n, firstRow, lastRow }: Product,
  finish: EvaluateBlock,
  bytes: 4 | 8,
): void {
  const address = f.let(i32.add(c, i32.mul(i32.mul(firstRow, n), bytes)));
  finish(f, argAddress(argumentNames.length), scratch, {
    first: i32.divU(i32.sub(address, result), bytes),
    count: i32.mul(i32.sub(lastRow, firstRow), n),
    address,
  });
}

interface TilePlace {
  panel: I32;
  columns: L;
  rows: L;
  depth: L;
  first: L;
}

/** A full real tile goes straight to C; ragged and complex ones by way of scratch. */
function emitTile(
  f: FunctionBuilder,
  scratch: L,
  block: Product,
  { tile, edge }: Parts,
  bytes: 4 | 8,
  { panel, columns, rows, depth, first }: TilePlace,
): void {
  const cRow = i32.mul(block.n, bytes);
  const source = { a: block.a, aRow: block.aRow, aStep: block.aStep, b: panel, table: 0, depth };
  const buffer = f.let(i32.add(scratch, stripPanels * panelBytes));
  const byScratch = () => {
    tile(f, rows, { ...source, c: buffer, cRow: panelStep, add: 0 });
    f.call(edge, [buffer, block.c, rows, columns, cRow, first, ...(bytes === 8 ? [block.signs] : [])]);
  };
  if (bytes === 8) byScratch();
  else
    f.if(
      i32.eq(columns, tileColumns),
      () => tile(f, rows, { ...source, c: block.c, cRow, add: first }),
      byScratch,
    );
}
