import { DeviceError } from '../../errors.js';
import { maxArgs } from './layout.js';
import { scratchBytes, type WasmCode } from './plan.js';
import type { CommandQueue } from './queue.js';

type Run = (task: number, args: number, scratch: number) => void;

const argsAddress = 64;

/** Runs commands at once on the calling thread: where threads are not allowed. */
export class InlineQueue implements CommandQueue {
  readonly threads = 0;
  readonly memory: WebAssembly.Memory;
  readonly heapStart: number;
  enqueued = 0;
  private readonly scratch: number;
  private readonly runs: Run[] = [];
  private failure: Error | undefined;

  constructor() {
    this.scratch = 4096;
    this.heapStart = this.scratch + scratchBytes;
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(this.heapStart / 65536) + 16, maximum: 65536 });
  }

  completed(): number {
    return this.enqueued;
  }

  enqueue(code: WasmCode, tasks: number, args: Int32Array | readonly number[], count: number): void {
    this.enqueued++;
    const words = new Int32Array(this.memory.buffer, argsAddress, maxArgs);
    for (let i = 0; i < count; i++) words[i] = args[i]!;
    try {
      const run = (this.runs[code.id] ??= this.compile(code));
      for (let task = 0; task < tasks; task++) run(task, argsAddress, this.scratch);
    } catch (error) {
      this.failure ??= new DeviceError(`kernel ${code.key}: ${(error as Error).message}`);
    }
  }

  private compile(code: WasmCode): Run {
    const module = new WebAssembly.Module(code.bytes as BufferSource);
    return new WebAssembly.Instance(module, { env: { memory: this.memory } }).exports.run as Run;
  }

  async wait(): Promise<void> {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
  }

  dispose(): void {
    this.runs.length = 0;
  }
}
