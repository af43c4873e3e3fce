import type { DType } from '../../dtype.js';

/** How elements are stored. f16, of temporaries where the target allows it: kernels read and write them as f32. */
export type StoredType = DType | 'f16';

/** Which memory an operand of a kernel is. Inputs count as the op sees them, whether fused or not. */
export type WgslSource =
  | { readonly input: number }
  | { readonly output: number }
  | { readonly temp: number }
  | { readonly table: number };

/**
 * An operand `x` of a kernel. Its source has `fn load_x(i: u32) -> T` (read, readWrite) and
 * `fn store_x(i: u32, value: T)` (write, readWrite); i counts elements from the tensor's first one.
 * T: f32, f16 → f32, c64 → vec2f, i32 → i32, u8 → i32 (stored: the low byte), bool → bool.
 * Loads of inputs and the store of output 0 include what is fused into them.
 */
export interface WgslOperand {
  readonly source: WgslSource;
  readonly dtype: StoredType;
  readonly access: 'read' | 'write' | 'readWrite';
  /** Of an input that is not fused: i counts elements of memory, so that the kernel does the strides itself. */
  readonly byPlace?: boolean;
}

/** A number that a kernel reads as `p.name`: other values need no other pipeline. */
export interface WgslWord {
  readonly type: 'u32' | 'i32' | 'f32';
  readonly value: number;
}

/** What a kernel is made from. */
export interface WgslKernel {
  /** Family and part: `fft/columns`. */
  readonly name: string;
  /** What the source opens with: the equation and the number of passes over memory. */
  readonly about: string;
  /** By name; at most 8 buffers with those of fused expressions. */
  readonly operands: Readonly<Record<string, WgslOperand>>;
  readonly words?: Readonly<Record<string, WgslWord>>;
  /** Invocations of a work group, in one dimension. */
  readonly workgroupSize: number;
  /** Work groups; the backend lays more than 65,535 out in two dimensions. */
  readonly groups: number;
  /** Constants, functions and workgroup variables at module scope. */
  readonly declarations?: string;
  /** Names of functions of `ops/elementwise/math.wgsl.ts` that `declarations` and `body` call. */
  readonly library?: readonly string[];
  /** Neighbours by `local` exchange values by subgroup functions, in groups of the target's `subgroupSize`. */
  readonly usesSubgroups?: boolean;
  /** Body of the entry point; reads `group: u32` (below `groups`) and `local: u32`. */
  readonly body: string;
}

/** One dispatch. */
export interface WgslStep {
  /** The whole source: also the key of its pipeline. */
  readonly source: string;
  /** Directives that go before it. */
  readonly directives?: string;
  readonly name: string;
  readonly groups: number;
  /** Buffers in the order of their bindings. Inputs count as the launch gets them: those of fused loads one by one. */
  readonly bindings: readonly { readonly source: WgslSource; readonly writes: boolean }[];
  readonly words: readonly WgslStepWord[];
}

/** A parameter word: a number, or where a physical input begins, in its elements. */
export type WgslStepWord = WgslWord | { readonly offsetOf: number; readonly elementBytes: number };

export interface WgslPlan {
  readonly steps: readonly WgslStep[];
  /** Sizes in bytes of temporaries that live while the plan runs. */
  readonly temps?: readonly number[];
  /** Constant tables, copied to the device once. */
  readonly tables?: readonly (Float32Array | Int32Array | Uint32Array)[];
}

/** What the kernels of a device may use. */
export interface WgslTarget {
  readonly workgroupBytes: number;
  readonly maxWorkgroupSize: number;
  /** As many neighbours by `local`, a power of two, lie in one subgroup at least; 1: subgroups are not used. */
  readonly subgroupSize: number;
  /** Temporaries may be stored in half precision. */
  readonly f16: boolean;
}

/** What every GPU has. */
export const defaultTarget: WgslTarget = {
  workgroupBytes: 16384,
  maxWorkgroupSize: 256,
  subgroupSize: 1,
  f16: false,
};
