import { tensor } from '../creation.js';
import type { Device } from '../device.js';
import { type DType, dtypeInfo, isComplex, type TypedArray } from '../dtype.js';
import type { HostValue } from '../op.js';
import type { InputSample, ValueRule } from '../ops/row.js';
import { flip, slice, transpose } from '../ops/view/index.js';
import { sizeOf } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { uniformStream } from './draw.js';

const wideDType: Partial<Record<DType, DType>> = { f32: 'f64', c64: 'c128' };
/** The dtype an f64 run uses in place of a single-precision one. */
export const widen = (dtype: DType): DType => wideDType[dtype] ?? dtype;

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}

type Draw1 = () => number;

function realRule(rule: Exclude<ValueRule, 'distinct'>, dtype: DType, next: Draw1): Draw1 {
  const { kind } = dtypeInfo[dtype];
  const sign = () => (next() < 0.5 ? -1 : 1);
  if (typeof rule === 'object' && 'low' in rule)
    return () => rule.low + Math.floor(next() * (rule.high - rule.low));
  if (kind === 'bool') return () => (next() < 0.5 ? 0 : 1);
  if (typeof rule === 'object' && kind === 'float')
    return () => sign() * (rule.offset + rule.step * Math.floor(next() * rule.count));
  if (dtype === 'u8') return () => Math.floor(next() * 10);
  if (kind === 'integer')
    return () => (rule === 'positive' ? 1 + Math.floor(next() * 4) : Math.floor(next() * 9) - 4);
  const magnitude = () => 0.5 + 1.5 * next();
  if (rule === 'positive') return magnitude;
  if (rule === 'awayFromZero') return () => sign() * magnitude();
  return () => normal(next);
}

function complexRule(rule: ValueRule, next: Draw1): () => [number, number] {
  if (typeof rule === 'object' && 'step' in rule) {
    const part = realRule(rule, 'f32', next);
    return () => [part(), part()];
  }
  if (rule === 'positive') return () => [0.5 + 1.5 * next(), normal(next)];
  if (rule === 'awayFromZero')
    return () => {
      const [r, phase] = [0.5 + 1.5 * next(), 2 * Math.PI * next()];
      return [r * Math.cos(phase), r * Math.sin(phase)];
    };
  return () => [normal(next), normal(next)];
}

/** All values at least 0.05 apart, in random order. */
function distinct(count: number, dtype: DType, next: Draw1): Float64Array {
  const step = dtypeInfo[dtype].kind === 'float' ? 0.07 : 1;
  const offset = dtype === 'u8' ? 0 : Math.floor(count / 2);
  const values = Float64Array.from({ length: count }, (_, i) => (i - offset) * step);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [values[i], values[j]] = [values[j]!, values[i]!];
  }
  return values;
}

/** Host values of a sample: exactly representable in single precision, stored in the f64 dtype. */
export function sampleValues(
  { shape, values = 'normal' }: InputSample,
  dtype: DType,
  seed: number,
): HostValue {
  const next = uniformStream(seed);
  const count = sizeOf(shape);
  const wide = widen(dtype);
  const data = new dtypeInfo[wide].array(new ArrayBuffer(count * dtypeInfo[wide].bytes));
  if (isComplex(dtype)) {
    const rule = complexRule(values, next);
    for (let i = 0; i < count; i++)
      [data[2 * i], data[2 * i + 1]] = rule().map(Math.fround) as [number, number];
  } else if (values === 'distinct') data.set(distinct(count, dtype, next).map(Math.fround));
  else {
    const rule = realRule(values, dtype, next);
    for (let i = 0; i < count; i++) data[i] = Math.fround(rule());
  }
  return { shape, dtype: wide, data };
}

/** How a tensor's elements lie in memory: kernels must not care. */
export const memoryOrders = ['contiguous', 'transposed', 'reversed', 'strided', 'offset'] as const;
export type MemoryOrder = (typeof memoryOrders)[number];

/** A tensor with these values on a device, stored in the given order. */
export function place(value: HostValue, dtype: DType, device: Device, order: MemoryOrder): Tensor {
  const { shape } = value;
  const make = (data: TypedArray, stored: readonly number[]) =>
    tensor(data, { dtype, shape: stored, device });
  if (order === 'contiguous' || shape.length === 0) return make(value.data, shape);
  const last = shape.length - 1;
  const range = (part: [number?, number?, number?]) => [...shape.slice(0, -1).map(() => null), part];
  if (order === 'transposed') {
    const axes = shape.map((_, i) => last - i);
    const stored = [...shape].reverse();
    return transpose(
      make(
        rearrange(value, stored, (index) => [...index].reverse()),
        stored,
      ),
      axes,
    );
  }
  if (order === 'reversed')
    return flip(
      make(
        rearrange(value, shape, (index) => index.map((i, axis) => shape[axis]! - 1 - i)),
        shape,
      ),
    );
  const step = order === 'strided' ? 2 : 1;
  const start = order === 'offset' ? 3 : 1;
  const n = shape[last]!;
  const stored = [...shape.slice(0, -1), start + step * n + 1];
  const data = rearrange(value, stored, (index) => {
    const i = (index[last]! - start) / step;
    return Number.isInteger(i) && i >= 0 && i < n ? [...index.slice(0, -1), i] : undefined;
  });
  return slice(make(data, stored), range([start, start + step * n, step]));
}

/** Data of an array of shape `stored` whose entry at `index` is the value at `source(index)`; 7 where undefined. */
function rearrange(
  value: HostValue,
  stored: readonly number[],
  source: (index: number[]) => readonly number[] | undefined,
): TypedArray {
  const { parts, array, bytes } = dtypeInfo[value.dtype];
  const count = sizeOf(stored);
  const data = new array(new ArrayBuffer(count * bytes));
  const index = stored.map(() => 0);
  for (let i = 0; i < count; i++) {
    const from = source(index);
    const flat = from?.reduce((sum, k, axis) => sum * value.shape[axis]! + k, 0);
    for (let p = 0; p < parts; p++)
      data[i * parts + p] = flat === undefined ? 7 : value.data[flat * parts + p]!;
    for (let axis = stored.length - 1; axis >= 0 && ++index[axis]! === stored[axis]; axis--) index[axis] = 0;
  }
  return data;
}
