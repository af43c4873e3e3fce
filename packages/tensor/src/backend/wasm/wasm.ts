import type { DType } from '../../dtype.js';
import type { Op } from '../../op.js';
import type { Layout } from '../../shape.js';
import { allOrNone } from '../allOrNone.js';
import type { Backend, DeviceBuffer, MemoryUse, Operand, Purpose } from '../backend.js';
import { budgetError } from '../budget.js';
import { isNode, nodeModule } from '../node.js';
import { Heap } from './heap.js';
import { InlineQueue } from './inlineQueue.js';
import { maxArgs, maxThreads } from './layout.js';
import type { WasmArg, WasmPlan } from './plan.js';
import type { CommandQueue } from './queue.js';
import { detectFma, KernelTarget } from './target.js';
import { ThreadQueue } from './threadQueue.js';
import { whyNoThreads } from './workerThread.js';

interface HeapBuffer extends DeviceBuffer {
  readonly address: number;
}

interface PreparedPlan {
  /** The op, for errors. */
  readonly fn: string;
  readonly plan: WasmPlan;
  readonly tables: readonly HeapBuffer[];
}

export interface WasmOptions {
  /** Undefined: one per core where threads are allowed. 0: the calling thread. */
  threads: number | undefined;
  deterministic: boolean;
  memoryBudget: number;
}

/**
 * Generated WebAssembly SIMD kernels over one linear memory, run by workers from an in-order queue, or on
 * the calling thread where threads are not allowed. Results do not depend on the number of threads.
 */
export class WasmBackend implements Backend {
  readonly name = 'wasm';
  readonly fuses = true;
  readonly writesInPlace = true;
  readonly dtypes: ReadonlySet<DType> = new Set<DType>(['f32', 'c64', 'i32', 'u8', 'bool']);
  readonly description: string;
  private readonly heap: Heap;
  private live = 0;
  private peak = 0;
  private readonly args = new Int32Array(maxArgs);

  private constructor(
    private readonly queue: CommandQueue,
    readonly target: KernelTarget,
    readonly deterministic: boolean,
    private readonly budget: number,
    note: string,
  ) {
    this.heap = new Heap(queue.memory, queue.heapStart);
    const where =
      queue.threads > 0 ? `${queue.threads} thread${queue.threads > 1 ? 's' : ''}` : 'the calling thread';
    const fma = target.fma ? 'fused multiply-add' : deterministic ? 'deterministic' : 'no fused multiply-add';
    this.description = `wasm: SIMD on ${where}, ${fma}${note && ` (${note})`}`;
  }

  static async create({ threads, deterministic, memoryBudget }: WasmOptions): Promise<WasmBackend> {
    const { queue, note } = await makeQueue(threads);
    const fma = !deterministic && (await detectFma());
    const target = new KernelTarget(fma, queue.threads > 0);
    return new WasmBackend(queue, target, deterministic, memoryBudget, note);
  }

  /** Worker threads; 0 when kernels run on the calling thread. */
  get threads(): number {
    return this.queue.threads;
  }

  allocate(bytes: number, purpose: Purpose): HeapBuffer {
    return this.take(bytes, purpose, Number.POSITIVE_INFINITY);
  }

  private take(bytes: number, purpose: Purpose, completed: number): HeapBuffer {
    const address = this.live + bytes > this.budget ? undefined : this.heap.allocate(bytes, completed);
    if (address === undefined) throw budgetError(purpose, bytes, this.live, this.budget);
    this.live += bytes;
    if (this.live > this.peak) this.peak = this.live;
    return { bytes, address };
  }

  free(buffer: DeviceBuffer): void {
    this.live -= buffer.bytes;
    this.heap.release((buffer as HeapBuffer).address, buffer.bytes, this.queue.enqueued);
  }

