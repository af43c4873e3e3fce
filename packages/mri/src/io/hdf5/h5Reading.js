// What the worker reads of its file.
import { allocate, bigs, check, hdf5, library, opened } from './h5Library.js';

/** @typedef {import('./messages.js').H5Requests} Requests */

const compound = 6;
const variableLength = 9;

/** Every dataset of this very file. What stands in another one is never opened: this file may come from anywhere. */
export function listDatasets() {
  const { file_id } = opened();
  const names = opened().paths();
  const own = new Set(names.filter((path) => linkTarget(path) === undefined));
  return names
    .filter((path) => own.has(linkTarget(path) ?? path) && hdf5.get_type(file_id, path) === hdf5.H5G_DATASET)
    .map((path) => {
      const { shape, chunks, virtual_sources, ...stored } = hdf5.get_dataset_metadata(file_id, path);
      const filters = hdf5.get_dataset_filters(file_id, path).map(({ id }) => id);
      return {
        path,
        shape,
        chunks: chunks ?? null,
        filters,
        isVirtual: virtual_sources !== undefined,
        stored,
      };
    });
}

/**
 * Where a soft or external link leads, as a path from the root; undefined for what is no link.
 * @param {string} path
 */
function linkTarget(path) {
  const { file_id } = opened();
  if ('filename' in hdf5.get_external_link(file_id, path)) return 'in another file';
  const target = hdf5.get_symbolic_link(file_id, path);
  if (!target) return undefined;
  const group = path.slice(0, path.lastIndexOf('/') + 1);
  return target.startsWith('/') ? target.slice(1) : group + target;
}

/**
 * Selected elements as bytes. The library's own reader makes an array per complex number, 100 times slower.
 * @param {Requests['read']['args']} request
 */
export function read({ path, offset, count, bytes }) {
  if (bytes === 0) return new Uint8Array(0);
  const pointer = allocate(bytes);
  try {
    // the library tells null from undefined
    const steps = count === null ? null : count.map(() => 1n);
    const { file_id } = opened();
    const to = BigInt(pointer);
    check(hdf5.get_dataset_data(file_id, path, count && bigs(count), offset && bigs(offset), steps, to));
    return hdf5.HEAPU8.slice(pointer, pointer + bytes);
  } finally {
    hdf5._free(pointer);
  }
}

/**
 * Records with members of variable length, which lie in memory as a length and an address each and must be given back.
 * @param {Requests['records']['args']} request
 */
export function records({ path, start, count, members }) {
  const { file_id } = opened();
  const { size, compound_type } = hdf5.get_dataset_metadata(file_id, path);
  const pointer = allocate(size * count);
  try {
    const counts = [BigInt(count)];
    check(hdf5.get_dataset_data(file_id, path, counts, [BigInt(start)], [1n], BigInt(pointer)));
    try {
      /** @type {Record<string, { lengths: Uint32Array, bytes: Uint8Array }>} */
      const found = {};
      for (const name of members) {
        const member = compound_type?.members.find((other) => other.name === name);
        if (member?.type !== variableLength || !member.vlen_type)
          throw new Error(`there is no member "${name}" of variable length`);
        found[name] = gather(pointer + member.offset, size, count, member.vlen_type.size);
      }
      return { bytes: hdf5.HEAPU8.slice(pointer, pointer + size * count), members: found };
    } finally {
      hdf5.reclaim_vlen_memory_count(file_id, path, '', BigInt(pointer), counts);
    }
  } finally {
    hdf5._free(pointer);
  }
}

/**
 * @param {number} first where the first record's length and address are
 * @param {number} stride bytes of a record
 * @param {number} count
 * @param {number} elementBytes
 */
function gather(first, stride, count, elementBytes) {
  const heap = hdf5.HEAPU8;
  const view = new DataView(heap.buffer);
  const lengths = new Uint32Array(count);
  let total = 0;
  for (let i = 0; i < count; i++) {
    lengths[i] = view.getUint32(first + i * stride, true);
    const end = view.getUint32(first + i * stride + 4, true) + lengths[i] * elementBytes;
    if (end > heap.length)
      throw new Error(`record ${i} claims ${lengths[i]} elements, more than memory holds`);
    total += lengths[i] * elementBytes;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const address = view.getUint32(first + i * stride + 4, true);
    bytes.set(heap.subarray(address, address + lengths[i] * elementBytes), at);
    at += lengths[i] * elementBytes;
  }
  return { lengths, bytes };
}

/** @param {Requests['attributes']['args']} request */
export function attributes({ path }) {
  const { file_id } = opened();
  /** @type {Record<string, import('./messages.js').H5AttributeValue>} */
  const found = {};
  for (const name of hdf5.get_attribute_names(file_id, path)) {
    const { json_value: value, metadata } = new library.Attribute(file_id, path, name);
    const isText = typeof value === 'string';
    if (isText || typeof value === 'number' || typeof value === 'boolean') found[name] = value;
    else if (typeof value === 'bigint') found[name] = Number(value);
    else if (Array.isArray(value) && metadata.type !== compound)
      found[name] = value.every((item) => typeof item === 'string') ? value : flatten(value).map(Number);
  }
  return found;
}

/** @param {Requests['texts']['args']} request */
export const texts = ({ path }) => flatten(new library.Dataset(opened().file_id, path).value);

/**
 * @param {any} value
 * @returns {any[]}
 */
const flatten = (value) => (Array.isArray(value) ? value.flatMap(flatten) : [value]);
