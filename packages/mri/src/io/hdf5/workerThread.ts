import { isNode, nodeModule } from '../node.js';
import type { H5Answer } from './messages.js';

/** What Node's and browsers' workers have in common here. An unreferenced worker does not keep Node alive. */
export interface WorkerThread {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  onAnswer: (answer: H5Answer) => void;
  onEnd: (reason: string) => void;
  ref(): void;
  unref(): void;
  terminate(): void;
}

/** Starts the worker beside this module that runs the HDF5 library. It gets ready by itself; post at once. */
export async function startWorker(): Promise<WorkerThread> {
  return isNode ? startInNode() : startOnPage();
}

async function startInNode(): Promise<WorkerThread> {
  const { Worker } = await nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
  // execArgv: a loader that the caller's process was started with has nothing to do in there
  const worker = new Worker(new URL('./h5Worker.js', import.meta.url), { execArgv: [] });
  const thread: WorkerThread = {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    onAnswer: () => {},
    onEnd: () => {},
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    terminate: () => void worker.terminate(),
  };
  worker.on('message', (answer) => thread.onAnswer(answer));
  worker.on('error', (error) => thread.onEnd(error.message));
  worker.on('exit', () => thread.onEnd('its worker ended'));
  worker.unref();
  return thread;
}

function startOnPage(): WorkerThread {
  // in this form bundlers see that the worker is a module to be bundled
  const worker = new Worker(new URL('./h5Worker.js', import.meta.url), { type: 'module' });
  const nothing = () => {};
  const thread: WorkerThread = {
    post: (message, transfer) => worker.postMessage(message, [...transfer]),
    onAnswer: nothing,
    onEnd: nothing,
    ref: nothing,
    unref: nothing,
    terminate: () => worker.terminate(),
  };
  worker.onmessage = ({ data }) => thread.onAnswer(data);
  worker.onerror = ({ message }) => thread.onEnd(message || 'its worker could not be started');
  return thread;
}
