import type { FunctionBuilder, I32, Local, ModuleBuilder, V128 } from './assembler.js';

/** Bytes of scratch every thread owns; kernels that need more take a temporary of the plan. */
export const scratchBytes = 2 * 1024 * 1024;

/** An assembled kernel: `run(task, args, scratch)`. */
export interface WasmCode {
  readonly id: number;
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * One kernel argument, an i32 word: an integer, or the address of an operand plus `offset` bytes.
 * The addresses of inputs and outputs include the view offset of the tensor.
 */
export type WasmArg =
  | number
  | { readonly input: number; readonly offset?: number }
  | { readonly output: number; readonly offset?: number }
  | { readonly temp: number; readonly offset?: number }
  | { readonly table: number; readonly offset?: number };

/** Tasks `0 … tasks − 1` of one kernel, in any order on any thread; steps follow one another. */
export interface WasmStep {
  readonly code: WasmCode;
  /** Depends on shapes only, never on the number of threads: that keeps results bit-equal. */
  readonly tasks: number;
  /** At most 56. */
  readonly args: readonly WasmArg[];
}

export interface WasmPlan {
  readonly steps: readonly WasmStep[];
  /** Sizes in bytes of temporaries that live while the plan runs. */
  readonly temps?: readonly number[];
  /** Constant tables, copied to the device once, when the plan is made. */
  readonly tables?: readonly ArrayBufferView[];
}

/** What the body of a kernel is built from. */
export interface KernelScope {
  readonly module: ModuleBuilder;
  /** Index of the task this call does. */
  readonly task: Local<'i32'>;
  /** Argument word `index`, loaded now: name it with `f.let` if used twice. */
  arg(index: number): I32;
  /** Address of argument word `index`, for functions of the module that read words themselves. */
  argAddress(index: number): I32;
  /** Address of this thread's scratch memory, 64-byte aligned. */
  readonly scratch: Local<'i32'>;
}

/** Where kernels are generated for: the features of this machine, and a cache of assembled code. */
export interface WasmTarget {
  /** Fused multiply-add may be used (absent on old engines and in deterministic mode). */
  readonly fma: boolean;
  /** a·b + c and c − a·b, fused where `fma`. */
  madd(a: V128, b: V128, c: V128): V128;
  nmadd(a: V128, b: V128, c: V128): V128;
  /** Assembles a kernel, or returns the one assembled before under the same key. */
  kernel(key: string, build: (f: FunctionBuilder, scope: KernelScope) => void): WasmCode;
}
