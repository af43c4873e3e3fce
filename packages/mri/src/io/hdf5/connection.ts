import { AdjointError, FormatError } from '@adjoint/tensor';
import type { H5Answer, H5RequestName, H5Requests } from './messages.js';
import { startWorker, type WorkerThread } from './workerThread.js';

export interface RequestOptions {
  /** The request fails, and the file is closed, when it takes longer. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Ends the request, and closes the file, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker that keeps more memory than this is not used again. */
const maxIdleHeapBytes = 64 * 2 ** 20;
/** The worker of the file closed last: opening many small files then starts one worker. */
let idle: WorkerThread | undefined;

/**
 * The line to a worker that works on one file. Requests are answered in order. Whatever ends the worker (a time-out, a
 * crash, `abandon`) fails the requests under way and all later ones.
 */
export class Connection {
  private readonly pending = new Map<number, Pending>();
  private sent = 0;
  private ended: unknown;
  private isDoubtful = false;

  private constructor(
    private readonly fn: string,
    /** The file, as messages call it. */
    private readonly place: string,
    private readonly worker: WorkerThread,
  ) {
    worker.onAnswer = (answer) => this.receive(answer);
    worker.onEnd = (reason) =>
      this.abandon(this.failure(`a file whose reader crashed (${reason})`, 'It may be damaged.'));
  }

  static async start(fn: string, place: string): Promise<Connection> {
    const free = idle;
    idle = undefined;
    return new Connection(fn, place, free ?? (await startWorker()));
  }

  /** @throws FormatError if the library refuses or the time is up. */
  async request<Name extends H5RequestName>(
    name: Name,
    args: H5Requests[Name]['args'],
    options: RequestOptions = {},
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<H5Requests[Name]['result']> {
    const { timeoutMs, signal } = options;
    signal?.throwIfAborted();
    if (this.ended) throw this.ended;
    const id = ++this.sent;
    const abort = () => this.abandon(signal?.reason);
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => this.abandon(this.timeUp(timeoutMs)), timeoutMs);
    signal?.addEventListener('abort', abort);
    try {
      return await new Promise((resolve, reject) => {
        this.pending.set(id, { resolve, reject });
        this.worker.ref();
        this.worker.post({ id, name, args }, transfer);
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.pending.delete(id);
      if (this.pending.size === 0) this.worker.unref();
    }
  }

  private receive(answer: H5Answer): void {
    const pending = this.pending.get(answer.id);
    if ('value' in answer) {
      pending?.resolve(answer.value as never);
      return;
    }
    if (answer.after !== 'clean') this.isDoubtful = true;
    const error = this.failure(answer.error);
    pending?.reject(error);
    if (answer.after === 'broken') this.abandon(error);
  }

  /** Ends the worker at once; `reason` is what requests under way and later ones are told. */
  abandon(reason: unknown): void {
    if (this.ended) return;
    this.ended = reason;
    this.worker.onEnd = () => {};
    this.worker.terminate();
    for (const { reject } of this.pending.values()) reject(reason);
  }

  /**
   * Closes the file; the bytes of one created in memory. The worker serves again unless something went wrong in it.
   *
   * @throws FormatError if the library refuses, which for a file that was written means that it is not whole.
   */
  async close(timeoutMs?: number): Promise<Uint8Array | null> {
    if (this.ended) return null;
    const closed = new AdjointError(`${this.fn}: ${this.place} was closed.`);
    if (this.isDoubtful) {
      this.abandon(closed);
      return null;
    }
    const { bytes, heapBytes } = await this.request('close', {}, { timeoutMs });
    if (this.isDoubtful || idle || heapBytes > maxIdleHeapBytes) this.abandon(closed);
    else this.retire(closed);
    return bytes;
  }

  private retire(reason: AdjointError): void {
    this.ended = reason;
    const { worker } = this;
    idle = worker;
    worker.onEnd = () => {
      if (idle === worker) idle = undefined;
    };
  }

  private timeUp(timeoutMs: number): FormatError {
    return this.failure(
      `one on which the HDF5 library works for more than ${timeoutMs / 1000} s`,
      'It is probably damaged: get it again. If it is only slow, raise option timeoutMs.',
    );
  }

  private failure(got: string, remedy = 'Is the file complete? h5dump shows what can be read.'): FormatError {
    return new FormatError({
      fn: this.fn,
      argument: this.place,
      expected: 'a readable HDF5 file',
      got,
      remedy,
    });
  }
}
