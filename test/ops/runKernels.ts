import type { WasmArg } from '../../packages/tensor/src/backend/wasm/plan.js';
import { scratchBytes } from '../../packages/tensor/src/backend/wasm/plan.js';
import { KernelTarget } from '../../packages/tensor/src/backend/wasm/target.js';
import { type DType, dtypeInfo, type TypedArray } from '../../packages/tensor/src/dtype.js';
import type { HostValue, Op } from '../../packages/tensor/src/op.js';
import { contiguousStrides, type Layout, sizeOf, type TensorType } from '../../packages/tensor/src/shape.js';

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64 + 64;

export interface KernelRun {
  readonly outputs: HostValue[];
  /** Tasks of every step, in order: shows which algorithm a plan chose. */
  readonly tasks: number[];
}

const layoutOf = (type: TensorType): Layout => ({
  shape: type.shape,
  dtype: type.dtype,
  strides: contiguousStrides(type.shape),
  offset: 0,
});

/**
 * Runs an op's WASM plan in a private memory, tasks in reverse order, so that a plan whose result
 * depends on the order is found. Bytes behind every output are checked to be left alone.
 */
export function runKernels<A>(op: Op<A>, inputs: readonly HostValue[], attrs: A): KernelRun {
  const target = new KernelTarget(false, false);
  const types = op.infer(inputs, attrs);
  const plan = op.wasm!({ inputs: inputs.map(layoutOf), outputs: types.map(layoutOf), attrs }, target);
  let end = 64;
  const take = (bytes: number): number => {
    const at = end;
    end += align(bytes);
    return at;
  };
  const bytesOf = (type: TensorType): number => sizeOf(type.shape) * dtypeInfo[type.dtype].bytes;
  const at = {
    input: inputs.map((input) => take(bytesOf(input))),
    output: types.map((type) => take(bytesOf(type))),
    temp: (plan.temps ?? []).map(take),
    table: (plan.tables ?? []).map((table) => take(table.byteLength)),
  };
  const argsAt = take(256);
  const scratchAt = take(scratchBytes);
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) + 1, maximum: 65536 });
  const bytes = new Uint8Array(memory.buffer).fill(0xa5);
  const put = (where: number, data: ArrayBufferView): void =>
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), where);
  inputs.forEach((input, i) => {
    put(at.input[i]!, input.data);
  });
  (plan.tables ?? []).forEach((table, i) => {
    put(at.table[i]!, table);
  });
  const address = (arg: WasmArg): number => {
    if (typeof arg === 'number') return arg;
    const [[kind, index]] = Object.entries(arg) as [[keyof typeof at, number]];
    return at[kind][index]! + (arg.offset ?? 0);
  };
  for (const step of plan.steps) {
    const module = new WebAssembly.Module(step.code.bytes as BufferSource);
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    put(argsAt, Int32Array.from(step.args.map(address)));
    for (let task = step.tasks - 1; task >= 0; task--)
      (exports.run as (task: number, args: number, scratch: number) => void)(task, argsAt, scratchAt);
  }
  const outputs = types.map((type, i) => {
    const { array } = dtypeInfo[type.dtype];
    const from = at.output[i]!;
    const size = bytesOf(type);
    if (bytes.subarray(from + size, from + align(size)).some((byte) => byte !== 0xa5))
      throw new Error(`${op.name}: wrote past the end of output ${i}`);
    return { ...type, data: new array(memory.buffer.slice(from, from + size)) };
  });
  return { outputs, tasks: plan.steps.map((step) => step.tasks) };
}

/** The reference kernel's results, floats in double precision. */
export function runReference<A>(op: Op<A>, inputs: readonly HostValue[], attrs: A): HostValue[] {
  const outputs = op.infer(inputs, attrs).map((type) => {
    const { array, bytes, parts, kind } = dtypeInfo[type.dtype];
    const size = sizeOf(type.shape);
    const isFloat = kind === 'float' || kind === 'complex';
    return {
      ...type,
      data: isFloat ? new Float64Array(size * parts) : new array(new ArrayBuffer(size * bytes)),
    };
  });
  op.reference!(inputs, outputs, attrs);
  return outputs;
}

/** Seeded host data: floats in (−1, 1), i32 in ±1000, bytes 0…255, bool 0 or 1. */
export function hostValue(shape: readonly number[], dtype: DType, seed = 1): HostValue {
  const { array, parts, kind } = dtypeInfo[dtype];
  const data = new array(new ArrayBuffer(sizeOf(shape) * dtypeInfo[dtype].bytes)) as TypedArray;
  let state = seed >>> 0;
  for (let i = 0; i < sizeOf(shape) * parts; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const unit = state / 2 ** 32;
    data[i] =
      kind === 'bool'
        ? Math.floor(unit * 2)
        : dtype === 'u8'
          ? Math.floor(unit * 256)
          : kind === 'integer'
            ? Math.floor((unit - 0.5) * 2000)
            : 2 * unit - 1;
  }
  return { shape, dtype, data };
}
