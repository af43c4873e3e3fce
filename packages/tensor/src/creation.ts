import { checkInteger, checkNumber } from './check.js';
import type { Device } from './device.js';
import { checkTensor } from './dispatch.js';
import { checkDType, type DType, dtypeInfo, isComplex, type TypedArray } from './dtype.js';
import { ArgumentError, DTypeError, describe, ShapeError } from './errors.js';
import { full, iota } from './ops/elementwise/index.js';
import { read } from './read.js';
import { currentDevice } from './runtime.js';
import { type Scalar, scalarParts } from './scalar.js';
import { checkShape, formatShape, type Shape, sizeOf } from './shape.js';
import type { Tensor } from './tensor.js';

export interface CreationOptions {
  /** Default: f32, or what the data says. */
  dtype?: DType;
  /** Default: the current device. */
  device?: Device;
}

export interface TensorOptions extends CreationOptions {
  /** Shape of flat data; default: one axis, or that of the nested arrays. */
  shape?: readonly number[];
}

/** Numbers, booleans and `{ re, im }` in nested arrays, or a typed array (complex: interleaved re, im). */
export type TensorData = Scalar | TypedArray | readonly TensorData[];

/**
 * A tensor holding a copy of host data.
 *
 * Typed arrays keep their dtype (Float32Array → f32, Float64Array → f32 unless `dtype` says f64, Int32Array → i32,
 * Uint8Array → u8); with a complex `dtype` their entries are interleaved re, im. Nested arrays of numbers give f32,
 * of booleans bool, with any `{ re, im }` c64.
 *
 * @example tensor([[1, 2], [3, 4]])
 * @example tensor(new Float32Array([1, 0, 0, 1]), { dtype: 'c64' })   // [1, i]
 * @throws ShapeError for ragged arrays, or when `shape` does not fit the data.
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  const fn = 'tensor';
  const device = options.device ?? currentDevice(fn);
  const dtype = options.dtype === undefined ? undefined : checkDType(fn, 'option dtype', options.dtype);
  const given = options.shape === undefined ? undefined : checkShape(fn, 'option shape', options.shape);
  if (ArrayBuffer.isView(data)) return fromTyped(data as TypedArray, dtype, given, device);
  const shape: number[] = [];
  for (let level: TensorData = data; Array.isArray(level); level = level[0] as TensorData)
    shape.push(level.length);
  const leaves: Scalar[] = [];
  flatten(data, shape, 0, leaves);
  const kind = dtype ?? inferDType(leaves);
  const { parts, array } = dtypeInfo[kind];
  const values = new array(new ArrayBuffer(leaves.length * dtypeInfo[kind].bytes));
  leaves.forEach((leaf, i) => {
    const [re, im] = scalarParts(fn, `element ${i}`, leaf);
    if (parts === 1 && im !== 0)
      throw new DTypeError({ fn, argument: 'option dtype', expected: 'complex for complex data', got: kind });
    values[i * parts] = kind === 'bool' ? Number(re !== 0) : re;
    if (parts === 2) values[i * parts + 1] = im;
  });
  return device.upload({ shape: checkCount(given ?? shape, leaves.length), dtype: kind }, values, fn);
}

function flatten(data: TensorData, shape: Shape, depth: number, out: Scalar[]): void {
  if (depth === shape.length) {
    if (Array.isArray(data)) throw ragged(shape);
    out.push(data as Scalar);
    return;
  }
  if (!Array.isArray(data) || data.length !== shape[depth]) throw ragged(shape);
  for (const item of data) flatten(item, shape, depth + 1, out);
}

const ragged = (shape: Shape): ShapeError =>
  new ShapeError({
    fn: 'tensor',
    argument: 'data',
    expected: `nested arrays of one shape (the first elements say ${formatShape(shape)})`,
    got: 'a ragged array',
  });

function inferDType(leaves: readonly Scalar[]): DType {
  if (leaves.some((leaf) => typeof leaf === 'object')) return 'c64';
  return leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'boolean') ? 'bool' : 'f32';
}

function fromTyped(
  data: TypedArray,
  dtype: DType | undefined,
  shape: Shape | undefined,
  device: Device,
): Tensor {
  const natural =
    data instanceof Int32Array
      ? 'i32'
      : data instanceof Uint8Array
        ? 'u8'
        : data instanceof Float32Array
          ? 'f32'
          : data instanceof Float64Array
            ? 'f32'
            : undefined;
  if (!natural)
    throw new ArgumentError({
      fn: 'tensor',
      argument: 'data',
      expected: 'a Float32Array, Float64Array, Int32Array or Uint8Array',
      got: describe(data),
    });
  const kind = dtype ?? natural;
  const { parts, array } = dtypeInfo[kind];
  if (data.length % parts !== 0)
    throw new ShapeError({
      fn: 'tensor',
      argument: 'data',
      expected: 'of even length: complex entries are interleaved re, im',
      got: `${data.length} numbers`,
    });
  const converted =
    data instanceof array ? data : (array as unknown as { from(list: TypedArray): TypedArray }).from(data);
  const values = kind === 'bool' ? converted.map((value) => Number(value !== 0)) : converted;
  return device.upload(
    { shape: checkCount(shape ?? [data.length / parts], data.length / parts), dtype: kind },
    values,
    'tensor',
  );
}

function checkCount(shape: Shape, count: number): Shape {
  if (sizeOf(shape) !== count)
    throw new ShapeError({
      fn: 'tensor',
      argument: 'option shape',
      expected: `of ${count} elements, as the data has`,
      got: formatShape(shape),
    });
  return shape;
}

/** A scalar (0-d) tensor. Complex literals give c64. */
export const scalar = (value: Scalar, options: CreationOptions = {}): Tensor => tensor(value, options);