  /** Host writes happen now, not in queue order: they go only to memory no pending command uses. */
  upload(data: ArrayBufferView, purpose: Purpose): HeapBuffer {
    const buffer = this.take(data.byteLength, purpose, this.queue.completed());
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.queue.memory.buffer, buffer.address, data.byteLength).set(bytes);
    return buffer;
  }

  /** The words travel as arguments of a kernel that stores them: memory in use may not be touched from here. */
  write(buffer: DeviceBuffer, byteOffset: number, words: Int32Array): void {
    const code = this.target.kernel(`write|${words.length}`, (f, { arg }) => {
      const address = f.let(arg(0));
      for (let i = 0; i < words.length; i++) f.store('i32', address, arg(1 + i), 4 * i);
    });
    this.args[0] = (buffer as HeapBuffer).address + byteOffset;
    this.args.set(words, 1);
    this.queue.enqueue(code, 1, this.args, 1 + words.length);
  }

  async read(buffer: DeviceBuffer, byteOffset: number, byteLength: number): Promise<ArrayBuffer> {
    await this.finish();
    const start = (buffer as HeapBuffer).address + byteOffset;
    const copy = new Uint8Array(byteLength);
    copy.set(new Uint8Array(this.queue.memory.buffer, start, byteLength));
    return copy.buffer;
  }

  prepare<A>(op: Op<A>, inputs: readonly Layout[], outputs: readonly Layout[], attrs: A): PreparedPlan {
    if (!op.wasm) throw new TypeError(`${op.name}: has no wasm kernel`);
    const plan = op.wasm({ inputs, outputs, attrs }, this.target);
    const purpose = { fn: op.name, argument: 'a table of its kernels' };
    return {
      fn: op.name,
      plan,
      tables: this.allOf(plan.tables ?? [], (table) => this.upload(table, purpose)),
    };
  }

  run(executable: object, inputs: readonly Operand[], outputs: readonly Operand[]): void {
    const { fn, plan, tables } = executable as PreparedPlan;
    const purpose = { fn, argument: 'its temporary memory' };
    const temps = this.allOf(plan.temps ?? [], (bytes) => this.allocate(bytes, purpose));
    try {
      for (const { code, tasks, args } of plan.steps) {
        for (let i = 0; i < args.length; i++)
          this.args[i] = this.resolve(args[i]!, inputs, outputs, temps, tables);
        this.queue.enqueue(code, tasks, this.args, args.length);
      }
    } finally {
      for (const temp of temps) this.free(temp);
    }
  }

  private allOf<T>(items: readonly T[], make: (item: T) => HeapBuffer): HeapBuffer[] {
    return allOrNone(items, make, (buffer) => this.free(buffer));
  }

  private resolve(
    arg: WasmArg,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    temps: readonly HeapBuffer[],
    tables: readonly HeapBuffer[],
  ): number {
    if (typeof arg === 'number') return arg;
    const offset = arg.offset ?? 0;
    if ('temp' in arg) return temps[arg.temp]!.address + offset;
    if ('table' in arg) return tables[arg.table]!.address + offset;
    const operand = 'input' in arg ? inputs[arg.input]! : outputs[arg.output]!;
    return (operand.buffer as HeapBuffer).address + operand.byteOffset + offset;
  }

  release(executable: object): void {
    for (const table of (executable as PreparedPlan).tables) this.free(table);
  }

  finish(): Promise<void> {
    return this.queue.wait(this.queue.enqueued);
  }

  memory(): MemoryUse {
    return {
      liveBytes: this.live,
      reservedBytes: this.heap.reservedBytes - this.queue.heapStart,
      peakBytes: this.peak,
      budgetBytes: this.budget,
    };
  }

  dispose(): void {
    this.queue.dispose();
  }
}

/** Workers where they are wanted and can start; else the calling thread, with a note that says why. */
async function makeQueue(threads: number | undefined): Promise<{ queue: CommandQueue; note: string }> {
  if (threads === 0) return { queue: new InlineQueue(), note: '' };
  const why = whyNoThreads();
  if (why) return { queue: new InlineQueue(), note: why };
  try {
    return { queue: await ThreadQueue.create(Math.min(threads ?? (await cores()), maxThreads)), note: '' };
  } catch (error) {
    return { queue: new InlineQueue(), note: `workers did not start: ${(error as Error).message}` };
  }
}

async function cores(): Promise<number> {
  if (!isNode) return navigator.hardwareConcurrency;
  const os = await nodeModule<typeof import('node:os')>('node:os');
  return os.availableParallelism();
}
