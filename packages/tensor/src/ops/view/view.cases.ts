import { type DType, dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { flip, type Range, slice, split } from './slice.js';
import {
  contiguous,
  expand,
  identity,
  moveAxis,
  reshape,
  squeeze,
  swapAxes,
  transpose,
  unsqueeze,
} from './view.js';

const anyDType: DType[][] = [['f32'], ['c64'], ['i32'], ['u8'], ['bool']];

/** The value whose entry at `index` is x's entry at `source(index)`. */
function pick(
  x: HostValue,
  shape: readonly number[],
  source: (index: readonly number[]) => readonly number[],
): HostValue {
  const { array, bytes, parts } = dtypeInfo[x.dtype];
  const strides = contiguousStrides(x.shape);
  const outStrides = contiguousStrides(shape);
  const count = sizeOf(shape);
  const out = new array(new ArrayBuffer(count * bytes));
  for (let i = 0; i < count; i++) {
    const index = shape.map((n, axis) => Math.floor(i / outStrides[axis]!) % n);
    const from = source(index).reduce((sum, k, axis) => sum + k * strides[axis]!, 0);
    for (let p = 0; p < parts; p++) out[i * parts + p] = x.data[from * parts + p]!;
  }
  return { shape, dtype: x.dtype, data: out };
}

const sampleShape = (draw: Draw) => ({ inputs: [{ shape: draw.shape() }], params: {} });

function shuffled(draw: Draw, n: number): number[] {
  const axes = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = draw.int(0, i);
    [axes[i], axes[j]] = [axes[j]!, axes[i]!];
  }
  return axes;
}

const randomRange = (draw: Draw, n: number): Range => {
  if (n > 0 && draw.int(0, 5) === 0) return draw.int(-n, n - 1);
  if (draw.int(0, 5) === 0) return null;
  const end = () => (draw.int(0, 3) === 0 ? null : draw.int(-n - 2, n + 2));
  return [end(), end(), draw.pick([1, 2, 3, -1, -2, null])];
};

/** Positions a range takes, by Python's rules spelt out one by one. */
function positions(range: Range, n: number): number[] {
  if (range === null || range === undefined) return Array.from({ length: n }, (_, i) => i);
  if (typeof range === 'number') return [range < 0 ? range + n : range];
  const step = range[2] ?? 1;
  const wrap = (value: number) => (value < 0 ? value + n : value);
  const taken: number[] = [];
  if (step > 0) {
    const stop = range[1] == null ? n : Math.min(wrap(range[1]), n);
    for (let i = range[0] == null ? 0 : Math.max(wrap(range[0]), 0); i < stop; i += step) taken.push(i);
  } else {
    const stop = range[1] == null ? -1 : Math.max(wrap(range[1]), -1);
    for (let i = range[0] == null ? n - 1 : Math.min(wrap(range[0]), n - 1); i > stop; i += step)
      taken.push(i);
  }
  return taken;
}

