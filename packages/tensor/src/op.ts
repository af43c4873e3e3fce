import type { WasmPlan, WasmTarget } from './backend/wasm/plan.js';
import type { WgslPlan, WgslTarget } from './backend/webgpu/plan.js';
import type { Device } from './device.js';
import type { TypedArray } from './dtype.js';
import type { Block } from './ops/elementwise/block.wasm.js';
import type { Value } from './ops/elementwise/convert.js';
import type { Routine } from './routine.js';
import type { Layout, TensorType } from './shape.js';

/** A contiguous host array: what reference kernels read and write. Complex data is interleaved. */
export interface HostValue extends TensorType {
  readonly data: TypedArray;
}

/** Plain f64 loops: short, obviously right, independent of every other kernel. */
export type ReferenceKernel<A> = (
  inputs: readonly HostValue[],
  outputs: readonly HostValue[],
  attrs: A,
) => void;

/**
 * An input that is never stored: the kernel computes its elements where it would load them. Inputs of a launch
 * are then counted with the operands of every such expression in place of the input.
 */
export interface FusedLoad {
  /** An element, from operands numbered from 0. */
  readonly value: Value;
  /** Laid out along the input's shape; broadcast axes have stride 0. */
  readonly operands: readonly Layout[];
  /**
   * A call of another op that makes operand 0, of the input's shape, a few rows at a time. `operands` are the
   * others then, numbered from 1, and stand behind those of the call.
   */
  readonly made?: MadeInside;
}

/** A call whose result is never stored, and its op. */
export interface MadeInside {
  // biome-ignore lint/suspicious/noExplicitAny: any op that has a `wasmBlock`
  readonly op: Op<any>;
  readonly call: KernelCall<unknown>;
}

/**
 * What becomes of output 0 before it is stored: operand 0 of the expression is what the kernel computed, the
 * others are read. The inputs of a launch end with these others.
 */
export interface FusedStore {
  readonly value: Value;
  /** Operands 1 and up, laid out along the output's shape. */
  readonly operands: readonly Layout[];
}

/** What a kernel generator knows. Offsets are not part of it: they are passed when the plan runs. */
export interface KernelCall<A> {
  /** As the op sees them. */
  readonly inputs: readonly Layout[];
  readonly outputs: readonly Layout[];
  readonly attrs: A;
  /** By input; only where the op `fuses` them. */
  readonly loads?: readonly (FusedLoad | undefined)[];
  readonly store?: FusedStore;
}

/** Which element-wise work around an op its kernels can do on the way. */
export interface Fusable {
  /** Inputs whose elements are loaded about once, so that computing them there is no waste. */
  readonly loads: readonly number[];
  /** Output 0 may go through an element-wise expression of the same dtype. */
  readonly store: boolean;
  /** Whether such a load may begin with what this other op makes, on backends that can do that. */
  readonly takes?: (maker: Op, inputs: readonly TensorType[], attrs: unknown) => boolean;
}

/** Returns the commands that compute the outputs; called once per signature and cached. */
export type WasmKernel<A> = (call: KernelCall<A>, target: WasmTarget) => WasmPlan;

/** Operands are the inputs of a launch from number `first` on; constants come as the plan's table number `table`. */
export type WasmBlock<A> = (call: KernelCall<A>, table: number, first: number) => Block;

/** The same for WebGPU. */
export type WgslGenerator<A> = (call: KernelCall<A>, target: WgslTarget) => WgslPlan;

/**
 * An operation: a name, a rule for result types and its kernels. Its pullback stands beside it in the
 * op table. Everything an op needs besides tensors is in `attrs`: plain data, validated by the public
 * function in front of it.
 */
// biome-ignore lint/suspicious/noExplicitAny: an op list mixes attribute types
export interface Op<A = any> {
  readonly name: string;
  /** Types of the results. Throws a typed error when the inputs do not fit. */
  infer(inputs: readonly TensorType[], attrs: A): TensorType[];
  /** Kernels take any strides; all others get contiguous inputs, a copy being made where needed. */
  readonly strided?: boolean;
  /** The result shares the input's storage; such an op has no kernels. */
  readonly view?: (input: Layout, attrs: A) => Omit<Layout, 'dtype'>;
  /** Text that, with the inputs' layouts, identifies the kernels; default: JSON of `attrs`. */
  readonly key?: (attrs: A) => string;
  /**
   * Of an element-wise op: the value of an output element, given its operands' elements. Such ops broadcast
   * their operands; they are fused with each other and may write over an operand of the same layout.
   */
  readonly expression?: (inputs: readonly TensorType[], attrs: A, operands: readonly Value[]) => Value;
  /** What kernels of other ops than element-wise ones take in; default nothing. */
  readonly fuses?: (inputs: readonly TensorType[], attrs: A) => Fusable;
  /** Of an op that stands for launches of others: makes them ready. It works on every backend and has no kernels. */
  readonly routine?: (device: Device, attrs: A) => Routine;
  /** The result carries no gradient: tapes do not follow it. */
  readonly stopsGradient?: boolean;
  readonly reference?: ReferenceKernel<A>;
  readonly wasm?: WasmKernel<A>;
  /** Computes its result a few rows at a time within the kernel of another op. */
  readonly wasmBlock?: WasmBlock<A>;
  readonly wgsl?: WgslGenerator<A>;
}

/** Types an op definition: `const conv2dOp = defineOp<ConvAttrs>({ … })`. */
export const defineOp = <A>(op: Op<A>): Op<A> => op;
