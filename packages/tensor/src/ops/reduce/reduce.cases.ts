import { type DType, dtypeInfo, isComplex, realOf } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { complex } from '../elementwise/index.js';
import { type Draw, type FunctionRow, functionRow, type ValueRule } from '../row.js';
import { reshape, slice } from '../view/index.js';
import { argmax, argmin } from './argExtremum.js';
import type { ReduceOptions } from './axes.js';
import { cumsum } from './cumsum.js';
import { max, min } from './extremum.js';
import { all, any, countNonzero } from './logical.js';
import { logSumExp } from './logSumExp.js';
import { moments } from './moments.js';
import { norm } from './norm.js';
import { mean, std, variance } from './statistics.js';
import { sum } from './sum.js';

type Pair = readonly [re: number, im: number];

const anyDType: DType[][] = [['f32'], ['c64'], ['i32'], ['u8'], ['bool']];
const realDTypes: DType[][] = [['f32'], ['i32'], ['u8'], ['bool']];
const floats: DType[][] = [['f32'], ['c64']];

/** Every group of elements that is reduced to one, mapped by `formula`. */
function reduceHost(
  x: HostValue,
  { axes, keepDims }: ReduceOptions,
  dtype: DType,
  formula: (entries: readonly Pair[]) => number | Pair,
): HostValue {
  const rank = x.shape.length;
  const listed = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes;
  const reduced = listed.map((axis) => (axis + rank) % rank);
  const kept = x.shape.map((n, i) => (reduced.includes(i) ? 1 : n));
  const groups: Pair[][] = Array.from({ length: sizeOf(kept) }, () => []);
  const [strides, keptStrides] = [contiguousStrides(x.shape), contiguousStrides(kept)];
  const { parts } = dtypeInfo[x.dtype];
  for (let i = 0; i < sizeOf(x.shape); i++) {
    let group = 0;
    kept.forEach((n, axis) => {
      if (n > 1) group += (Math.floor(i / strides[axis]!) % x.shape[axis]!) * keptStrides[axis]!;
    });
    groups[group]!.push([x.data[i * parts]!, parts === 2 ? x.data[i * 2 + 1]! : 0]);
  }
  const results = groups
    .map(formula)
    .map((value) => (typeof value === 'number' ? [value, 0] : value) as Pair);
  const { array } = dtypeInfo[dtype];
  const data = new array(new ArrayBuffer(results.length * dtypeInfo[dtype].bytes));
  data.set(isComplex(dtype) ? results.flat() : results.map(([re]) => re));
  return { shape: keepDims ? kept : kept.filter((_, i) => !reduced.includes(i)), dtype, data };
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const meanOf = (entries: readonly Pair[]): Pair => [
  total(entries.map(([re]) => re)) / entries.length,
  total(entries.map(([, im]) => im)) / entries.length,
];
const squaredDeviations = (entries: readonly Pair[]): number => {
  const [re, im] = meanOf(entries);
  return total(entries.map((z) => (z[0] - re) ** 2 + (z[1] - im) ** 2));
};
const moduli = (entries: readonly Pair[]): number[] => entries.map(([re, im]) => Math.hypot(re, im));

/** One axis, some or all, counted from either end; and whether they are kept. */
function drawReduction(draw: Draw, rank: number): ReduceOptions {
  const either = (axis: number): number => (draw.bool() ? axis : axis - rank);
  const chosen = Array.from({ length: rank }, (_, i) => i).filter(() => draw.bool());
  const single = rank > 0 && draw.int(0, 3) === 0;
  const axes = single ? either(draw.int(0, rank - 1)) : draw.int(0, 3) === 0 ? undefined : chosen.map(either);
  return { ...(axes === undefined ? {} : { axes }), ...(draw.bool() ? { keepDims: draw.bool() } : {}) };
}

const sampler =
  (rule: (dtype: DType) => ValueRule, empty = false) =>
  (draw: Draw, [dtype]: readonly DType[]) => {
    const shape = draw.shape({ empty });
    return { inputs: [{ shape, values: rule(dtype!) }], params: drawReduction(draw, shape.length) };
  };

const isFloat = (dtype: DType): boolean =>
  dtypeInfo[dtype].kind === 'float' || dtypeInfo[dtype].kind === 'complex';

const badAxes = (call: (x: never, options: never) => unknown) => [
  { what: 'an axis out of range', call: ([x]: readonly unknown[]) => call(x as never, { axes: 9 } as never) },
  {
    what: 'an axis that is no integer',
    call: ([x]: readonly unknown[]) => call(x as never, { axes: 0.5 } as never),
  },
  { what: 'a misspelt option', call: ([x]: readonly unknown[]) => call(x as never, { axis: 0 } as never) },
  {
    what: 'keepDims as text',
    call: ([x]: readonly unknown[]) => call(x as never, { keepDims: 'yes' } as never),
  },
  { what: 'options null', call: ([x]: readonly unknown[]) => call(x as never, null as never) },
];

const badOrder = (call: (x: Tensor) => unknown) => [
  { what: 'complex numbers', call: ([x]: readonly Tensor[]) => call(complex(x!, 0)) },
  { what: 'an empty axis', call: ([x]: readonly Tensor[]) => call(slice(reshape(x!, [-1]), [[0, 0]])) },
];

const sums: FunctionRow[] = [
  functionRow<ReduceOptions>({
    name: 'sum',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], options) => sum(x!, options),
    reference: ([x], options) =>
      reduceHost(x!, options, isFloat(x!.dtype) ? x!.dtype : 'i32', (entries) => [
        total(entries.map(([re]) => re)),
        total(entries.map(([, im]) => im)),
      ]),
    sample: sampler(() => 'normal', true),
    bad: badAxes(sum),
  }),
  functionRow<ReduceOptions>({
    name: 'mean',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], options) => mean(x!, options),
    reference: ([x], options) => reduceHost(x!, options, isFloat(x!.dtype) ? x!.dtype : 'f32', meanOf),
    sample: sampler(() => 'normal'),
    bad: badAxes(mean),
  }),
  functionRow<{ axis: number; reverse: boolean }>({
    name: 'cumsum',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { axis, reverse }) => cumsum(x!, { axis, reverse }),
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1 });
      return {
        inputs: [{ shape }],
        params: { axis: draw.int(-shape.length, shape.length - 1), reverse: draw.bool() },
      };
    },
    bad: [{ what: 'reverse as text', call: ([x]) => cumsum(x!, { reverse: 'yes' as never }) }],
  }),
];

