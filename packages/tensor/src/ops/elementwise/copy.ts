import type { WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import { defineOp } from '../../op.js';
import type { Layout } from '../../shape.js';
import { fillValue, operandOf } from './convert.js';
import { elementwiseStep } from './lower.wasm.js';
import { elementwisePlan } from './lower.wgsl.js';

/** The address of a layout's first element. */
function addressOf(address: WasmArg, { dtype, offset }: Layout): WasmArg {
  const bytes = offset * dtypeInfo[dtype].bytes;
  return typeof address === 'number'
    ? address + bytes
    : { ...address, offset: (address.offset ?? 0) + bytes };
}

/**
 * The step that copies elements from one layout to another of the same shape: into a region of a larger
 * output, for instance, as concat does.
 */
export const copyStep = (
  target: WasmTarget,
  dtype: DType,
  from: Layout,
  to: Layout,
  [source, destination]: readonly [WasmArg, WasmArg],
): WasmStep =>
  elementwiseStep(
    target,
    to.shape,
    [{ dtype, strides: from.strides, address: addressOf(source, from) }],
    [{ dtype, strides: to.strides, address: addressOf(destination, to), value: operandOf(0, dtype) }],
  );

/** The step that stores one value (re, im) everywhere in a layout. */
export const fillStep = (
  target: WasmTarget,
  dtype: DType,
  to: Layout,
  value: readonly [number, number],
  destination: WasmArg,
): WasmStep => {
  const address = addressOf(destination, to);
  return elementwiseStep(
    target,
    to.shape,
    [],
    [{ dtype, strides: to.strides, address, value: fillValue(dtype, value) }],
  );
};

/** y = x, contiguous. x: any strides. */
export const copyOp = defineOp<undefined>({
  name: 'copy',
  strided: true,
  infer: ([x]) => [{ shape: x!.shape, dtype: x!.dtype }],
  expression: (_, __, [x]) => x!,
  reference: ([x], [y]) => y!.data.set(x!.data),
  wasm: ({ inputs: [x], outputs: [y] }, target) => ({
    steps: [copyStep(target, x!.dtype, x!, y!, [{ input: 0 }, { output: 0 }])],
  }),
  wgsl: ({ inputs: [x], outputs: [y] }) => elementwisePlan('copy', [x!], y!, operandOf(0, x!.dtype)),
});
