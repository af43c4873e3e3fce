import { scratchBytes, type WasmPlan, type WasmTarget } from '../../backend/wasm/plan.js';
import { dtypeInfo } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { AxisMapAttrs } from './axisMap.js';
import { columnChunkBytes, columnKernel } from './columns.wasm.js';
import { rowKernel, stripBytes } from './rows.wasm.js';
import type { SparseMatrix } from './sparseMatrix.js';

/** Vector multiply-adds of one task: about 100 µs. */
const taskOperations = 1 << 18;

/** The mapped array seen as [outer, n, inner]; `inner` counts floats, so a complex element has two. */
interface Problem {
  readonly outer: number;
  readonly inner: number;
  readonly matrix: SparseMatrix;
}

/**
 * Two kernels. `columns` walks along the inner axes with whole vectors. Where they are shorter than a
 * vector (the mapped axis is the last one), `rows` packs several outer rows side by side, so that the
 * same loop over matrix entries fills its vectors there too.
 */
export function axisMapWasm({ inputs, attrs }: KernelCall<AxisMapAttrs>, target: WasmTarget): WasmPlan {
  const { shape, dtype } = inputs[0]!;
  const problem = {
    outer: sizeOf(shape.slice(0, attrs.axis)),
    inner: sizeOf(shape.slice(attrs.axis + 1)) * dtypeInfo[dtype].parts,
    matrix: attrs.matrix,
  };
  const vectors = packedVectors(problem);
  return vectors > 0 ? rowPlan(problem, vectors, target) : columnPlan(problem, target);
}

/** Vectors that the rows kernel packs side by side; 0 where it does not fit, or costs more than it saves. */
function packedVectors({ outer, inner, matrix }: Problem): number {
  if (inner > 2) return 0;
  const rowsPerVector = 4 / inner;
  const perLine = matrix.index.length + 2 * matrix.rows;
  if (matrix.rows < rowsPerVector || 2 * matrix.columns > (rowsPerVector - 1) * perLine) return 0;
  const paddedColumns = matrix.columns + rowsPerVector;
  const fitting = Math.floor((scratchBytes - stripBytes) / (16 * paddedColumns));
  return Math.min(4, fitting, Math.floor(outer / rowsPerVector));
}

function rowPlan({ outer, inner, matrix }: Problem, vectors: number, target: WasmTarget): WasmPlan {
  const blockRows = vectors * (4 / inner);
  const blocks = Math.ceil(outer / blockRows);
  const perBlock = vectors * (matrix.index.length + 2 * matrix.rows + 2 * matrix.columns);
  const blocksPerTask = Math.max(1, Math.floor(taskOperations / perBlock));
  const args = [
    { input: 0 },
    { output: 0 },
    { table: 0 },
    { table: 1 },
    outer,
    blocks,
    blocksPerTask,
    matrix.columns,
    matrix.rows,
  ];
  const code = rowKernel(target, inner as 1 | 2, vectors);
  const tables = [matrix.rowStart, entryTable(matrix, 16 * vectors)];
  return { steps: [{ code, tasks: Math.ceil(blocks / blocksPerTask), args }], tables };
}

function columnPlan({ outer, inner, matrix }: Problem, target: WasmTarget): WasmPlan {
  const bytes = 4 * inner;
  const columnChunks = Math.ceil(bytes / columnChunkBytes);
  const units = outer * columnChunks;
  const operations = outer * (matrix.index.length + 2 * matrix.rows) * Math.ceil(inner / 4);
  const parts = Math.ceil(operations / taskOperations);
  const unitsPerTask = Math.max(1, Math.ceil(units / parts));
  const rowChunks = Math.max(1, Math.min(matrix.rows, Math.floor(parts / units)));
  const rowsPerChunk = Math.ceil(matrix.rows / rowChunks);
  const args = [
    { input: 0 },
    { output: 0 },
    { table: 0 },
    { table: 1 },
    bytes,
    matrix.columns * bytes,
    matrix.rows,
    units,
    columnChunks,
    unitsPerTask,
    rowChunks,
    rowsPerChunk,
  ];
  const code = columnKernel(target, inner);
  const tables = [matrix.rowStart, entryTable(matrix, bytes)];
  return { steps: [{ code, tasks: rowChunks * Math.ceil(units / unitsPerTask), args }], tables };
}

/** Entries as kernels read them: i32 byte offset of the column, f32 weight. */
function entryTable({ index, weight }: SparseMatrix, columnBytes: number): Int32Array {
  const table = new Int32Array(2 * index.length);
  const weights = new Float32Array(table.buffer);
  index.forEach((column, e) => {
    table[2 * e] = column * columnBytes;
    weights[2 * e + 1] = weight[e]!;
  });
  return table;
}
