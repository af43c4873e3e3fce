import type { DType } from '../dtype.js';
import type { ErrorParts } from '../errors.js';
import type { Op } from '../op.js';
import type { Layout } from '../shape.js';

/** Device memory. Only the backend that made it knows what it is. */
export interface DeviceBuffer {
  readonly bytes: number;
}

/** A kernel launch prepared for one signature; only its backend knows what it is. */
export type Executable = object;

/** An operand of a launch: a buffer and the byte offset of the tensor's first element in it. */
export interface Operand {
  readonly buffer: DeviceBuffer;
  readonly byteOffset: number;
}

/** Longest `write`: what fits into a command. */
export const maxWords = 48;

/** What memory is for, as a BudgetError says it: the function, and which part of its work. */
export type Purpose = Pick<ErrorParts, 'fn' | 'argument'>;

export interface MemoryUse {
  /** Bytes of live tensors. */
  readonly liveBytes: number;
  /** Bytes obtained from the system, live or pooled for reuse. */
  readonly reservedBytes: number;
  /** Largest `liveBytes` since the device was made. */
  readonly peakBytes: number;
  readonly budgetBytes: number;
}

/**
 * A device: memory and an in-order queue of kernel launches.
 *
 * Calls return at once and take effect in the order they were made, so memory freed after a launch may
 * be handed out before that launch has run. `read` and `finish` wait. Everything a call can know to be
 * wrong (dtype, budget) is thrown by that call; what goes wrong later is thrown by the next wait.
 */
export interface Backend {
  readonly name: 'reference' | 'wasm' | 'webgpu';
  /** One sentence for people: kind, threads or adapter, notable features. */
  readonly description: string;
  readonly dtypes: ReadonlySet<DType>;
  /** Can run several element-wise ops as one, from their expressions. */
  readonly fuses: boolean;
  /** An element-wise launch may write over one of its inputs. */
  readonly writesInPlace: boolean;
  /** Throws BudgetError before anything is allocated; it says whose memory this is. */
  allocate(bytes: number, purpose: Purpose): DeviceBuffer;
  free(buffer: DeviceBuffer): void;
  /** A new buffer holding a copy of `data`. */
  upload(data: ArrayBufferView, purpose: Purpose): DeviceBuffer;
  /** Writes a few words (at most `maxWords`) into a buffer, in queue order; no read of it may be under way. */
  write(buffer: DeviceBuffer, byteOffset: number, words: Int32Array): void;
  /** Copies bytes out once everything enqueued before has run. */
  read(buffer: DeviceBuffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer>;
  prepare<A>(op: Op<A>, inputs: readonly Layout[], outputs: readonly Layout[], attrs: A): Executable;
  run(executable: Executable, inputs: readonly Operand[], outputs: readonly Operand[]): void;
  /** Gives back what a prepared launch holds. */
  release(executable: Executable): void;
  /** Waits until everything enqueued has run; throws what went wrong on the way. */
  finish(): Promise<void>;
  memory(): MemoryUse;
  dispose(): void;
}
