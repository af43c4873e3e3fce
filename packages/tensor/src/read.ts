import { checkTensor, compact } from './dispatch.js';
import { dtypeInfo, isComplex, type TypedArray } from './dtype.js';
import { ShapeError } from './errors.js';
import type { Complex } from './scalar.js';
import { formatShape } from './shape.js';
import type { Tensor } from './tensor.js';

/**
 * The values in row-major order, once the device has computed them: Float32Array (f32, and c64 interleaved
 * re, im), Int32Array, Uint8Array, or Float64Array for f64 and c128.
 */
export const read = (x: Tensor): Promise<TypedArray> => valuesOf('read', x);

/** `read` on behalf of another function. @internal */
export async function valuesOf(fn: string, x: Tensor): Promise<TypedArray> {
  checkTensor(fn, 'the tensor', x);
  x.storage.memory(); // throws where there are no values: in a trace
  // an alias holds the memory until the copy is made, whatever happens to the caller's handle
  const source = x.isContiguous ? x.alias() : compact(x);
  try {
    const { array, bytes } = dtypeInfo[x.dtype];
    const { buffer, byteOffset } = source.operand();
    return new array(await x.device.backend.read(buffer, byteOffset, x.size * bytes));
  } finally {
    source.dispose();
  }
}

/** The one value of a tensor with one element: a number, or `{ re, im }` if complex. */
export async function item(x: Tensor): Promise<number | Complex> {
  checkTensor('item', 'the tensor', x);
  if (x.size !== 1)
    throw new ShapeError({
      fn: 'item',
      argument: 'the tensor',
      expected: 'of one element',
      got: formatShape(x.shape),
      remedy: 'Use data() or toArray() for more.',
    });
  const values = await valuesOf('item', x);
  return isComplex(x.dtype) ? { re: values[0]!, im: values[1]! } : values[0]!;
}

export type NestedArray = number | boolean | Complex | NestedArray[];

/** The values as nested arrays of numbers, booleans or `{ re, im }`. */
export async function toArray(x: Tensor): Promise<NestedArray> {
  const values = await valuesOf('toArray', x);
  const leaf = (i: number): NestedArray => {
    if (isComplex(x.dtype)) return { re: values[2 * i]!, im: values[2 * i + 1]! };
    return x.dtype === 'bool' ? values[i] !== 0 : values[i]!;
  };
  let next = 0;
  const nest = (axis: number): NestedArray =>
    axis === x.rank ? leaf(next++) : Array.from({ length: x.shape[axis]! }, () => nest(axis + 1));
  return nest(0);
}
