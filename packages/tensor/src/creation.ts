import { checkInteger, checkNumber, checkOptions } from './check.js';
import type { Device } from './device.js';
import { checkTensor } from './dispatch.js';
import { checkDType, type DType, dtypeInfo, isComplex, type TypedArray } from './dtype.js';
import { ArgumentError, DTypeError, describe, ShapeError } from './errors.js';
import { filled, iota } from './ops/elementwise/full.js';
import { read } from './read.js';
import { checkDevice, deviceOption } from './runtime.js';
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
export const tensor = (data: TensorData, options: TensorOptions = {}): Tensor =>
  fromData('tensor', data, options);

/** `tensor` on behalf of another function. */
function fromData(fn: string, data: TensorData, options: TensorOptions): Tensor {
  checkOptions(fn, options, ['dtype', 'device', 'shape']);
  const device = deviceOption(fn, options.device);
  const dtype = options.dtype === undefined ? undefined : checkDType(fn, 'option dtype', options.dtype);
  const given = options.shape === undefined ? undefined : checkShape(fn, 'option shape', options.shape);
  if (ArrayBuffer.isView(data)) return fromTyped(fn, data as TypedArray, dtype, given, device);
  const shape: number[] = [];
  for (let level: TensorData = data; Array.isArray(level); level = level[0] as TensorData)
    shape.push(level.length);
  const leaves: Scalar[] = [];
  flatten(fn, data, shape, 0, leaves);
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
  return device.upload({ shape: checkCount(fn, given ?? shape, leaves.length), dtype: kind }, values, fn);
}

function flatten(fn: string, data: TensorData, shape: Shape, depth: number, out: Scalar[]): void {
  if (depth === shape.length) {
    if (Array.isArray(data)) throw ragged(fn, shape);
    out.push(data as Scalar);
    return;
  }
  if (!Array.isArray(data) || data.length !== shape[depth]) throw ragged(fn, shape);
  for (const item of data) flatten(fn, item, shape, depth + 1, out);
}

const ragged = (fn: string, shape: Shape): ShapeError =>
  new ShapeError({
    fn,
    argument: 'data',
    expected: `nested arrays of one shape (the first elements say ${formatShape(shape)})`,
    got: 'a ragged array',
  });

function inferDType(leaves: readonly Scalar[]): DType {
  if (leaves.some((leaf) => typeof leaf === 'object')) return 'c64';
  return leaves.length > 0 && leaves.every((leaf) => typeof leaf === 'boolean') ? 'bool' : 'f32';
}

function fromTyped(
  fn: string,
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
      fn,
      argument: 'data',
      expected: 'a Float32Array, Float64Array, Int32Array or Uint8Array',
      got: describe(data),
    });
  const kind = dtype ?? natural;
  const { parts, array } = dtypeInfo[kind];
  if (data.length % parts !== 0)
    throw new ShapeError({
      fn,
      argument: 'data',
      expected: 'of even length: complex entries are interleaved re, im',
      got: `${data.length} numbers`,
    });
  const converted =
    data instanceof array ? data : (array as unknown as { from(list: TypedArray): TypedArray }).from(data);
  const values = kind === 'bool' ? converted.map((value) => Number(value !== 0)) : converted;
  return device.upload(
    { shape: checkCount(fn, shape ?? [data.length / parts], data.length / parts), dtype: kind },
    values,
    fn,
  );
}

function checkCount(fn: string, shape: Shape, count: number): Shape {
  if (sizeOf(shape) !== count)
    throw new ShapeError({
      fn,
      argument: 'option shape',
      expected: `of ${count} elements, as the data has`,
      got: formatShape(shape),
    });
  return shape;
}

/** A scalar (0-d) tensor. Complex literals give c64. */
export function scalar(value: Scalar, options: CreationOptions = {}): Tensor {
  scalarParts('scalar', 'value', value);
  checkOptions('scalar', options, ['dtype', 'device']);
  return fromData('scalar', value, options);
}

