import type { DType, TypedArray } from '../dtype.js';
import { FormatError } from '../errors.js';
import { isLittleEndianHost, swapWords } from './hostArray.js';

/** Number formats met in files. Each becomes the dtype in the table without losing a digit, or is refused. */
export type StoredNumber =
  | 'bool'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'complex64'
  | 'complex128';

interface StoredInfo {
  /** Bytes of one element. */
  readonly bytes: number;
  /** Bytes that a change of byte order reverses together. */
  readonly wordBytes: number;
  readonly dtype: DType;
}

const stored = (bytes: number, dtype: DType, wordBytes = bytes): StoredInfo => ({ bytes, wordBytes, dtype });

export const storedNumbers: Readonly<Record<StoredNumber, StoredInfo>> = {
  bool: stored(1, 'bool'),
  int8: stored(1, 'i32'),
  uint8: stored(1, 'u8'),
  int16: stored(2, 'i32'),
  uint16: stored(2, 'i32'),
  int32: stored(4, 'i32'),
  uint32: stored(4, 'i32'),
  int64: stored(8, 'i32'),
  uint64: stored(8, 'i32'),
  float16: stored(2, 'f32'),
  bfloat16: stored(2, 'f32'),
  float32: stored(4, 'f32'),
  float64: stored(8, 'f64'),
  complex64: stored(8, 'c64', 4),
  complex128: stored(16, 'c128', 8),
};

/** Where numbers come from, for messages. */
export interface Source {
  readonly fn: string;
  readonly argument: string;
}

/** Numbers of `bytes` (whole elements) as the typed array of their dtype; never a view of `bytes`. */
export function readNumbers(
  source: Source,
  bytes: Uint8Array,
  format: StoredNumber,
  isLittleEndian = true,
): TypedArray {
  // A copy is aligned for any element size; Node's Buffer.slice would not copy.
  const copy = new Uint8Array(bytes.length);
  copy.set(bytes);
  if (isLittleEndian !== isLittleEndianHost()) swapWords(copy, storedNumbers[format].wordBytes);
  const { buffer } = copy;
  switch (format) {
    case 'bool':
      return checkBooleans(source, copy);
    case 'uint8':
      return copy;
    case 'int8':
      return Int32Array.from(new Int8Array(buffer));
    case 'int16':
      return Int32Array.from(new Int16Array(buffer));
    case 'uint16':
      return Int32Array.from(new Uint16Array(buffer));
    case 'int32':
      return new Int32Array(buffer);
    case 'uint32':
      return narrow(source, new Uint32Array(buffer));
    case 'int64':
      return narrow(source, new BigInt64Array(buffer));
    case 'uint64':
      return narrow(source, new BigUint64Array(buffer));
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case 'bfloat16':
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case 'float32':
    case 'complex64':
      return new Float32Array(buffer);
    case 'float64':
    case 'complex128':
      return new Float64Array(buffer);
  }
}

function checkBooleans(source: Source, bytes: Uint8Array): Uint8Array {
  const at = bytes.findIndex((byte) => byte > 1);
  if (at < 0) return bytes;
  throw new FormatError({
    ...source,
    expected: 'booleans stored as 0 or 1',
    got: `byte ${bytes[at]} at element ${at}`,
    remedy: 'Store it as unsigned bytes, or as x != 0.',
  });
}

function narrow(source: Source, values: Uint32Array | BigInt64Array | BigUint64Array): Int32Array {
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    result[i] = value;
    if (result[i] !== value)
      throw new FormatError({
        ...source,
        expected: 'integers that fit into 32 bits with sign',
        got: `${values[i]} at element ${i}`,
        remedy: 'Store it as float64.',
      });
  }
  return result;
}

/** IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  // Subnormals count in units of 2^-24.
  if (exponent === 0) return (sign * fraction) / 16777216;
  const significand = (1024 + fraction) / 1024;
  return (
    sign * (exponent >= 15 ? significand * (1 << (exponent - 15)) : significand / (1 << (15 - exponent)))
  );
}