export const viewRows: FunctionRow[] = [
  functionRow({
    name: 'identity',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x]) => identity(x!),
    reference: ([x]) => x!,
    sample: sampleShape,
  }),
  functionRow({
    name: 'contiguous',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x]) => contiguous(x!),
    reference: ([x]) => x!,
    sample: sampleShape,
  }),
  functionRow<{ shape: number[] }>({
    name: 'reshape',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { shape }) => reshape(x!, shape),
    reference: ([x], { shape }) => ({
      ...x!,
      shape: shape.map((n) => (n === -1 ? sizeOf(x!.shape) / -sizeOf(shape) : n)),
    }),
    sample: (draw) => {
      const [a, b, c] = [draw.int(1, 4), draw.int(1, 4), draw.int(1, 4)];
      return {
        inputs: [{ shape: [a, b, c] }],
        params: { shape: draw.pick([[a * b, c], [-1, a], [c, b, a], [a, 1, b * c], [a * b * c], [b, -1]]) },
      };
    },
    bad: [
      { what: 'another element count', call: ([x]) => reshape(x!, [x!.size + 1]) },
      { what: 'two open sizes', call: ([x]) => reshape(x!, [-1, -1]) },
      { what: 'no shape', call: ([x]) => reshape(x!, undefined as never) },
    ],
  }),
  functionRow<{ axes?: number[] }>({
    name: 'transpose',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { axes }) => transpose(x!, axes),
    reference: ([x], { axes }) => {
      const rank = x!.shape.length;
      const order = (axes ?? x!.shape.map((_, i) => rank - 1 - i)).map((axis) => (axis + rank) % rank);
      return pick(
        x!,
        order.map((axis) => x!.shape[axis]!),
        (index) => x!.shape.map((_, axis) => index[order.indexOf(axis)]!),
      );
    },
    sample: (draw) => {
      const shape = draw.shape();
      const axes = shuffled(draw, shape.length).map((axis) => (draw.bool() ? axis : axis - shape.length));
      return { inputs: [{ shape }], params: draw.bool() ? { axes } : {} };
    },
    bad: [
      { what: 'an axis named twice', call: ([x]) => transpose(reshape(x!, [-1, 1]), [0, 0]) },
      { what: 'an axis out of range', call: ([x]) => transpose(reshape(x!, [-1, 1]), [0, 2]) },
      { what: 'a missing axis', call: ([x]) => transpose(reshape(x!, [-1, 1]), [0]) },
    ],
  }),
  functionRow<{ from: number; to: number }>({
    name: 'moveAxis',
    dtypes: [['f32'], ['c64']],
    linear: 'complex',
    call: ([x], { from, to }) => moveAxis(x!, from, to),
    reference: ([x], { from, to }) => {
      const order = x!.shape.map((_, i) => i);
      order.splice(to, 0, ...order.splice(from, 1));
      return pick(
        x!,
        order.map((axis) => x!.shape[axis]!),
        (index) => x!.shape.map((_, axis) => index[order.indexOf(axis)]!),
      );
    },
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1 });
      return {
        inputs: [{ shape }],
        params: { from: draw.int(0, shape.length - 1), to: draw.int(0, shape.length - 1) },
      };
    },
  }),
  functionRow<{ a: number; b: number }>({
    name: 'swapAxes',
    dtypes: [['f32'], ['c64']],
    linear: 'complex',
    call: ([x], { a, b }) => swapAxes(x!, a, b),
    reference: ([x], { a, b }) => {
      const swap = (list: readonly number[]) => list.map((_, i) => list[i === a ? b : i === b ? a : i]!);
      return pick(x!, swap(x!.shape), swap);
    },
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1 });
      return {
        inputs: [{ shape }],
        params: { a: draw.int(0, shape.length - 1), b: draw.int(0, shape.length - 1) },
      };
    },
  }),
  functionRow<{ shape: number[] }>({
    name: 'expand',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { shape }) => expand(x!, shape),
    reference: ([x], { shape }) =>
      pick(x!, shape, (index) =>
        x!.shape.map((n, i) => (n === 1 ? 0 : index[i + shape.length - x!.shape.length]!)),
      ),
    sample: (draw) => {
      const shape = draw.shape();
      const small = shape.slice(draw.int(0, shape.length)).map((n) => (draw.bool() ? 1 : n));
      return { inputs: [{ shape: small }], params: { shape } };
    },
    bad: [
      {
        what: 'a size that does not broadcast',
        call: ([x]) => expand(expand(unsqueeze(x!, 0), [2, ...x!.shape]), [3, ...x!.shape]),
      },
      { what: 'a lower rank', call: ([x]) => expand(unsqueeze(x!, 0), []) },
    ],
  }),
  functionRow<{ axes?: number[] }>({
    name: 'squeeze',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { axes }) => squeeze(x!, axes),
    reference: ([x], { axes }) => ({
      ...x!,
      shape: x!.shape.filter((n, i) => (axes ? !axes.includes(i) : n !== 1)),
    }),
    sample: (draw) => {
      const shape = draw.shape({ maxSize: 3 });
      const ones = shape.flatMap((n, i) => (n === 1 ? [i] : []));
      return {
        inputs: [{ shape }],
        params: draw.bool() ? { axes: ones.slice(0, draw.int(0, ones.length)) } : {},
      };
    },
    bad: [{ what: 'an axis that is not 1', call: ([x]) => squeeze(expand(x!, [2, ...x!.shape]), 0) }],
  }),
  functionRow<{ axis: number }>({
    name: 'unsqueeze',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { axis }) => unsqueeze(x!, axis),
    reference: ([x], { axis }) => ({
      ...x!,
      shape: [...x!.shape.slice(0, axis), 1, ...x!.shape.slice(axis)],
    }),
    sample: (draw) => {
      const shape = draw.shape({ maxRank: 3 });
      return { inputs: [{ shape }], params: { axis: draw.int(0, shape.length) } };
    },
  }),
  functionRow<{ ranges: Range[] }>({
    name: 'slice',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { ranges }) => slice(x!, ranges),
    reference: ([x], { ranges }) => {
      const taken = x!.shape.map((n, axis) => positions(ranges[axis], n));
      const kept = taken.flatMap((_, axis) => (typeof ranges[axis] === 'number' ? [] : [axis]));
      return pick(
        x!,
        kept.map((axis) => taken[axis]!.length),
        (index) => taken.map((list, axis) => list[kept.includes(axis) ? index[kept.indexOf(axis)]! : 0]!),
      );
    },
    sample: (draw) => {
      const shape = draw.shape({ maxSize: 7 });
      const count = draw.int(0, shape.length);
      return {
        inputs: [{ shape }],
        params: { ranges: shape.slice(0, count).map((n) => randomRange(draw, n)) },
      };
    },
    bad: [
      {
        what: 'too many ranges',
        call: ([x]) =>
          slice(
            x!,
            Array.from({ length: x!.rank + 1 }, () => null),
          ),
      },
      { what: 'an index out of range', call: ([x]) => slice(unsqueeze(x!, 0), [1]) },
      { what: 'step 0', call: ([x]) => slice(unsqueeze(x!, 0), [[0, 1, 0]]) },
      { what: 'a fractional start', call: ([x]) => slice(unsqueeze(x!, 0), [[0.5]]) },
      { what: 'ranges that are no array', call: ([x]) => slice(x!, 3 as never) },
    ],
  }),
  functionRow<{ axes?: number[] }>({
    name: 'flip',
    dtypes: anyDType,
    linear: 'complex',
    call: ([x], { axes }) => flip(x!, axes),
    reference: ([x], { axes }) =>
      pick(x!, x!.shape, (index) =>
        index.map((i, axis) => (!axes || axes.includes(axis) ? x!.shape[axis]! - 1 - i : i)),
      ),
    sample: (draw) => {
      const shape = draw.shape();
      return {
        inputs: [{ shape }],
        params: draw.bool() ? { axes: shape.flatMap((_, i) => (draw.bool() ? [i] : [])) } : {},
      };
    },
    bad: [{ what: 'an axis out of range', call: ([x]) => flip(x!, [x!.rank]) }],
  }),
  functionRow<{ sizes: number[]; axis: number }>({
    name: 'split',
    dtypes: [['f32'], ['c64']],
    linear: 'complex',
    call: ([x], { sizes, axis }) => split(x!, sizes, axis),
    reference: ([x], { sizes, axis }) =>
      sizes.map((n, k) => {
        const start = sizes.slice(0, k).reduce((sum, m) => sum + m, 0);
        return pick(
          x!,
          x!.shape.map((m, i) => (i === axis ? n : m)),
          (index) => index.map((i, d) => (d === axis ? i + start : i)),
        );
      }),
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1 });
      const axis = draw.int(0, shape.length - 1);
      const first = draw.int(0, shape[axis]!);
      return { inputs: [{ shape }], params: { sizes: [first, shape[axis]! - first], axis } };
    },
    bad: [{ what: 'sizes that do not add up', call: ([x]) => split(unsqueeze(x!, 0), [2], 0) }],
  }),
];