export const zeros = (shape: readonly number[], options: CreationOptions = {}): Tensor =>
  filled('zeros', shape, 0, options);
export const ones = (shape: readonly number[], options: CreationOptions = {}): Tensor =>
  filled('ones', shape, 1, options);

function filledLike(fn: string, x: Tensor, value: number, options: CreationOptions): Tensor {
  const { shape, dtype, device } = checkTensor(fn, 'argument 1', x);
  checkOptions(fn, options, ['dtype', 'device']);
  return filled(fn, shape, value, { dtype, device, ...options });
}

/** Zeros with the shape, dtype and device of another tensor. */
export const zerosLike = (x: Tensor, options: CreationOptions = {}): Tensor =>
  filledLike('zerosLike', x, 0, options);
/** Ones with the shape, dtype and device of another tensor. */
export const onesLike = (x: Tensor, options: CreationOptions = {}): Tensor =>
  filledLike('onesLike', x, 1, options);

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
  checkOptions(fn, options, ['dtype', 'device']);
  const count = Math.max(0, Math.ceil((to - from) / step));
  const dtype = options.dtype ?? ([from, to, step].every(Number.isInteger) ? 'i32' : 'f32');
  const device = admit(fn, [count], { ...options, dtype });
  if (from === 0 && step === 1 && dtype === 'i32') return iota(count, { device });
  const values = Float64Array.from({ length: count }, (_, i) => from + i * step);
  return fromReal(fn, values, [count], { dtype, device });
}

/** `count` numbers from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number, options: CreationOptions = {}): Tensor {
  const fn = 'linspace';
  const [from, to] = [checkNumber(fn, 'start', start), checkNumber(fn, 'stop', stop)];
  const n = checkInteger(fn, 'count', count, { min: 0 });
  admit(fn, [n], options);
  const values = Float64Array.from({ length: n }, (_, i) =>
    n === 1 ? from : from + ((to - from) * i) / (n - 1),
  );
  return fromReal(fn, values, [n], options);
}

/** The identity matrix, n × n or n × m. */
export function eye(n: number, m = n, options: CreationOptions = {}): Tensor {
  const fn = 'eye';
  const [rows, cols] = [checkInteger(fn, 'n', n, { min: 0 }), checkInteger(fn, 'm', m, { min: 0 })];
  admit(fn, [rows, cols], options);
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < Math.min(rows, cols); i++) values[i * cols + i] = 1;
  return fromReal(fn, values, [rows, cols], options);
}

/** The device of a new tensor, which must have room for it, before its values are made on the host. */
function admit(fn: string, shape: Shape, options: CreationOptions): Device {
  checkOptions(fn, options, ['dtype', 'device']);
  const device = deviceOption(fn, options.device);
  device.admit(fn, { shape, dtype: checkDType(fn, 'option dtype', options.dtype ?? 'f32') });
  return device;
}

/** Real host numbers as a tensor of any dtype. */
function fromReal(fn: string, values: Float64Array, shape: Shape, options: CreationOptions): Tensor {
  const dtype = options.dtype ?? 'f32';
  if (!isComplex(dtype)) return fromData(fn, values, { ...options, dtype, shape });
  const interleaved = new Float64Array(2 * values.length);
  values.forEach((value, i) => {
    interleaved[2 * i] = value;
  });
  return fromData(fn, interleaved, { ...options, dtype, shape });
}

/** A copy of a tensor on another device. f64 becomes f32 where the device has no double precision. */
export async function toDevice(x: Tensor, device: Device): Promise<Tensor> {
  const fn = 'toDevice';
  checkTensor(fn, 'argument 1', x);
  checkDevice(fn, 'argument 2', device);
  const data = await read(x);
  const single: Partial<Record<DType, DType>> = { f64: 'f32', c128: 'c64' };
  const dtype = device.backend.dtypes.has(x.dtype) ? x.dtype : (single[x.dtype] ?? x.dtype);
  return fromData(fn, data, { dtype, shape: x.shape, device });
}
