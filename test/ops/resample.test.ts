import { describe, expect, it } from 'vitest';
import { KernelTarget } from '../../packages/tensor/src/backend/wasm/target.js';
import { type AxisMapAttrs, axisMapOp } from '../../packages/tensor/src/ops/resample/axisMap.js';
import { type MatrixEntry, SparseMatrix } from '../../packages/tensor/src/ops/resample/sparseMatrix.js';
import { contiguousStrides } from '../../packages/tensor/src/shape.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

/** Rows of 0 to 7 entries at scattered columns. */
function scattered(rows: number, columns: number): SparseMatrix {
  const entries: MatrixEntry[] = [];
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < (5 * i) % 8; k++) entries.push([i, (7 * i + 11 * k) % columns, Math.sin(3 * i + k)]);
  return SparseMatrix.fromEntries(`scattered:${rows}:${columns}`, rows, columns, entries);
}

interface KernelCase {
  shape: number[];
  axis: number;
  dtype: 'f32' | 'c64';
  rows: number;
  kernel: string;
  /** Whether the work is enough for several tasks. */
  several?: boolean;
}

const cases: KernelCase[] = [
  { shape: [37, 50], axis: 1, dtype: 'f32', rows: 31, kernel: 'rows 1x4' },
  { shape: [13, 50], axis: 1, dtype: 'f32', rows: 9, kernel: 'rows 1x3' },
  { shape: [5, 9], axis: 1, dtype: 'f32', rows: 21, kernel: 'rows 1x1' },
  { shape: [3, 9], axis: 1, dtype: 'f32', rows: 21, kernel: 'columns 1' },
  { shape: [40, 9], axis: 1, dtype: 'f32', rows: 3, kernel: 'columns 1' },
  { shape: [9, 33], axis: 1, dtype: 'c64', rows: 19, kernel: 'rows 2x4' },
  { shape: [5, 4], axis: 1, dtype: 'c64', rows: 2, kernel: 'rows 2x2' },
  // packing all columns would cost more than the few entries
  { shape: [40, 600], axis: 1, dtype: 'f32', rows: 10, kernel: 'columns 1' },
  { shape: [11, 8, 2], axis: 1, dtype: 'f32', rows: 13, kernel: 'rows 2x4' },
  { shape: [33], axis: 0, dtype: 'c64', rows: 12, kernel: 'columns 2' },
  { shape: [6, 8, 3], axis: 1, dtype: 'f32', rows: 5, kernel: 'columns 3' },
  { shape: [6, 8, 4], axis: 1, dtype: 'f32', rows: 5, kernel: 'columns wide' },
  { shape: [4, 12, 23], axis: 1, dtype: 'f32', rows: 17, kernel: 'columns wide' },
  { shape: [3, 5, 7, 3], axis: 1, dtype: 'c64', rows: 6, kernel: 'columns wide' },
  { shape: [700, 600], axis: 1, dtype: 'f32', rows: 611, kernel: 'rows 1x4', several: true },
  { shape: [300, 520], axis: 1, dtype: 'c64', rows: 611, kernel: 'rows 2x4', several: true },
  // beyond the scratch memory of a thread: fewer rows side by side, then none
  { shape: [20, 60000], axis: 1, dtype: 'f32', rows: 20000, kernel: 'rows 1x2', several: true },
  { shape: [20, 140000], axis: 1, dtype: 'f32', rows: 40000, kernel: 'columns 1', several: true },
  { shape: [500001], axis: 0, dtype: 'f32', rows: 400003, kernel: 'columns 1', several: true },
  // one strip of columns ends inside a vector; rows and strips are split among tasks
  { shape: [70, 3001], axis: 0, dtype: 'f32', rows: 500, kernel: 'columns wide', several: true },
  { shape: [600, 40, 50], axis: 1, dtype: 'f32', rows: 41, kernel: 'columns wide', several: true },
];

describe('axisMap kernels', () => {
  it.each(cases)(
    '$dtype $shape along $axis to $rows takes $kernel',
    ({ shape, axis, dtype, rows, kernel, several }) => {
      const attrs: AxisMapAttrs = { axis, matrix: scattered(rows, shape[axis]!) };
      const layout = { shape, dtype, strides: contiguousStrides(shape), offset: 0 };
      const plan = axisMapOp.wasm!({ inputs: [layout], outputs: [], attrs }, new KernelTarget(false, false));
      expect(plan.steps.map((step) => step.code.key)).toEqual([`axisMap ${kernel}`]);

      const x = hostValue(shape, dtype);
      const { outputs, tasks } = runKernels(axisMapOp, [x], attrs);
      expect(tasks[0]! > 1).toBe(several ?? false);
      const [expected] = runReference(axisMapOp, [x], attrs);
      let worst = 0;
      for (let i = 0; i < expected!.data.length; i++)
        worst = Math.max(worst, Math.abs(expected!.data[i]! - outputs[0]!.data[i]!));
      expect(worst).toBeLessThan(2e-6);
    },
  );

  it('gives zeros for an empty axis', () => {
    for (const shape of [
      [8, 0],
      [0, 8],
    ]) {
      const axis = shape.indexOf(0);
      const attrs = { axis, matrix: SparseMatrix.fromEntries('none', 5, 0, []) };
      const { outputs } = runKernels(axisMapOp, [hostValue(shape, 'f32')], attrs);
      expect([...outputs[0]!.data]).toEqual(new Array(40).fill(0));
    }
  });
});

describe('SparseMatrix', () => {
  it('adds entries at one place and drops zeros', () => {
    const matrix = SparseMatrix.fromEntries('sum', 2, 3, [
      [1, 2, 0.5],
      [0, 1, 1],
      [1, 2, 0.25],
      [0, 0, 1],
      [0, 0, -1],
    ]);
    expect([...matrix.rowStart]).toEqual([0, 1, 2]);
    expect([...matrix.index]).toEqual([1, 2]);
    expect([...matrix.weight]).toEqual([1, 0.75]);
  });

  it('has one transposed partner', () => {
    const matrix = scattered(9, 13);
    expect(matrix.transposed.transposed).toBe(matrix);
    expect([matrix.transposed.rows, matrix.transposed.columns]).toEqual([13, 9]);
  });
});
