// What the worker writes to its file.
import { allocate, bigs, check, hdf5, opened } from './h5Library.js';

/** @typedef {import('./messages.js').H5Requests} Requests */

const compound = 6;

/** @param {Requests['createDataset']['args']} request */
export function createDataset({ path, type, shape, chunks, gzip, bytes }) {
  createParents(path);
  const { parts, ...number } = type;
  const part = { ...number, vlen: false, littleEndian: true, size: type.size / parts };
  const members = ['r', 'i'].map((name, k) => ({ ...part, name, offset: k * part.size, shape: [] }));
  const stored =
    parts === 1
      ? part
      : { ...part, type: compound, size: type.size, compound_type: { members, nmembers: 2 } };
  // a chunked dataset begins without entries, since creating writes the whole of it, and then grows
  const first = chunks ? [0, ...shape.slice(1)] : shape;
  const metadata = {
    ...stored,
    shape: bigs(first),
    maxshape: bigs(shape),
    chunks: chunks && bigs(chunks),
    compression: chunks && gzip > 0 ? 1 : 0,
    compression_opts: [gzip],
    track_order: false,
  };
  const { file_id } = opened();
  const pointer = allocate(bytes?.length ?? 0);
  try {
    if (bytes) hdf5.HEAPU8.set(bytes, pointer);
    // the library's type asks for less than its code takes
    check(hdf5.create_dataset(file_id, path, BigInt(pointer), /** @type {any} */ (metadata)));
  } finally {
    hdf5._free(pointer);
  }
  if (chunks) check(hdf5.resize_dataset(file_id, path, bigs(shape)));
  return null;
}

/** @param {string} path */
function createParents(path) {
  const names = path.split('/').slice(0, -1);
  names.forEach((_, depth) => {
    const group = names.slice(0, depth + 1).join('/');
    if (hdf5.get_type(opened().file_id, group) !== hdf5.H5G_GROUP) opened().create_group(group);
  });
}

/** @param {Requests['write']['args']} request */
export function write({ path, offset, count, bytes }) {
  if (bytes.length === 0) return null;
  const pointer = allocate(bytes.length);
  try {
    hdf5.HEAPU8.set(bytes, pointer);
    const steps = count.map(() => 1n);
    check(hdf5.set_dataset_data(opened().file_id, path, bigs(count), bigs(offset), steps, BigInt(pointer)));
  } finally {
    hdf5._free(pointer);
  }
  return null;
}

/** @param {Requests['createAttribute']['args']} request */
export function createAttribute({ path, name, value }) {
  const owner = path === '/' ? opened() : opened().get(path);
  if (!owner || !('create_attribute' in owner)) throw new Error(`there is no "${path}"`);
  const list = Array.isArray(value) ? value : [value];
  const isText = list.every((item) => typeof item === 'string');
  const isInt = list.every((item) => (Number(item) | 0) === Number(item));
  const numbers = isText ? list : list.map(Number);
  const data = Array.isArray(value) ? numbers : numbers[0];
  owner.create_attribute(
    name,
    data,
    Array.isArray(value) ? [list.length] : [],
    isText ? 'S' : isInt ? '<i' : '<d',
  );
  return null;
}

/** @param {Requests['createText']['args']} request */
export function createText({ path, text }) {
  createParents(path);
  opened().create_dataset({ name: path, data: text });
  return null;
}
