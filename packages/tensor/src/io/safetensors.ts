import type { DType } from '../dtype.js';
import { ArgumentError, FormatError } from '../errors.js';
import { type HeaderValue, isWellFormed, parseHeaderJson } from './headerJson.js';
import { checkHostArray, countElements, type HostArray, littleEndianBytes } from './hostArray.js';
import { readNumbers, type StoredNumber, storedNumbers } from './storedNumbers.js';

export interface SafetensorsFile {
  /** Arrays by name, in the order of their bytes. */
  readonly tensors: Map<string, HostArray>;
  /** The strings of `__metadata__`; empty if it is left out. */
  readonly metadata: Map<string, string>;
}

const refuse = (argument: string, expected: string, got: string, remedy?: string): FormatError =>
  new FormatError({ fn: 'parseSafetensors', argument, expected, got, remedy });

/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
const METADATA = '__metadata__';

/** safetensors dtype → stored number. C128 is an extension of this library. */
const storedTypes: Readonly<Record<string, StoredNumber>> = {
  BOOL: 'bool',
  U8: 'uint8',
  I8: 'int8',
  I16: 'int16',
  U16: 'uint16',
  I32: 'int32',
  U32: 'uint32',
  I64: 'int64',
  U64: 'uint64',
  F16: 'float16',
  BF16: 'bfloat16',
  F32: 'float32',
  F64: 'float64',
  C64: 'complex64',
  C128: 'complex128',
};

/**
 * Reads a safetensors file: 8 bytes of header length, a JSON header, then the values, little-endian and row-major.
 *
 * F32, F64, C64, C128, I32, U8 and BOOL keep their type, F16 and BF16 become f32, other integers i32 if every value
 * fits. The values must fill the file exactly, without gap or overlap; every claim of the header is checked before
 * anything is allocated.
 * Reference: the safetensors format of Hugging Face.
 *
 * @throws FormatError if the bytes are not such a file, in every detail.
 */
export function parseSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, dataOffset } = readHeader(bytes);
  const metadata = readMetadata(header.get(METADATA));
  header.delete(METADATA);
  const entries = Array.from(header, ([name, value]) => readEntry(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const entry of entries) {
    if (entry.begin !== end)
      throw refuse(
        `${entry.shown} data_offsets`,
        `starting at ${end}, where the one before ends`,
        `${entry.begin}`,
      );
    end = entry.end;
  }
  if (dataOffset + end !== bytes.length)
    throw refuse('bytes', `${end} bytes of values, as the header declares`, `${bytes.length - dataOffset}`);
  const tensors = new Map<string, HostArray>();
  for (const { name, shown, format, shape, begin, end } of entries) {
    const source = { fn: 'parseSafetensors', argument: shown };
    const data = readNumbers(source, bytes.subarray(dataOffset + begin, dataOffset + end), format);
    tensors.set(name, { dtype: storedNumbers[format].dtype, shape, data });
  }
  return { tensors, metadata };
}

