import type { WgslPlan } from '../../backend/webgpu/plan.js';
import { isComplex } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { contiguousStrides, type Layout, type Shape, sizeOf } from '../../shape.js';
import { batchOffsets } from './batch.js';
import type { MatmulAttrs } from './matmul.js';
import { type Matrices, matrixFactor } from './matrixFactor.wgsl.js';
import { type Product, partialTemps, productSteps, u32Words } from './product.wgsl.js';
import { storedInput } from './storedInput.wgsl.js';
import { zeroPlan } from './zero.wgsl.js';

/** An operand as the product sees it: strides of memory, rows and columns exchanged if it is transposed. */
function matrixOf(call: KernelCall<MatmulAttrs>, k: 0 | 1, transposed: boolean, temp: number) {
  const { shape, strides } = call.inputs[k]!;
  const stored = storedInput(call, k, temp);
  const places = call.loads?.[k] ? contiguousStrides(shape) : strides;
  const [row, column] = places.slice(-2) as [number, number];
  return {
    ...stored,
    ...{ operand: { ...stored.operand, byPlace: true }, shape, strides: places },
    ...(transposed ? { row: column, column: row } : { row, column }),
  };
}

/** A transpose, of the attributes or of a view, only changes strides; so does an axis that is broadcast. */
export function matmulWgsl(call: KernelCall<MatmulAttrs>): WgslPlan {
  const { transposeA, transposeB, conjA, conjB } = call.attrs;
  const { shape, dtype } = call.outputs[0]!;
  const depth = call.inputs[0]!.shape.at(transposeA ? -2 : -1)!;
  if (depth === 0) return zeroPlan(call);
  const [rows, columns] = shape.slice(-2) as [number, number];
  const a = matrixOf(call, 0, transposeA, 0);
  const b = matrixOf(call, 1, transposeB, a.temps.length);
  const batch = batchUnits(shape.slice(0, -2), a, b);
  const left = matrixFactor('left', {
    ...{ operand: a.operand, units: batch.left, lineStep: a.row, sumStep: a.column, conjugate: conjA },
  });
  const right = matrixFactor('right', {
    ...{ operand: b.operand, units: batch.right, lineStep: b.column, sumStep: b.row, conjugate: conjB },
  });
  const product: Product = {
    ...{ name: 'matmul', about: 'C[…, i, j] = Σ_k op(A)[…, i, k] op(B)[…, k, j].' },
    ...{ complex: isComplex(dtype), rows, columns, depth, units: sizeOf(shape.slice(0, -2)), left, right },
    result: {
      operand: { source: { output: 0 }, dtype, access: 'write' },
      declarations: `fn placeResult(column: u32, unit: u32) -> u32 {
  return unit * p.resultUnit + column;
}`,
      rowStep: columns,
    },
    words: { ...left.words, ...right.words, ...u32Words({ resultUnit: rows * columns }) },
  };
  const temps = [...a.temps, ...b.temps];
  return {
    steps: [...a.steps, ...b.steps, ...productSteps(call, product, temps.length)],
    temps: [...temps, ...partialTemps(product)],
    tables: batch.tables,
  };
}

/** Where the matrices of a batch lie: steps if they follow one another evenly, else a table for both operands. */
function batchUnits(batch: Shape, ...operands: Pick<Layout, 'shape' | 'strides'>[]) {
  const [a, b] = operands.map(({ shape, strides }) => batchOffsets(batch, shape, strides)) as [
    number[],
    number[],
  ];
  const isEven = [a, b].every((offsets) => offsets.every((offset, i) => offset === i * (offsets[1] ?? 0)));
  if (isEven) return { left: a[1] ?? 0, right: b[1] ?? 0, tables: [] };
  const table = (part: number): Matrices['units'] => ({ table: 0, part });
  return {
    ...{ left: table(0), right: table(1) },
    tables: [Int32Array.from(a.flatMap((offset, i) => [offset, b[i]!]))],
  };
}
