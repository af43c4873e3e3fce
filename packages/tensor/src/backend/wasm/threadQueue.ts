import { DeviceError } from '../../errors.js';
import { isNode } from '../node.js';
import { codeArenaBytes, controlBytes, layout as L, maxArgs } from './layout.js';
import { scratchBytes, type WasmCode } from './plan.js';
import type { CommandQueue } from './queue.js';
import { workerSource } from './worker.js';
import { startWorker, type WorkerThread } from './workerThread.js';

interface Waiter {
  command: number;
  resolve(): void;
  reject(error: Error): void;
}

type WaitAsync = (words: Int32Array, index: number, value: number, timeout: number) => { value: unknown };
/** Absent in some browsers, and in the language level this is compiled for. */
const { waitAsync } = Atomics as { waitAsync?: WaitAsync };

const align = (value: number): number => Math.ceil(value / 4096) * 4096;

/**
 * Commands in a ring in shared memory that workers execute while this thread only enqueues. Nothing here
 * blocks except a full ring.
 */
export class ThreadQueue implements CommandQueue {
  readonly memory: WebAssembly.Memory;
  readonly heapStart: number;
  enqueued = 0;
  private readonly words: Int32Array;
  private readonly bytes: Uint8Array;
  private readonly codeAddress: number[] = [];
  private codeTop: number;
  private readonly codeEnd: number;
  private readonly workers: WorkerThread[] = [];
  private waiters: Waiter[] = [];
  private pumping = false;
  private lost: Error | undefined;

  private constructor(readonly threads: number) {
    const scratch = align(controlBytes);
    this.codeTop = scratch + threads * scratchBytes;
    this.codeEnd = this.codeTop + codeArenaBytes;
    this.heapStart = this.codeEnd;
    const initial = Math.ceil(this.heapStart / 65536) + 256;
    this.memory = new WebAssembly.Memory({ initial, maximum: 65536, shared: true });
    this.words = new Int32Array(this.memory.buffer, 0, controlBytes / 4);
    this.bytes = new Uint8Array(this.memory.buffer, 0, this.codeEnd);
  }

  /** Resolves when all workers serve; rejects when one cannot start. */
  static async create(threads: number): Promise<ThreadQueue> {
    const queue = new ThreadQueue(threads);
    const lose = (error: Error) => queue.lose(error);
    const start = (index: number) => {
      const scratch = align(controlBytes) + index * scratchBytes;
      return startWorker(workerSource, { memory: queue.memory, index, scratch }, lose);
    };
    const starts = await Promise.allSettled(Array.from({ length: threads }, (_, index) => start(index)));
    for (const result of starts) if (result.status === 'fulfilled') queue.workers.push(result.value);
    const failed = starts.find((result) => result.status === 'rejected');
    if (!failed) return queue;
    queue.dispose();
    throw failed.reason;
  }

  completed(): number {
    return this.enqueued - ((this.enqueued - Atomics.load(this.words, L.done)) | 0);
  }

  enqueue(code: WasmCode, tasks: number, args: Int32Array | readonly number[], count: number): void {
    if (this.lost) throw this.lost;
    if (count > maxArgs) throw new RangeError(`kernel ${code.key}: ${count} arguments, at most ${maxArgs}`);
    if (tasks < 1) return;
    const { words } = this;
    const sequence = this.enqueued | 0;
    if (this.enqueued >= L.slots) this.waitForSlot(sequence);
    const slot = L.ring + (sequence & (L.slots - 1)) * L.slotWords;
    words[slot + L.codeId] = code.id;
    words[slot + L.codeAddress] = this.codeAddress[code.id] ?? this.storeCode(code);
    words[slot + L.codeBytes] = code.bytes.length;
    words[slot + L.tasks] = tasks;
    words[slot + L.claimed] = 0;
    words[slot + L.finished] = 0;
    for (let i = 0; i < count; i++) words[slot + L.args + i] = args[i]!;
    this.enqueued++;
    Atomics.store(words, L.head, (sequence + 1) | 0);
    if (Atomics.load(words, L.headSleepers) > 0) Atomics.notify(words, L.head);
    if (tasks > 1) this.wakeAll();
  }

