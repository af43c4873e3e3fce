import { type DType, dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { scope } from '../../scope.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { complex } from '../elementwise/index.js';
import { type Draw, type FunctionRow, functionRow, type ValueRule } from '../row.js';
import { type Interpolation, median, quantile } from './quantile.js';
import { argsort, sort, topk } from './sort.js';

const realDTypes: DType[][] = [['f32'], ['i32'], ['u8'], ['bool']];
const valuesOf = (dtype: DType): ValueRule => (dtype === 'f32' ? 'distinct' : 'normal');

/** Maps every line along an axis to a line of `length` numbers. */
function alongAxis(
  x: HostValue,
  axis: number,
  length: number,
  dtype: DType,
  map: (line: readonly number[]) => readonly number[],
): HostValue {
  const along = (axis + x.shape.length) % x.shape.length;
  const shape = x.shape.map((n, i) => (i === along ? length : n));
  const [stride, n] = [contiguousStrides(x.shape)[along]!, x.shape[along]!];
  const data = new dtypeInfo[dtype].array(new ArrayBuffer(sizeOf(shape) * dtypeInfo[dtype].bytes));
  const lines = n === 0 ? 0 : sizeOf(x.shape) / n;
  for (let line = 0; line < lines; line++) {
    const [outer, inner] = [Math.floor(line / stride), line % stride];
    const values = Array.from({ length: n }, (_, k) => x.data[(outer * n + k) * stride + inner]!);
    map(values).forEach((value, k) => {
      data[(outer * length + k) * stride + inner] = value;
    });
  }
  return { shape, dtype, data };
}

/** Indices in order, ties as they stand. */
function ordered(line: readonly number[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  return line.map((_, i) => i).sort((i, j) => sign * (line[i]! - line[j]!) || i - j);
}

interface SortParams {
  readonly axis: number;
  readonly descending: boolean;
}

const sampleSort = (draw: Draw, [dtype]: readonly DType[]) => {
  const shape = draw.shape({ minRank: 1, maxRank: 3, maxSize: 9 });
  return {
    inputs: [{ shape, values: valuesOf(dtype!) }],
    params: { axis: draw.int(-shape.length, shape.length - 1), descending: draw.bool() },
  };
};

const badSort = (call: typeof argsort | typeof sort) => [
  {
    what: 'descending as text',
    call: ([x]: readonly unknown[]) => call(x as never, { descending: 'yes' as never }),
  },
  { what: 'an axis out of range', call: ([x]: readonly unknown[]) => call(x as never, { axis: 5 }) },
  { what: 'a misspelt option', call: ([x]: readonly unknown[]) => call(x as never, { axes: 0 } as never) },
  { what: 'complex numbers', call: ([x]: readonly unknown[]) => call(complex(x as Tensor, 0) as never, {}) },
];

const orders: FunctionRow[] = [
  functionRow<SortParams>({
    name: 'sort',
    dtypes: realDTypes,
    call: ([x], params) => scope(() => sort(x!, params).values),
    reference: ([x], { axis, descending }) =>
      alongAxis(x!, axis, x!.shape.at(axis)!, x!.dtype, (line) =>
        ordered(line, descending).map((i) => line[i]!),
      ),
    sample: sampleSort,
    bad: badSort(sort),
  }),
  functionRow<SortParams>({
    name: 'argsort',
    dtypes: realDTypes,
    gradient: 'integer result',
    call: ([x], params) => argsort(x!, params),
    reference: ([x], { axis, descending }) =>
      alongAxis(x!, axis, x!.shape.at(axis)!, 'i32', (line) => ordered(line, descending)),
    sample: sampleSort,
    bad: badSort(argsort),
  }),
  functionRow<{ axis: number; k: number; largest: boolean }>({
    name: 'topk',
    dtypes: realDTypes,
    call: ([x], { k, axis, largest }) => scope(() => topk(x!, k, { axis, largest }).values),
    reference: ([x], { axis, k, largest }) =>
      alongAxis(x!, axis, k, x!.dtype, (line) =>
        ordered(line, largest)
          .slice(0, k)
          .map((i) => line[i]!),
      ),
    sample: (draw, dtypes) => {
      const { inputs, params } = sampleSort(draw, dtypes);
      const k = draw.int(0, inputs[0]!.shape.at(params.axis)!);
      return { inputs, params: { axis: params.axis, k, largest: draw.bool() } };
    },
    bad: [{ what: 'k too large', call: ([x]) => topk(x!, 1000) }],
  }),
];

/** Position q (n − 1) of the sorted values, by the definition of each rule. */
function quantileOf(line: readonly number[], q: number, rule: Interpolation): number {
  const sorted = [...line].sort((a, b) => a - b);
  const position = q * (line.length - 1);
  const [low, high] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!];
  const fraction = position - Math.floor(position);
  if (rule === 'lower') return low;
  if (rule === 'higher') return high;
  if (rule === 'midpoint') return (low + high) / 2;
  if (rule === 'linear') return low + fraction * (high - low);
  const isHigh = fraction > 0.5 || (fraction === 0.5 && Math.floor(position) % 2 === 1);
  return isHigh ? high : low;
}

const withoutAxis = (value: HostValue, axis: number): HostValue => ({
  ...value,
  shape: value.shape.filter((_, i) => i !== (axis + value.shape.length) % value.shape.length),
});

const quantiles: FunctionRow[] = [
  functionRow<{ q: number; axes: number; interpolation: Interpolation }>({
    name: 'quantile',
    dtypes: [['f32']],
    call: ([x], { q, ...options }) => quantile(x!, q, options),
    reference: ([x], { q, axes, interpolation }) =>
      withoutAxis(
        alongAxis(x!, axes, 1, x!.dtype, (line) => [quantileOf(line, q, interpolation)]),
        axes,
      ),
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1, maxRank: 3, maxSize: 9, empty: false });
      const interpolation = draw.pick(['linear', 'lower', 'higher', 'nearest', 'midpoint'] as const);
      const params = {
        q: draw.int(0, 8) / 8,
        axes: draw.int(-shape.length, shape.length - 1),
        interpolation,
      };
      return { inputs: [{ shape, values: 'distinct' }], params };
    },
    bad: [
      { what: 'q above 1', call: ([x]) => quantile(x!, 1.5) },
      { what: 'an empty list', call: ([x]) => quantile(x!, []) },
      { what: 'an unknown rule', call: ([x]) => quantile(x!, 0.5, { interpolation: 'cubic' as never }) },
    ],
  }),
  functionRow<{ q: number[] }>({
    name: 'quantile:list',
    dtypes: [['f32']],
    call: ([x], { q }) => quantile(x!, q),
    reference: ([x], { q }) => ({
      shape: [q.length],
      dtype: x!.dtype,
      data: Float64Array.from(q, (value) => quantileOf([...x!.data], value, 'linear')),
    }),
    sample: (draw) => ({
      inputs: [{ shape: draw.shape({ empty: false }), values: 'distinct' }],
      params: { q: [draw.int(0, 8) / 8, draw.int(0, 7) / 7] },
    }),
  }),
  functionRow<{ axes: number }>({
    name: 'median',
    dtypes: [['f32']],
    call: ([x], options) => median(x!, options),
    reference: ([x], { axes }) =>
      withoutAxis(
        alongAxis(x!, axes, 1, x!.dtype, (line) => [quantileOf(line, 0.5, 'midpoint')]),
        axes,
      ),
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1, maxRank: 3, maxSize: 9, empty: false });
      return {
        inputs: [{ shape, values: 'distinct' }],
        params: { axes: draw.int(-shape.length, shape.length - 1) },
      };
    },
  }),
];

export const sortRows: FunctionRow[] = [...orders, ...quantiles];