export const zeros = (shape: readonly number[], options: CreationOptions = {}): Tensor =>
  full(shape, 0, options);
export const ones = (shape: readonly number[], options: CreationOptions = {}): Tensor =>
  full(shape, 1, options);

const like = (fn: string, x: Tensor, options: CreationOptions): CreationOptions => {
  checkTensor(fn, 'argument 1', x);
  return { dtype: x.dtype, device: x.device, ...options };
};

/** Zeros with the shape, dtype and device of another tensor. */
export const zerosLike = (x: Tensor, options: CreationOptions = {}): Tensor =>
  full(checkTensor('zerosLike', 'argument 1', x).shape, 0, like('zerosLike', x, options));
/** Ones with the shape, dtype and device of another tensor. */
export const onesLike = (x: Tensor, options: CreationOptions = {}): Tensor =>
  full(checkTensor('onesLike', 'argument 1', x).shape, 1, like('onesLike', x, options));

/**
 * Numbers from `start` up to, not including, `stop`: `arange(n)` counts 0 … n − 1. Integers give i32 unless
 * `dtype` says otherwise.
 */
export function arange(start: number, stop?: number, step = 1, options: CreationOptions = {}): Tensor {
  const fn = 'arange';
  const [from, to] =
    stop === undefined
      ? [0, checkNumber(fn, 'stop', start)]
      : [checkNumber(fn, 'start', start), checkNumber(fn, 'stop', stop)];
  if (checkNumber(fn, 'step', step) === 0)
    throw new ArgumentError({ fn, argument: 'step', expected: 'not 0', got: '0' });
  const count = Math.max(0, Math.ceil((to - from) / step));
  const dtype = options.dtype ?? ([from, to, step].every(Number.isInteger) ? 'i32' : 'f32');
  if (from === 0 && step === 1 && dtype === 'i32') return iota(count, options);
  const values = Float64Array.from({ length: count }, (_, i) => from + i * step);
  return fromReal(values, [count], { ...options, dtype });
}

/** `count` numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number, options: CreationOptions = {}): Tensor {
  const fn = 'linspace';
  const [from, to] = [checkNumber(fn, 'start', start), checkNumber(fn, 'stop', stop)];
  const n = checkInteger(fn, 'count', count, { min: 0 });
  const values = Float64Array.from({ length: n }, (_, i) =>
    n === 1 ? from : from + ((to - from) * i) / (n - 1),
  );
  return fromReal(values, [n], options);
}

/** The identity matrix, n × n or n × m. */
export function eye(n: number, m = n, options: CreationOptions = {}): Tensor {
  const [rows, cols] = [checkInteger('eye', 'n', n, { min: 0 }), checkInteger('eye', 'm', m, { min: 0 })];
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < Math.min(rows, cols); i++) values[i * cols + i] = 1;
  return fromReal(values, [rows, cols], options);
}

/** Real host numbers as a tensor of any dtype. */
function fromReal(values: Float64Array, shape: Shape, options: CreationOptions): Tensor {
  const dtype = options.dtype ?? 'f32';
  if (!isComplex(dtype)) return tensor(values, { ...options, dtype, shape });
  const interleaved = new Float64Array(2 * values.length);
  values.forEach((value, i) => {
    interleaved[2 * i] = value;
  });
  return tensor(interleaved, { ...options, dtype, shape });
}

/** A copy of a tensor on another device. f64 becomes f32 where the device has no double precision. */
export async function toDevice(x: Tensor, device: Device): Promise<Tensor> {
  checkTensor('toDevice', 'argument 1', x);
  const data = await read(x);
  const single: Partial<Record<DType, DType>> = { f64: 'f32', c128: 'c64' };
  const dtype = device.backend.dtypes.has(x.dtype) ? x.dtype : (single[x.dtype] ?? x.dtype);
  return tensor(data, { dtype, shape: x.shape, device });
}
