import type { WasmCode } from './plan.js';

/** An in-order queue of kernel commands. Numbers of commands count from 1; 0 is "none". */
export interface CommandQueue {
  readonly threads: number;
  readonly memory: WebAssembly.Memory;
  /** First address free for tensors. */
  readonly heapStart: number;
  /** Commands enqueued so far: the number of the newest command. */
  readonly enqueued: number;
  /** Number of the newest command known to be finished, with all before it. */
  completed(): number;
  /** Enqueues tasks 0 … tasks − 1 of a kernel. Arguments are i32 words. */
  enqueue(code: WasmCode, tasks: number, args: Int32Array | readonly number[], count: number): void;
  /** Resolves when the command is finished; rejects with the first kernel failure since the last wait. */
  wait(command: number): Promise<void>;
  dispose(): void;
}
