import { Inflate, type Zippable, zipSync } from 'fflate';
import { checkNumber } from '../check.js';
import { ArgumentError, describe, FormatError } from '../errors.js';
import type { HostArray } from './hostArray.js';
import { formatNpy, type NpyArray, parseNpy } from './npy.js';
import { NPY_PREFIX_BYTES, npyDataOffset, readNpyHeader } from './npyHeader.js';
import { crc32, readZip, type ZipMember } from './zip.js';

export interface ParseNpzOptions {
  /** Arrays to read; all if left out. A name that the file lacks is an error. */
  readonly names?: readonly string[];
  /** Most bytes that the arrays read may take together. Default 2 GiB. */
  readonly maxBytes?: number;
}

const refuse = (argument: string, expected: string, got: string, remedy?: string): FormatError =>
  new FormatError({ fn: 'parseNpz', argument, expected, got, remedy });

/** Deflate cannot do better than 1032:1, so that a larger claim is false. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * Reads the arrays of a NumPy npz file (a zip archive of npy files), by name without `.npy`.
 *
 * Safe with hostile files: a member is inflated piece by piece, first up to its npy header; only if shape, item
 * size and declared size agree is the room for its values allocated, and nothing is inflated past it. Checksums
 * are verified.
 * Reference: numpy.savez; for the members see `parseNpy`.
 *
 * @throws FormatError if the bytes are not such a file, or hold more than `maxBytes`.
 */
export function parseNpz(bytes: Uint8Array, options: ParseNpzOptions = {}): Map<string, NpyArray> {
  const { names, maxBytes = 2 ** 31 } = options;
  checkNumber('parseNpz', 'option maxBytes', maxBytes, { min: 0 });
  if (names !== undefined && !Array.isArray(names))
    throw new ArgumentError({
      fn: 'parseNpz',
      argument: 'option names',
      expected: 'an array of names',
      got: describe(names),
    });
  const list = readZip(bytes);
  const members = new Map(list.map((member) => [member.name.replace(/\.npy$/, ''), member]));
  if (members.size !== list.length)
    throw refuse('the member names', 'distinct without .npy', 'a repeated name');
  const arrays = new Map<string, NpyArray>();
  let budget = maxBytes;
  for (const name of names ?? members.keys()) {
    const member = members.get(name);
    if (!member)
      throw refuse('names', `among ${[...members.keys()].slice(0, 20).join(', ')}`, JSON.stringify(name));
    budget -= member.size;
    if (budget < 0)
      throw refuse(
        'bytes',
        `arrays of at most ${maxBytes} bytes`,
        'more',
        'Raise maxBytes or read fewer names.',
      );
    arrays.set(name, parseMember(name, member));
  }
  return arrays;
}

function parseMember(name: string, member: ZipMember): NpyArray {
  const shown = `array ${JSON.stringify(name.slice(0, 80))}`;
  if (!member.name.endsWith('.npy'))
    throw refuse(shown, 'an npy file', 'another kind', 'Choose arrays by names.');
  try {
    const bytes = member.isDeflated ? inflate(shown, member) : member.stored;
    if (crc32(bytes) !== member.crc32) throw refuse(shown, 'as its checksum says', 'other bytes');
    return parseNpy(bytes);
  } catch (error) {
    if (error instanceof FormatError && error.parts?.fn === 'parseNpy')
      throw new FormatError({
        ...error.parts,
        fn: 'parseNpz',
        argument: `${error.parts.argument} of ${shown}`,
      });
    throw error;
  }
}

/** Compressed bytes fed at a time: at most 1 MiB comes out before the header is known, 64 MiB after. */
const HEADER_PIECE = 1024;
const PIECE = 65536;

/** Inflates an npy file of exactly `member.size` bytes, or throws before it takes more room than that. */
function inflate(shown: string, member: ZipMember): Uint8Array {
  const { stored, size } = member;
  if (size > MAX_DEFLATE_RATIO * stored.length)
    throw refuse(
      shown,
      `at most ${MAX_DEFLATE_RATIO} times its ${stored.length} stored bytes`,
      `${size} declared`,
    );
  let result = new Uint8Array(0);
  let length = 0;
  let isSized = false;
  const inflater = new Inflate((piece) => {
    if (length + piece.length > size) throw refuse(shown, `${size} bytes long, as declared`, 'more');
    if (!isSized && length + piece.length > result.length) {
      const grown = new Uint8Array(length + piece.length);
      grown.set(result);
      result = grown;
    }
    result.set(piece, length);
    length += piece.length;
    if (isSized || !hasWholeHeader(result, length)) return;
    const { dataOffset, dataBytes } = readNpyHeader(result);
    if (dataOffset + dataBytes !== size)
      throw refuse(shown, `${dataOffset + dataBytes} bytes, from its shape`, `a declared size of ${size}`);
    const whole = new Uint8Array(size);
    whole.set(result);
    result = whole;
    isSized = true;
  });
  try {
    for (let at = 0; at < stored.length; ) {
      const next = Math.min(stored.length, at + (isSized ? PIECE : HEADER_PIECE));
      inflater.push(stored.subarray(at, next), next === stored.length);
      at = next;
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw refuse(shown, 'deflated data', error instanceof Error ? error.message : 'corrupt data');
  }
  if (length !== size) throw refuse(shown, `${size} bytes long, as declared`, `${length}`);
  return result;
}

const hasWholeHeader = (bytes: Uint8Array, length: number): boolean =>
  length >= NPY_PREFIX_BYTES && length >= npyDataOffset(bytes).dataOffset;

export interface FormatNpzOptions {
  /** Deflate the arrays, as numpy.savez_compressed. Default true; false stores them, as numpy.savez. */
  readonly compress?: boolean;
}

/** Largest zip archive without zip64 records. */
const MAX_ZIP_BYTES = 2 ** 32 - 1;
const MAX_MEMBERS = 65534;

/**
 * Writes named arrays as an npz file. The same arrays give the same bytes: members carry the date 1980-01-01.
 *
 * @param arrays pairs of name and array, such as a Map or `Object.entries(...)`.
 * @throws ArgumentError if a name is empty, repeated or has control characters, or the arrays exceed 4 GiB.
 */
export function formatNpz(
  arrays: Iterable<readonly [string, HostArray]>,
  { compress = true }: FormatNpzOptions = {},
): Uint8Array {
  const files: Zippable = Object.create(null);
  let total = 0;
  let count = 0;
  for (const [name, array] of arrays) {
    const file = `${name}.npy`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    if (name === '' || name.length > 10000 || /[\u0000-\u001f]/.test(name) || file in files)
      throw new ArgumentError({
        fn: 'formatNpz',
        argument: 'arrays',
        expected: 'of names that are distinct, not empty and printable',
        got: JSON.stringify(name.slice(0, 80)),
      });
    const bytes = formatNpy(array);
    total += bytes.length + 2 * file.length + 200;
    if (total > MAX_ZIP_BYTES || ++count > MAX_MEMBERS)
      throw new ArgumentError({
        fn: 'formatNpz',
        argument: 'arrays',
        expected: `below 4 GiB in all and at most ${MAX_MEMBERS}`,
        got: `${total} bytes in ${count} arrays up to ${JSON.stringify(name.slice(0, 80))}`,
        remedy: 'Save each array as npy instead.',
      });
    files[file] = bytes;
  }
  return zipSync(files, { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) });
}
