import { isNode, nodeModule } from '../node.js';

/** What Node's and browsers' workers have in common here. An unreferenced worker does not keep Node alive. */
export interface WorkerThread {
  ref(): void;
  unref(): void;
  terminate(): void;
}

/** Why workers cannot share memory here, or undefined where they can: a page needs cross-origin isolation. */
export function whyNoThreads(): string | undefined {
  if (!isNode && (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== true)
    return 'this page is not cross-origin isolated: serve it with COOP same-origin and COEP require-corp';
  return typeof SharedArrayBuffer === 'function' ? undefined : 'there is no SharedArrayBuffer here';
}

/**
 * Starts a worker on a program given as text, hands it `data`, and resolves, unreferenced, when it posts its
 * first message. Rejects if it fails before; `onError` hears of failures after.
 */
export function startWorker(
  source: string,
  data: object,
  onError: (error: Error) => void,
): Promise<WorkerThread> {
  return isNode ? startInNode(source, data, onError) : startOnPage(source, data, onError);
}

async function startInNode(
  source: string,
  data: object,
  onError: (error: Error) => void,
): Promise<WorkerThread> {
  const { Worker } = await nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
  const worker = new Worker(source, { eval: true, workerData: data });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  worker.on('error', onError);
  worker.unref();
  return { ref: () => worker.ref(), unref: () => worker.unref(), terminate: () => void worker.terminate() };
}

async function startOnPage(
  source: string,
  data: object,
  onError: (error: Error) => void,
): Promise<WorkerThread> {
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(url);
  try {
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve();
      worker.onerror = (event) => reject(new Error(event.message || 'a worker from a Blob was refused'));
      worker.postMessage(data);
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  worker.onerror = (event) => onError(new Error(event.message));
  const nothing = () => {};
  return { ref: nothing, unref: nothing, terminate: () => worker.terminate() };
}