function readHeader(bytes: Uint8Array): { header: Map<string, HeaderValue>; dataOffset: number } {
  if (bytes.length < LENGTH_BYTES) throw refuse('bytes', 'at least 8 bytes long', `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const available = bytes.length - LENGTH_BYTES;
  if (length > MAX_HEADER_BYTES || length > available)
    throw refuse('the header length', `at most ${Math.min(MAX_HEADER_BYTES, available)}`, `${length}`);
  const dataOffset = LENGTH_BYTES + length;
  let text: string;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    text = decoder.decode(bytes.subarray(LENGTH_BYTES, dataOffset));
  } catch {
    throw refuse('the header', 'UTF-8', 'other bytes');
  }
  if (!text.startsWith('{'))
    throw refuse('the header', "JSON starting with '{'", JSON.stringify(text.slice(0, 8)));
  // A text that starts with '{' is an object.
  return { header: parseHeaderJson(text) as Map<string, HeaderValue>, dataOffset };
}

function readMetadata(value: HeaderValue | undefined): Map<string, string> {
  if (value === undefined) return new Map();
  if (!(value instanceof Map)) throw refuse(METADATA, 'an object of strings', 'another value');
  for (const [key, item] of value)
    if (typeof item !== 'string') throw refuse(`${METADATA} ${quote(key)}`, 'a string', 'another value');
  return value as Map<string, string>;
}

interface Entry {
  readonly name: string;
  readonly shown: string;
  readonly format: StoredNumber;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

const quote = (name: string): string => JSON.stringify(name.slice(0, 80));
const ENTRY_KEYS = ['dtype', 'shape', 'data_offsets'];

function readEntry(name: string, value: HeaderValue): Entry {
  const shown = `tensor ${quote(name)}`;
  if (!(value instanceof Map) || value.size !== 3 || !ENTRY_KEYS.every((key) => value.has(key)))
    throw refuse(shown, `an object of ${ENTRY_KEYS.join(', ')}`, 'another value');
  const dtype = value.get('dtype');
  if (typeof dtype !== 'string' || !Object.hasOwn(storedTypes, dtype))
    throw refuse(
      `${shown} dtype`,
      `one of ${Object.keys(storedTypes).join(' ')}`,
      typeof dtype === 'string' ? quote(dtype) : 'no string',
    );
  const format = storedTypes[dtype];
  const shape = value.get('shape');
  const count = Array.isArray(shape) ? countElements(shape) : undefined;
  const size = (count ?? Number.NaN) * storedNumbers[format].bytes;
  if (!Number.isSafeInteger(size))
    throw refuse(`${shown} shape`, 'whole numbers >= 0 whose product is below 2^53 bytes', showList(shape));
  const offsets = value.get('data_offsets');
  if (!Array.isArray(offsets) || offsets.length !== 2 || offsets.some((x) => typeof x !== 'number'))
    throw refuse(`${shown} data_offsets`, 'two whole numbers', showList(offsets));
  const [begin, end] = offsets as number[];
  if (end - begin !== size)
    throw refuse(
      `${shown} data_offsets`,
      `${size} bytes apart for ${dtype} ${showList(shape)}`,
      showList(offsets),
    );
  return { name, shown, format, shape: shape as number[], begin, end };
}

const showList = (value: HeaderValue | undefined): string =>
  Array.isArray(value)
    ? `[${value
        .slice(0, 8)
        .map((x) => (typeof x === 'number' ? x : '?'))
        .join(', ')}]`
    : 'no list';

/** dtype → safetensors dtype and the size its values are aligned to. */
const writtenTypes: Readonly<Record<DType, readonly [string, number]>> = {
  f32: ['F32', 4],
  f64: ['F64', 8],
  c64: ['C64', 8],
  c128: ['C128', 16],
  i32: ['I32', 4],
  u8: ['U8', 1],
  bool: ['BOOL', 1],
};

/**
 * Writes named arrays and strings as a safetensors file. The same content gives the same bytes whatever its order:
 * values go by falling item size, then by name, so that each is aligned; the header is padded with spaces to a
 * multiple of 8 bytes.
 *
 * @param tensors pairs of name and array, such as a Map or `Object.entries(...)`.
 * @param metadata pairs of strings.
 * @throws ArgumentError if a name is reserved (`__metadata__`, `__proto__`), repeated or not Unicode text.
 */
export function formatSafetensors(
  tensors: Iterable<readonly [string, HostArray]>,
  metadata: Iterable<readonly [string, string]> = [],
): Uint8Array {
  const arrays = checkNames('tensors', tensors);
  const header: string[] = [];
  const strings = checkNames('metadata', metadata).sort(byName);
  if (strings.length > 0) {
    const items = strings.map(
      ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(checkText('metadata', value))}`,
    );
    header.push(`"${METADATA}":{${items.join(',')}}`);
  }
  for (const [name, array] of arrays) checkHostArray('formatSafetensors', `tensors ${quote(name)}`, array);
  arrays.sort((a, b) => writtenTypes[b[1].dtype][1] - writtenTypes[a[1].dtype][1] || byName(a, b));
  let end = 0;
  for (const [name, { dtype, shape, data }] of arrays) {
    const begin = end;
    end += data.byteLength;
    const type = writtenTypes[dtype][0];
    header.push(
      `${JSON.stringify(name)}:{"dtype":"${type}","shape":[${shape.join(',')}],"data_offsets":[${begin},${end}]}`,
    );
  }
  const text = new TextEncoder().encode(`{${header.join(',')}}`);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES)
    throw new ArgumentError({
      fn: 'formatSafetensors',
      argument: 'metadata',
      expected: `a header of at most ${MAX_HEADER_BYTES} bytes`,
      got: `${headerBytes}`,
    });
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(text, LENGTH_BYTES);
  bytes.fill(0x20, LENGTH_BYTES + text.length, LENGTH_BYTES + headerBytes);
  let at = LENGTH_BYTES + headerBytes;
  for (const [, array] of arrays) {
    bytes.set(littleEndianBytes(array), at);
    at += array.data.byteLength;
  }
  return bytes;
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

function checkNames<T>(argument: string, pairs: Iterable<readonly [string, T]>): (readonly [string, T])[] {
  const seen = new Set<string>([METADATA, '__proto__']);
  const result = [...pairs];
  for (const [name] of result) {
    if (seen.has(name))
      throw new ArgumentError({
        fn: 'formatSafetensors',
        argument,
        expected: `of distinct names other than ${METADATA} and __proto__`,
        got: quote(name),
      });
    seen.add(checkText(argument, name));
  }
  return result;
}

function checkText(argument: string, text: string): string {
  if (typeof text === 'string' && isWellFormed(text)) return text;
  const got = typeof text === 'string' ? 'half of a surrogate pair' : typeof text;
  throw new ArgumentError({ fn: 'formatSafetensors', argument, expected: 'of Unicode text', got });
}
