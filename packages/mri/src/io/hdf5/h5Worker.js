// The worker that runs the HDF5 library, one file at a time: a damaged file can make it loop for ever, and a worker can
// be stopped. A module of its own in plain JavaScript, so that Node and bundlers find it by its address.
import { close, create, hiddenImport, isNode, open } from './h5Library.js';
import { attributes, listDatasets, read, records, texts } from './h5Reading.js';
import { createAttribute, createDataset, createText, write } from './h5Writing.js';

/** @typedef {import('./messages.js').H5Requests} Requests */

/** @type {{ [Name in keyof Requests]: (args: Requests[Name]['args']) => unknown }} */
const handlers = {
  open: async (args) => {
    await open(args);
    return listDatasets();
  },
  create,
  close,
  read,
  records,
  texts,
  attributes,
  createDataset,
  createText,
  createAttribute,
  write,
};

/** @param {import('./messages.js').H5Request} request */
async function answer({ id, name, args }) {
  try {
    const value = await /** @type {(args: any) => unknown} */ (handlers[name])(args);
    return { id, value };
  } catch (error) {
    const isFatal = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    const isClean = !isFatal && error instanceof Error && 'isClean' in error;
    return { id, error: causeOf(error), after: isFatal ? 'broken' : isClean ? 'clean' : 'doubtful' };
  }
}

/**
 * The library reports its whole call stack; its last line names the cause.
 * @param {unknown} error
 */
function causeOf(error) {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.trim().split('\n');
  const last = lines.filter((line) => /#\d+:/.test(line)).at(-1) ?? lines[0] ?? 'unknown';
  return last.replace(/^.*? in [\w]+\(\): /, '').trim();
}

/** @param {unknown} value */
function buffersOf(value) {
  if (value === null || typeof value !== 'object') return [];
  const parts = value instanceof Uint8Array ? [value] : Object.values(value);
  const arrays = parts.filter((part) => part instanceof Uint8Array);
  return arrays.map(({ buffer }) => buffer);
}

let last = Promise.resolve();
/**
 * One request after the other.
 * @param {import('./messages.js').H5Request} request
 * @param {(answer: object, transfer: any[]) => void} post
 */
function receive(request, post) {
  last = last.then(async () => {
    const reply = await answer(request);
    post(reply, 'value' in reply ? buffersOf(reply.value) : []);
  });
}

if (isNode) {
  // messages wait until somebody listens
  void hiddenImport('node:worker_threads').then(({ parentPort: port }) => {
    port.on('message', (/** @type {any} */ request) =>
      receive(request, (reply, transfer) => port.postMessage(reply, transfer)),
    );
  });
} else {
  const scope = /** @type {any} */ (globalThis);
  scope.onmessage = (/** @type {any} */ event) =>
    receive(event.data, (reply, transfer) => scope.postMessage(reply, transfer));
}
