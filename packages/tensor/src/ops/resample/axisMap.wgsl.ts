import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import type { AxisMapAttrs } from './axisMap.js';
import type { SparseMatrix } from './sparseMatrix.js';

const workgroupSize = 256;
/** Rows whose entries stand side by side in the tables, so that neighbouring invocations read neighbours. */
const sliceRows = 16;
/** Outer indices that one invocation does with the entries it has read. */
const blockOuter = 4;
/** Results for which there are enough invocations even if each does `blockOuter`. */
const manyResults = 1 << 20;

/**
 * One invocation for an element of the result, or for a few at neighbouring outer indices: neighbours follow the
 * inner axes, then the rows. The shape is passed as parameters, so that one pipeline serves all matrices.
 */
export function axisMapWgsl(call: KernelCall<AxisMapAttrs>): WgslPlan {
  const { axis, matrix } = call.attrs;
  const { shape, dtype } = call.inputs[0]!;
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  const block = outer * matrix.rows * inner >= manyResults && outer >= blockOuter ? blockOuter : 1;
  const items = Math.ceil(outer / block) * matrix.rows * inner;
  const { columns, weights } = entryTables(matrix);
  const step = wgslStep(call, {
    name: 'axisMap',
    about:
      'y[o, i, r] = sum_e weight[e] x[o, column[e], r] over the entries e of row i of a matrix. One read of x, where caches hold what rows share, one write of y.',
    operands: {
      x: { source: { input: 0 }, dtype, access: 'read' },
      y: { source: { output: 0 }, dtype, access: 'write' },
      columns: { source: { table: 0 }, dtype: 'i32', access: 'read' },
      weights: { source: { table: 1 }, dtype: 'f32', access: 'read' },
    },
    words: {
      items: { type: 'u32', value: items },
      outer: { type: 'u32', value: outer },
      rows: { type: 'u32', value: matrix.rows },
      inputStep: { type: 'u32', value: matrix.columns * inner },
      inner: { type: 'u32', value: inner },
    },
    workgroupSize,
    groups: Math.ceil(items / workgroupSize),
    body: bodyText(block, dtype === 'c64' ? 'vec2f' : 'f32'),
  });
  return { steps: [step], tables: [columns, weights] };
}

function bodyText(block: number, type: string): string {
  const each = (line: (i: number) => string) => Array.from({ length: block }, (_, i) => line(i)).join('\n');
  return `
let item = group * ${workgroupSize}u + local;
if (item < p.items) {
  let r = item % p.inner;
  let above = item / p.inner;
  let row = above % p.rows;
  let outer = above / p.rows * ${block}u;
  let line = outer * p.inputStep + r;
${each((i) => `  var sum${i} = ${type}();`)}
  let slice = row / ${sliceRows}u;
  let end = load_columns(slice + 1u);
  for (var e = load_columns(slice) + i32(row % ${sliceRows}u); e < end; e += ${sliceRows}) {
    let column = load_columns(u32(e));
    if (column < 0) { break; }
    let weight = load_weights(u32(e));
    let at = line + u32(column) * p.inner;
${each((i) => (i === 0 ? '    sum0 += weight * load_x(at);' : `    if (outer + ${i}u < p.outer) { sum${i} += weight * load_x(at + ${i}u * p.inputStep); }`))}
  }
  let to = (outer * p.rows + row) * p.inner + r;
${each((i) => (i === 0 ? '  store_y(to, sum0);' : `  if (outer + ${i}u < p.outer) { store_y(to + ${i}u * p.rows * p.inner, sum${i}); }`))}
}`;
}

/**
 * Entries in slices of a few rows: entry k of each row of a slice, then entry k + 1 of each; −1 where a row has no
 * more. `columns` opens with the places where slices begin; both tables count alike.
 *
 * M. Kreutzer et al., "A unified sparse matrix data format", 2014 (SELL-C-σ).
 */
function entryTables({ rows, rowStart, index, weight }: SparseMatrix) {
  const slices = Math.ceil(rows / sliceRows);
  const starts = new Int32Array(slices + 1);
  const lengthOf = (row: number) => (row < rows ? rowStart[row + 1]! - rowStart[row]! : 0);
  const slots = Array.from({ length: sliceRows }, (_, i) => i);
  starts[0] = slices + 1;
  for (let slice = 0; slice < slices; slice++) {
    const longest = Math.max(...slots.map((i) => lengthOf(slice * sliceRows + i)));
    starts[slice + 1] = starts[slice]! + longest * sliceRows;
  }
  const size = starts[slices]!;
  const columns = new Int32Array(size).fill(-1);
  const weights = new Float32Array(size);
  columns.set(starts);
  for (let row = 0; row < rows; row++)
    for (let k = 0; k < lengthOf(row); k++) {
      const at = starts[Math.floor(row / sliceRows)]! + k * sliceRows + (row % sliceRows);
      columns[at] = index[rowStart[row]! + k]!;
      weights[at] = weight[rowStart[row]! + k]!;
    }
  return { columns, weights };
}
