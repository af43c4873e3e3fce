import type { WasmPlan, WasmTarget } from '../../backend/wasm/plan.js';
import { dtypeInfo, isComplex } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import { type Layout, sizeOf } from '../../shape.js';
import { batchOffsets } from './batch.js';
import { fusedStore } from './fusedStore.wasm.js';
import { gemmFinishes, gemmPlan } from './gemm.wasm.js';
import type { MatmulAttrs } from './matmul.js';
import { zeroPlan } from './zero.wasm.js';

/** Byte strides of an operand's rows and columns, as the product sees it. */
function matrixSteps({ strides, dtype }: Layout, transposed: boolean): [row: number, column: number] {
  const { bytes } = dtypeInfo[dtype];
  const [row, column] = strides.slice(-2).map((stride) => stride * bytes) as [number, number];
  return transposed ? [column, row] : [row, column];
}

/** A transpose, of the attributes or of a view, only changes strides. */
export function matmulWasm(call: KernelCall<MatmulAttrs>, target: WasmTarget): WasmPlan {
  const { inputs, outputs, attrs } = call;
  const [a, b] = inputs as [Layout, Layout];
  const { shape, dtype } = outputs[0]!;
  const { bytes } = dtypeInfo[dtype];
  const k = a.shape.at(attrs.transposeA ? -2 : -1)!;
  if (k === 0) return zeroPlan(target, sizeOf(shape) * bytes);
  const batchShape = shape.slice(0, -2);
  const [aRow, aStep] = matrixSteps(a, attrs.transposeA);
  const [bStep, bColumn] = matrixSteps(b, attrs.transposeB);
  const offsets = (operand: Layout) =>
    batchOffsets(batchShape, operand.shape, operand.strides).map((offset) => offset * bytes);
  return gemmPlan(target, {
    complex: isComplex(dtype),
    ...{ m: shape.at(-2)!, n: shape.at(-1)!, k },
    ...{ a: { input: 0 }, b: { input: 1 }, c: { output: 0 } },
    ...{ aRow, aStep, bStep, bColumn, conjA: attrs.conjA, conjB: attrs.conjB },
    ...{
      aOffsets: offsets(a),
      bOffsets: offsets(b),
      store: fusedStore(call, target, 2, gemmFinishes(shape.at(-1)!, isComplex(dtype))),
    },
  });
}