const norms: FunctionRow[] = (['1', '2', 'Infinity'] as const).map((ord) =>
  functionRow<ReduceOptions>({
    name: `norm:${ord}`,
    dtypes: floats,
    call: ([x], options) => norm(x!, { ...options, ord: Number(ord) }),
    reference: ([x], options) =>
      reduceHost(x!, options, realOf(x!.dtype), (entries) =>
        ord === '1'
          ? total(moduli(entries))
          : ord === '2'
            ? Math.hypot(...moduli(entries))
            : Math.max(...moduli(entries)),
      ),
    sample: sampler(() => (ord === 'Infinity' ? 'positive' : 'awayFromZero')),
    bad: [...badAxes(norm), { what: 'ord 3', call: ([x]) => norm(x!, { ord: 3 }) }],
  }),
);

type DispersionParams = ReduceOptions & { readonly correction: number };

const dispersion = (name: 'variance' | 'std'): FunctionRow<DispersionParams> => ({
  name,
  dtypes: floats,
  call: ([x], options) => (name === 'std' ? std : variance)(x!, options),
  reference: ([x], options) =>
    reduceHost(x!, options, realOf(x!.dtype), (entries) => {
      const value = squaredDeviations(entries) / (entries.length - options.correction);
      return name === 'std' ? Math.sqrt(value) : value;
    }),
  sample: (draw, [dtype]) => {
    // at least two elements in every group: the deviation of one is 0, a kink of std
    const shape = draw.shape({ minRank: 1, empty: false }).map((n) => n + 1);
    const axes = [draw.int(0, shape.length - 1)];
    const values: ValueRule = dtype === 'f32' ? 'distinct' : 'normal';
    return {
      inputs: [{ shape, values }],
      params: { axes, keepDims: draw.bool(), correction: draw.int(0, 1) },
    };
  },
  bad: [
    ...badAxes(name === 'std' ? std : variance),
    { what: 'too few elements', call: ([x]) => (name === 'std' ? std : variance)(x!, { correction: 1e6 }) },
  ],
});

