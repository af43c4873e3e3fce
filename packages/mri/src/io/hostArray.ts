import {
  type Device,
  type DType,
  DTypeError,
  deviceOption,
  dtypeInfo,
  type NumberSource,
  readNumbers,
  type StoredNumber,
  storedNumbers,
  type Tensor,
  type TypedArray,
  tensor,
} from '@adjoint/tensor';

/** Values in host memory, row-major; complex entries are interleaved `[re, im]`. */
export interface HostArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Stored bytes as an array, of another dtype if one is asked for. */
export function hostArray(
  source: NumberSource,
  bytes: Uint8Array,
  format: StoredNumber,
  shape: readonly number[],
  dtype: DType = storedNumbers[format].dtype,
  isLittleEndian = true,
): HostArray {
  const data = readNumbers(source, bytes, format, isLittleEndian);
  return convert(source, { dtype: storedNumbers[format].dtype, shape, data }, dtype);
}

/** The same values as another dtype: floats and complex numbers of another precision, integers as floats. */
export function convert(source: NumberSource, array: HostArray, dtype: DType): HostArray {
  if (array.dtype === dtype) return array;
  const { kind, parts, array: List } = dtypeInfo[dtype];
  const from = dtypeInfo[array.dtype];
  if (from.parts !== parts || (kind !== 'float' && kind !== 'complex'))
    throw new DTypeError({
      ...source,
      expected: `convertible to ${dtype}`,
      got: array.dtype,
      remedy: 'Floats and integers become floats, complex numbers become complex.',
    });
  const data = (List as unknown as { from(list: TypedArray): TypedArray }).from(array.data);
  return { dtype, shape: array.shape, data };
}

const singlePrecision: Partial<Record<DType, DType>> = { f64: 'f32', c128: 'c64' };

/** An array as a tensor. f64 becomes f32, and c128 c64, where the device has no double precision. */
export function toTensor(fn: string, { dtype, shape, data }: HostArray, device?: Device): Tensor {
  const on = deviceOption(fn, device);
  const held = on.backend.dtypes.has(dtype) ? dtype : (singlePrecision[dtype] ?? dtype);
  return tensor(data, { dtype: held, shape, device: on });
}

/** The bytes of values in little-endian order: a view where the host is little-endian, as all current ones are. */
export function littleEndianBytes(values: TypedArray): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += values.BYTES_PER_ELEMENT)
    swapped.subarray(at, at + values.BYTES_PER_ELEMENT).reverse();
  return swapped;
}