  private wakeAll(): void {
    Atomics.add(this.words, L.multi, 1);
    if (Atomics.load(this.words, L.multiSleepers) > 0) Atomics.notify(this.words, L.multi);
  }

  /** Waits until every worker has left the command that the slot held before. */
  private waitForSlot(sequence: number): void {
    for (let index = 0; index < this.threads; index++) {
      for (let round = 0; ; round++) {
        const progress = Atomics.load(this.words, L.progress + index);
        if (((sequence - progress) | 0) < L.slots) break;
        if (this.lost) throw this.lost;
        if (round % 64 === 0) this.wakeAll();
        // a page's main thread may not block; there the wait is short and busy
        if (isNode) Atomics.wait(this.words, L.progress + index, progress, 1);
      }
    }
  }

  private storeCode(code: WasmCode): number {
    const address = this.codeTop;
    if (address + code.bytes.length > this.codeEnd)
      throw new DeviceError(
        `kernel ${code.key}: the ${codeArenaBytes} bytes for kernels are used up. Dispose the device and call init() again, or use fewer distinct shapes.`,
      );
    this.bytes.set(code.bytes, address);
    this.codeTop = address + Math.ceil(code.bytes.length / 64) * 64;
    this.codeAddress[code.id] = address;
    return address;
  }

  wait(command: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiters.push({ command, resolve, reject });
      if (!this.pumping) void this.pump();
    });
  }

  /** Serves all waiters, the earliest command first; holds the process open meanwhile. */
  private async pump(): Promise<void> {
    this.pumping = true;
    this.workers[0]?.ref();
    while (this.waiters.length > 0) {
      const next = this.waiters.reduce((first, w) => (w.command < first.command ? w : first));
      if (!this.lost && this.completed() < next.command) await this.sleep(next.command);
      const completed = this.completed();
      const ready = this.waiters.filter((w) => this.lost || w.command <= completed);
      this.waiters = this.waiters.filter((w) => !ready.includes(w));
      const failure = this.lost ?? (ready.length > 0 ? this.takeFailure() : undefined);
      for (const waiter of ready) failure ? waiter.reject(failure) : waiter.resolve();
    }
    this.workers[0]?.unref();
    this.pumping = false;
  }

  private async sleep(command: number): Promise<void> {
    const { words } = this;
    const before = Atomics.load(words, L.wake);
    Atomics.store(words, L.target, command | 0);
    Atomics.store(words, L.waiting, 1);
    if (this.completed() >= command) return;
    // the time-out only guards against a lost worker
    if (waitAsync) await waitAsync(words, L.wake, before, 200).value;
    else await new Promise((resolve) => setTimeout(resolve, 0));
  }

  private takeFailure(): Error | undefined {
    const { words } = this;
    if (Atomics.load(words, L.error) !== 1) return undefined;
    let text = '';
    for (let i = 0; i < words[L.errorLength]!; i++) text += String.fromCharCode(words[L.errorText + i]!);
    Atomics.store(words, L.error, 0);
    return new DeviceError(`a kernel failed: ${text}`);
  }

  private lose(error: Error): void {
    this.lost ??= new DeviceError(`a worker thread ended: ${error.message}. Call init() to start again.`);
    Atomics.add(this.words, L.wake, 1);
    Atomics.notify(this.words, L.wake);
  }

  dispose(): void {
    this.lost ??= new DeviceError('the device was disposed. Call init() again.');
    Atomics.store(this.words, L.exit, 1);
    for (const word of [L.head, L.multi, L.done, L.wake]) {
      Atomics.add(this.words, L.wake, 1);
      Atomics.notify(this.words, word);
    }
    for (const worker of this.workers) worker.terminate();
  }
}
