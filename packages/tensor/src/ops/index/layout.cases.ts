import { type DType, dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { reshape } from '../view/index.js';
import { concat, stack } from './concat.js';
import { diagonal, trace, tril, triu } from './diagonal.js';
import { embed } from './embed.js';
import { roll } from './roll.js';

const anyDType: DType[][] = [['f32'], ['c64'], ['i32'], ['u8'], ['bool']];
const pairs: DType[][] = [
  ['f32', 'f32'],
  ['c64', 'c64'],
  ['i32', 'i32'],
  ['bool', 'bool'],
];

type Index = readonly number[];

/** The value whose entry at an index is that of one of the inputs, or a constant. */
export function compose(
  inputs: readonly HostValue[],
  shape: Index,
  source: (index: Index) => { readonly from: number; readonly at: Index } | number,
): HostValue {
  const { dtype } = inputs[0]!;
  const { array, bytes, parts } = dtypeInfo[dtype];
  const data = new array(new ArrayBuffer(sizeOf(shape) * bytes));
  const strides = contiguousStrides(shape);
  for (let i = 0; i < sizeOf(shape); i++) {
    const found = source(shape.map((n, axis) => Math.floor(i / strides[axis]!) % n));
    if (typeof found === 'number') data[i * parts] = found;
    else {
      const input = inputs[found.from]!;
      const flat = found.at.reduce((sum, k, axis) => sum * input.shape[axis]! + k, 0);
      for (let part = 0; part < parts; part++) data[i * parts + part] = input.data[flat * parts + part]!;
    }
  }
  return { shape, dtype, data };
}

const replace = (index: Index, axis: number, value: number): number[] =>
  index.map((k, i) => (i === axis ? value : k));

interface EmbedParams {
  readonly shape: number[];
  readonly start: number[];
  readonly step: number[];
  readonly fill: [number];
}

const embeds: FunctionRow[] = ([0, 3] as const).map((fill) =>
  functionRow<EmbedParams>({
    name: fill === 0 ? 'embed' : 'embed:value',
    dtypes: fill === 0 ? anyDType : anyDType.slice(0, 4),
    ...(fill === 0 ? { linear: 'complex' as const } : {}),
    call: ([x], { shape, start, step }) => embed(x!, shape, { start, step, value: fill }),
    reference: ([x], { shape, start, step }) =>
      compose([x!], shape, (index) => {
        const at = index.map((k, axis) => (k - start[axis]!) / step[axis]!);
        const isInside = at.every((k, axis) => Number.isInteger(k) && k >= 0 && k < x!.shape[axis]!);
        return isInside ? { from: 0, at: at.map(Math.abs) } : fill;
      }),
    sample: (draw) => {
      const shape = draw.shape({ maxRank: 3 });
      const step = shape.map(() => draw.pick([1, 1, 2, -1, -3]));
      const before = shape.map(() => draw.int(0, 2));
      const span = shape.map((n, i) => Math.max(0, n - 1) * Math.abs(step[i]!));
      const start = shape.map((_, i) => before[i]! + (step[i]! < 0 ? span[i]! : 0));
      const target = shape.map((n, i) => before[i]! + span[i]! + (n > 0 ? 1 : 0) + draw.int(0, 2));
      return { inputs: [{ shape }], params: { shape: target, start, step, fill: [fill] } };
    },
    bad: [
      { what: 'a target that is too small', call: ([x]) => embed(x!, [], { start: [1] }) },
      {
        what: 'a step of 0',
        call: ([x], { shape }) => embed(x!, [...shape, 9], { step: [...shape.map(() => 0), 0] }),
      },
      { what: 'another rank', call: ([x], { shape }) => embed(x!, [...shape, 9]) },
      { what: 'a value of text', call: ([x], { shape }) => embed(x!, shape, { value: 'one' as never }) },
    ],
  }),
);

const sampleAlong = (draw: Draw, extra: number) => {
  const shape = draw.shape({ minRank: 1 - extra, maxRank: 3 });
  const rank = shape.length + extra;
  return { shape, axis: draw.int(-rank, rank - 1) };
};

const joins: FunctionRow[] = [
  functionRow<{ axis: number }>({
    name: 'concat',
    dtypes: pairs,
    linear: 'complex',
    call: (inputs, { axis }) => concat(inputs, axis),
    reference: (inputs, { axis }) => {
      const [a, b] = inputs as [HostValue, HostValue];
      const along = (axis + a.shape.length) % a.shape.length;
      const n = a.shape[along]!;
      return compose(inputs, replace(a.shape, along, n + b.shape[along]!), (index) =>
        index[along]! < n
          ? { from: 0, at: index }
          : { from: 1, at: replace(index, along, index[along]! - n) },
      );
    },
    sample: (draw) => {
      const { shape, axis } = sampleAlong(draw, 0);
      const other = replace(shape, (axis + shape.length) % shape.length, draw.int(0, 4));
      return { inputs: [{ shape }, { shape: other }], params: { axis } };
    },
    bad: [
      { what: 'no tensors', call: () => concat([]) },
      { what: 'one tensor instead of a list', call: ([x]) => concat(x as never) },
      { what: 'ranks that differ', call: ([x]) => concat([x!, stack([x!])]) },
    ],
  }),
  functionRow<{ axis: number }>({
    name: 'stack',
    dtypes: pairs,
    linear: 'complex',
    call: (inputs, { axis }) => stack(inputs, axis),
    reference: (inputs, { axis }) => {
      const { shape } = inputs[0]!;
      const along = (axis + shape.length + 1) % (shape.length + 1);
      return compose(inputs, [...shape.slice(0, along), 2, ...shape.slice(along)], (index) => ({
        from: index[along]!,
        at: index.filter((_, i) => i !== along),
      }));
    },
    sample: (draw) => {
      const { shape, axis } = sampleAlong(draw, 1);
      return { inputs: [{ shape }, { shape }], params: { axis } };
    },
    bad: [
      { what: 'shapes that differ', call: ([x]) => stack([x!, stack([x!])]) },
      { what: 'no tensors', call: () => stack([]) },
    ],
  }),
  functionRow<{ shift: number[]; axes: number[] }>({
    name: 'roll',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { shift, axes }) => roll(x!, shift, axes),
    reference: ([x], { shift, axes }) =>
      compose([x!], x!.shape, (index) => {
        const at = [...index];
        axes.forEach((axis, i) => {
          const along = (axis + at.length) % at.length;
          const n = x!.shape[along]!;
          at[along] = (((at[along]! - shift[i]!) % n) + n) % n;
        });
        return { from: 0, at };
      }),
    sample: (draw) => {
      const shape = draw.shape();
      const axes = shape.map((_, i) => i - (draw.bool() ? shape.length : 0)).filter(() => draw.bool());
      return { inputs: [{ shape }], params: { shift: axes.map(() => draw.int(-7, 7)), axes } };
    },
    bad: [
      { what: 'fewer shifts than axes', call: ([x]) => roll(stack([x!]), [], [0]) },
      { what: 'a fractional shift', call: ([x]) => roll(stack([x!]), 0.5) },
      { what: 'an axis out of range', call: ([x]) => roll(x!, 1, 9) },
    ],
  }),
];

