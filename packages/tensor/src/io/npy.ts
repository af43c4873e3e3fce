import { type DType, dtypeInfo, type TypedArray } from '../dtype.js';
import { ArgumentError, FormatError } from '../errors.js';
import { checkHostArray, type HostArray, littleEndianBytes } from './hostArray.js';
import { MAX_RANK, NPY_MAGIC, readNpyHeader } from './npyHeader.js';
import { readNumbers, storedNumbers } from './storedNumbers.js';

export interface NpyArray extends HostArray {
  /** Whether the file stored the first axis fastest. `data` is row-major all the same. */
  readonly fortranOrder: boolean;
}

/**
 * Reads one array in NumPy's npy format, versions 1.0 to 3.0, either byte order, C or Fortran order.
 *
 * float32/64, complex64/128, int32, uint8 and bool keep their type; float16 becomes f32, and other integers become
 * i32 if every value fits. Objects, strings and records are refused: nothing in a file is ever executed.
 * Reference: numpy.lib.format.
 *
 * @throws FormatError if the bytes are not such a file, in every detail.
 */
export function parseNpy(bytes: Uint8Array): NpyArray {
  const { format, isLittleEndian, fortranOrder, shape, dataOffset, dataBytes } = readNpyHeader(bytes);
  if (bytes.length - dataOffset !== dataBytes)
    throw new FormatError({
      fn: 'parseNpy',
      argument: 'bytes',
      expected: `${dataBytes} bytes of values for ${format} of shape [${shape.join(', ')}]`,
      got: `${bytes.length - dataOffset}`,
      remedy: 'The file is cut short or holds more than one array.',
    });
  const { dtype } = storedNumbers[format];
  const source = { fn: 'parseNpy', argument: 'the values' };
  const stored = readNumbers(source, bytes.subarray(dataOffset), format, isLittleEndian);
  const data = fortranOrder && shape.length > 1 ? toRowMajor(stored, shape, dtypeInfo[dtype].parts) : stored;
  return { dtype, shape, data, fortranOrder };
}

/** Reorders entries stored with the first axis fastest. */
function toRowMajor(source: TypedArray, shape: readonly number[], parts: number): TypedArray {
  const result = source.slice();
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, n) => product * n, 1));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < result.length; to += parts) {
    for (let part = 0; part < parts; part++) result[to + part] = source[from * parts + part];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

const descrs: Readonly<Record<DType, string>> = {
  f32: '<f4',
  f64: '<f8',
  c64: '<c8',
  c128: '<c16',
  i32: '<i4',
  u8: '|u1',
  bool: '|b1',
};

/** NumPy leaves room to grow the first axis in place, and starts the values at a multiple of 64. */
const GROWTH_DIGITS = 21;
const ALIGNMENT = 64;
/** Magic, version and a 16-bit length come before the header text. */
const TEXT_OFFSET = 10;

/**
 * Writes an array in npy format, version 1.0, C order, little-endian: the same bytes as numpy.save of an equal
 * array.
 *
 * @throws ArgumentError if dtype, shape and data do not belong together, or there are more than 64 axes.
 */
export function formatNpy(array: HostArray): Uint8Array {
  checkHostArray('formatNpy', 'array', array);
  const { shape } = array;
  if (shape.length > MAX_RANK)
    throw new ArgumentError({
      fn: 'formatNpy',
      argument: 'array',
      expected: `of at most ${MAX_RANK} axes, as in NumPy`,
      got: `${shape.length}`,
    });
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const growth = shape.length ? ' '.repeat(Math.max(0, GROWTH_DIGITS - String(shape[0]).length)) : '';
  const text = `{'descr': '${descrs[array.dtype]}', 'fortran_order': False, 'shape': ${tuple}, }${growth}`;
  const dataOffset = Math.floor((TEXT_OFFSET + text.length + 1) / ALIGNMENT + 1) * ALIGNMENT;
  const values = littleEndianBytes(array);
  const bytes = new Uint8Array(dataOffset + values.length);
  bytes.set([...NPY_MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, dataOffset - TEXT_OFFSET, true);
  bytes.fill(0x20, TEXT_OFFSET, dataOffset);
  for (let i = 0; i < text.length; i++) bytes[TEXT_OFFSET + i] = text.charCodeAt(i);
  bytes[dataOffset - 1] = 0x0a;
  bytes.set(values, dataOffset);
  return bytes;
}
