// The HDF5 library, and the one file that this worker has open.

/** @typedef {typeof import('h5wasm')} H5Library */
/** @typedef {Awaited<H5Library['ready']>} H5Module */
/** @typedef {InstanceType<H5Library['File']>} File */
/** @typedef {import('./messages.js').H5Requests} Requests */

export const isNode = typeof process !== 'undefined' && typeof process.versions?.node === 'string';
/** Imports by a name that bundlers do not follow. */
export const hiddenImport = (/** @type {string} */ name) =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ name);

/**
 * The build that has the file: the one that works on the disk's files, or the one with files in memory.
 * @type {H5Library}
 */
export let library;
/** @type {H5Module} */
export let hdf5;
/** @type {File | undefined} */
let file;
/** Path in the library's own file system to remove on closing. */
let mounted = '';
let isCreatedInMemory = false;

const memoryFile = '/adjoint.h5';
/** What a pointer of WebAssembly can reach; a larger number would wrap round to a small one. */
const maxBytes = 2 ** 31 - 1;

/** @param {boolean} onDisk */
async function load(onDisk) {
  library = onDisk ? await hiddenImport('h5wasm/node') : await import('h5wasm');
  hdf5 = await library.ready;
  // without it, errors are only printed and the next call fails with another message
  hdf5.activate_throwing_error_handler();
}

export const opened = () => /** @type {File} */ (file);

/** @param {number} bytes */
export function allocate(bytes) {
  const pointer = bytes <= maxBytes ? hdf5._malloc(Math.max(bytes, 1)) : 0;
  if (!pointer) throw new Error(`no memory for ${bytes} bytes at once; read in smaller parts`);
  return pointer;
}

/** @param {number} status */
export function check(status) {
  if (status < 0) throw new Error('the HDF5 library reports a failure');
}

export const bigs = (/** @type {readonly number[]} */ list) => list.map(BigInt);

/** @param {Requests['open']['args']} request */
export async function open({ location }) {
  await load('path' in location);
  let path = memoryFile;
  if ('path' in location) path = location.path;
  else if ('bytes' in location) hdf5.FS.writeFile((mounted = memoryFile), location.bytes);
  else {
    mounted = '/blob';
    hdf5.FS.mkdir(mounted);
    const blobs = [{ name: 'adjoint.h5', data: location.blob }];
    hdf5.FS.mount(hdf5.FS.filesystems.WORKERFS, { blobs }, mounted);
    path = `${mounted}${memoryFile}`;
  }
  try {
    file = new library.File(path, 'r');
  } catch (error) {
    // nothing was opened, so that nothing of this file stays behind
    throw Object.assign(/** @type {Error} */ (error), { isClean: true });
  }
}

/** @param {Requests['create']['args']} request */
export async function create({ path }) {
  await load(path !== null);
  file = new library.File(path ?? memoryFile, 'w');
  isCreatedInMemory = path === null;
  if (isCreatedInMemory) mounted = memoryFile;
  return null;
}

export function close() {
  if (file) check(file.close());
  file = undefined;
  const bytes = isCreatedInMemory ? hdf5.FS.readFile(memoryFile).slice() : null;
  if (mounted === memoryFile) hdf5.FS.unlink(mounted);
  else if (mounted) {
    hdf5.FS.unmount(mounted);
    hdf5.FS.rmdir(mounted);
  }
  mounted = '';
  isCreatedInMemory = false;
  return { bytes, heapBytes: hdf5?.HEAPU8.length ?? 0 };
}
