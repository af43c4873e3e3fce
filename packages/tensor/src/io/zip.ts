import { FormatError } from '../errors.js';

/** One file of a zip archive, as its central directory describes it. */
export interface ZipMember {
  readonly name: string;
  /** The bytes as stored. */
  readonly stored: Uint8Array;
  readonly isDeflated: boolean;
  readonly crc32: number;
  /** Declared size after inflation. A claim: check it before allocating. */
  readonly size: number;
}

const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const IS_ENCRYPTED = 1;
/** Written in place of a number that only a zip64 record can hold. */
const ZIP64_16 = 0xffff;
const ZIP64_32 = 0xffffffff;

const refuse = (argument: string, expected: string, got: string, remedy?: string): FormatError =>
  new FormatError({ fn: 'parseNpz', argument, expected, got, remedy });

/**
 * Lists the members of a zip archive without inflating anything. Refused: encryption, methods other than store and
 * deflate, zip64 sizes (4 GiB and more), members that overlap each other or repeat a name.
 * Reference: PKWARE APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16.
 */
export function readZip(bytes: Uint8Array): ZipMember[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(bytes, view);
  const count = view.getUint16(end + 10, true);
  const directoryBytes = view.getUint32(end + 12, true);
  const directory = view.getUint32(end + 16, true);
  if (count === ZIP64_16 || directory === ZIP64_32)
    throw refuse('bytes', 'a zip archive below 4 GiB', 'a zip64 archive', 'Save each array as npy instead.');
  if (view.getUint16(end + 4, true) !== 0 || view.getUint16(end + 8, true) !== count)
    throw refuse('bytes', 'a zip archive in one part', 'a part of one');
  if (directory + directoryBytes > end)
    throw refuse(
      'the zip directory',
      'inside the file',
      `bytes ${directory} to ${directory + directoryBytes}`,
    );

  const members: (ZipMember & { begin: number; end: number })[] = [];
  let at = directory;
  for (let k = 0; k < count; k++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== 0x02014b50)
      throw refuse('the zip directory', `${count} entries, as it declares`, `${k}`);
    const tailBytes =
      view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (at + ENTRY_BYTES + tailBytes > end) throw refuse('the zip directory', 'whole', 'an entry cut short');
    members.push(readMember(bytes, view, at, directory));
    at += ENTRY_BYTES + tailBytes;
  }
  checkDistinct(members);
  return members;
}

/** Position of the end record, which may be followed by a comment of up to 65,535 bytes. */
function findEnd(bytes: Uint8Array, view: DataView): number {
  const last = bytes.length - END_BYTES;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--)
    if (view.getUint32(at, true) === 0x06054b50 && view.getUint16(at + 20, true) === last - at) return at;
  throw refuse(
    'bytes',
    'a zip archive',
    `${bytes.length} bytes without its end record`,
    'Is the file complete?',
  );
}

function readMember(bytes: Uint8Array, view: DataView, at: number, directory: number) {
  const method = view.getUint16(at + 10, true);
  const storedBytes = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const nameBytes = view.getUint16(at + 28, true);
  const local = view.getUint32(at + 42, true);
  const rawName = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
  const name = decodeName(rawName);
  const argument = `member ${JSON.stringify(name.slice(0, 80))}`;
  if (view.getUint16(at + 8, true) & IS_ENCRYPTED) throw refuse(argument, 'unencrypted', 'an encrypted one');
  if (method !== 0 && method !== 8)
    throw refuse(argument, 'stored or deflated', `compression method ${method}`);
  if (storedBytes === ZIP64_32 || size === ZIP64_32 || local === ZIP64_32)
    throw refuse(argument, 'below 4 GiB', 'a zip64 size', 'Save the array as npy instead.');
  if (method === 0 && storedBytes !== size)
    throw refuse(argument, `stored in ${size} bytes`, `${storedBytes}`);
  if (local + LOCAL_BYTES > directory || view.getUint32(local, true) !== 0x04034b50)
    throw refuse(argument, 'preceded by a local header', 'none at its offset');
  const nameAt = local + LOCAL_BYTES;
  const begin = nameAt + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (begin + storedBytes > directory)
    throw refuse(argument, 'inside the file', `an end at ${begin + storedBytes}`);
  if (view.getUint16(local + 26, true) !== nameBytes || rawName.some((byte, i) => bytes[nameAt + i] !== byte))
    throw refuse(argument, 'named alike in both its headers', 'two names');
  return {
    name,
    stored: bytes.subarray(begin, begin + storedBytes),
    isDeflated: method === 8,
    crc32: view.getUint32(at + 16, true),
    size,
    begin: local,
    end: begin + storedBytes,
  };
}

function decodeName(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse('a member name', 'UTF-8', 'other bytes');
  }
}

/** Members that share bytes are how a small archive inflates without bound; two of one name are ambiguous. */
function checkDistinct(members: readonly { name: string; begin: number; end: number }[]): void {
  const sorted = [...members].sort((a, b) => a.begin - b.begin);
  const names = new Set<string>();
  sorted.forEach(({ name, begin }, k) => {
    const shown = `member ${JSON.stringify(name.slice(0, 80))}`;
    if (k > 0 && begin < sorted[k - 1].end) throw refuse(shown, 'apart from other members', 'an overlap');
    if (names.has(name)) throw refuse(shown, 'of a name of its own', 'a repeated name');
    names.add(name);
  });
}

/** CRC-32 as zip uses it (polynomial 0xedb88320), one table look-up a byte. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ bytes[i]) & 0xff];
  return (crc ^ 0xffffffff) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc >>> 0;
});
