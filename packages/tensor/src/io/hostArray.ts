import { type DType, dtypeInfo, type TypedArray } from '../dtype.js';
import { ArgumentError, describe } from '../errors.js';

/**
 * Values in host memory, row-major, without a device: what the file formats read and write. Complex entries are
 * interleaved `[re, im]`, booleans are bytes 0 or 1; `data` holds exactly the entries of `shape`.
 */
export interface HostArray {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

/** Product of a shape, or undefined if an axis is no whole number >= 0 or the product is not exact. */
export function countElements(shape: readonly unknown[]): number | undefined {
  let count = 1;
  for (const n of shape) {
    if (typeof n !== 'number' || !Number.isSafeInteger(n) || n < 0) return undefined;
    count *= n;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** Throws ArgumentError unless dtype, shape and data of `array` belong together. */
export function checkHostArray(fn: string, argument: string, array: HostArray): void {
  const info = Object.hasOwn(dtypeInfo, array.dtype) ? dtypeInfo[array.dtype] : undefined;
  const count = countElements(array.shape);
  if (
    info &&
    count !== undefined &&
    array.data instanceof info.array &&
    array.data.length === count * info.parts
  )
    return;
  const wanted = info && count !== undefined ? ` of ${count * info.parts} entries` : '';
  throw new ArgumentError({
    fn,
    argument,
    expected: `an array of known dtype whose data is ${info ? `a ${info.array.name}` : 'a typed array'}${wanted}`,
    got: `${describe(array.dtype)} ${describe(array.shape)} with ${array.data?.constructor?.name} of ${array.data?.length}`,
  });
}

/** `bytes` of the values in little-endian order: a view where the host is little-endian, as all current ones are. */
export function littleEndianBytes({ dtype, data }: HostArray): Uint8Array {
  const view = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const wordBytes = dtypeInfo[dtype].bytes / dtypeInfo[dtype].parts;
  return isLittleEndianHost() ? view : swapWords(Uint8Array.from(view), wordBytes);
}

export const isLittleEndianHost = (): boolean => new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Reverses the bytes of every word, in place. */
export function swapWords(bytes: Uint8Array, wordBytes: number): Uint8Array {
  for (let at = 0; at + wordBytes <= bytes.length; at += wordBytes)
    bytes.subarray(at, at + wordBytes).reverse();
  return bytes;
}