const spreads: FunctionRow[] = [
  functionRow<ReduceOptions>({
    name: 'moments',
    dtypes: floats,
    call: ([x], options) => {
      const result = moments(x!, options);
      return [result.mean, result.variance];
    },
    reference: ([x], options) => [
      reduceHost(x!, options, x!.dtype, meanOf),
      reduceHost(x!, options, realOf(x!.dtype), (entries) => squaredDeviations(entries) / entries.length),
    ],
    sample: sampler(() => 'normal'),
    bad: badAxes(moments),
  }),
  functionRow(dispersion('variance')),
  functionRow(dispersion('std')),
  functionRow<ReduceOptions>({
    name: 'logSumExp',
    dtypes: [['f32']],
    call: ([x], options) => logSumExp(x!, options),
    reference: ([x], options) =>
      reduceHost(x!, options, x!.dtype, (entries) => Math.log(total(entries.map(([re]) => Math.exp(re))))),
    sample: sampler(() => 'normal'),
    bad: badAxes(logSumExp),
  }),
];

const extrema: FunctionRow[] = [
  ...([max, min] as const).map((extremum) =>
    functionRow<ReduceOptions>({
      name: extremum === max ? 'max' : 'min',
      dtypes: realDTypes,
      call: ([x], options) => extremum(x!, options),
      reference: ([x], options) =>
        reduceHost(x!, options, x!.dtype, (entries) =>
          (extremum === max ? Math.max : Math.min)(...entries.map(([re]) => re)),
        ),
      sample: sampler((dtype) => (dtype === 'f32' ? 'distinct' : 'normal')),
      bad: [...badAxes(extremum), ...badOrder(extremum)],
    }),
  ),
  ...([argmax, argmin] as const).map((extremum) =>
    functionRow<ReduceOptions>({
      name: extremum === argmax ? 'argmax' : 'argmin',
      dtypes: realDTypes,
      gradient: 'integer result',
      call: ([x], options) => extremum(x!, options),
      reference: ([x], options) =>
        reduceHost(x!, options, 'i32', (entries) => {
          const values = entries.map(([re]) => re);
          return values.indexOf((extremum === argmax ? Math.max : Math.min)(...values));
        }),
      sample: sampler(() => 'normal'),
      bad: [...badAxes(extremum), ...badOrder(extremum)],
    }),
  ),
];

const logical: FunctionRow[] = [
  functionRow<ReduceOptions>({
    name: 'any',
    dtypes: anyDType,
    gradient: 'bool result',
    call: ([x], options) => any(x!, options),
    reference: ([x], options) =>
      reduceHost(x!, options, 'bool', (entries) => Number(entries.some(([re, im]) => re !== 0 || im !== 0))),
    sample: sampler(() => 'normal', true),
    bad: badAxes(any),
  }),
  functionRow<ReduceOptions>({
    name: 'all',
    dtypes: anyDType,
    gradient: 'bool result',
    call: ([x], options) => all(x!, options),
    reference: ([x], options) =>
      reduceHost(x!, options, 'bool', (entries) => Number(entries.every(([re, im]) => re !== 0 || im !== 0))),
    sample: sampler(() => 'normal', true),
    bad: badAxes(all),
  }),
  functionRow<ReduceOptions>({
    name: 'countNonzero',
    dtypes: anyDType,
    gradient: 'integer result',
    call: ([x], options) => countNonzero(x!, options),
    reference: ([x], options) =>
      reduceHost(x!, options, 'i32', (entries) => entries.filter(([re, im]) => re !== 0 || im !== 0).length),
    sample: sampler(() => 'normal', true),
    bad: badAxes(countNonzero),
  }),
];

export const reduceRows: FunctionRow[] = [...sums, ...norms, ...spreads, ...extrema, ...logical];