const sampleMatrix = (draw: Draw) => ({
  inputs: [{ shape: draw.shape({ minRank: 2 }) }],
  params: { offset: draw.int(-3, 3) },
});

/** Entries of the diagonal that starts `offset` right of the corner. */
function diagonalOf(x: HostValue, offset: number): HostValue {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const cells = Array.from({ length: rows }, (_, i) => i).filter(
    (i) => i + offset >= 0 && i + offset < columns,
  );
  return compose([x], [...x.shape.slice(0, -2), cells.length], (index) => {
    const row = cells[index.at(-1)!]!;
    return { from: 0, at: [...index.slice(0, -1), row, row + offset] };
  });
}

const matrices: FunctionRow[] = [
  functionRow<{ offset: number }>({
    name: 'diagonal',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { offset }) => diagonal(x!, { offset }),
    reference: ([x], { offset }) => diagonalOf(x!, offset),
    sample: sampleMatrix,
    bad: [
      { what: 'one axis twice', call: ([x]) => diagonal(x!, { axes: [0, 0] }) },
      { what: 'a vector', call: ([x]) => diagonal(reshape(x!, [-1])) },
    ],
  }),
  functionRow<{ offset: number }>({
    name: 'trace',
    dtypes: [['f32'], ['c64']],
    linear: 'complex',
    call: ([x], { offset }) => trace(x!, { offset }),
    reference: ([x], { offset }) => {
      const entries = diagonalOf(x!, offset);
      const shape = entries.shape.slice(0, -1);
      const { array, parts } = dtypeInfo[x!.dtype];
      const data = new array(new ArrayBuffer(sizeOf(shape) * dtypeInfo[x!.dtype].bytes));
      const n = entries.shape.at(-1)!;
      entries.data.forEach((value, i) => {
        data[Math.floor(i / parts / n) * parts + (i % parts)]! += value;
      });
      return { shape, dtype: x!.dtype, data };
    },
    sample: sampleMatrix,
  }),
  ...([tril, triu] as const).map((triangle) =>
    functionRow<{ offset: number }>({
      name: triangle === tril ? 'tril' : 'triu',
      dtypes: anyDType,
      linear: 'complex',
      call: ([x], { offset }) => triangle(x!, offset),
      reference: ([x], { offset }) =>
        compose([x!], x!.shape, (index) => {
          const [i, j] = index.slice(-2) as [number, number];
          return (triangle === tril ? j <= i + offset : j >= i + offset) ? { from: 0, at: index } : 0;
        }),
      sample: sampleMatrix,
    }),
  ),
];

export const layoutRows: FunctionRow[] = [...embeds, ...joins, ...matrices];
