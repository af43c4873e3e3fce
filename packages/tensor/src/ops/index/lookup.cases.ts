import { type DType, dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { cast, full, iota } from '../elementwise/index.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { slice } from '../view/index.js';
import { compose } from './layout.cases.js';
import { gather, scatterAdd, take, takeAdjoint } from './lookup.js';
import { oneHot } from './oneHot.js';

interface Along {
  readonly axis: number;
}

const wrap = (axis: number, rank: number): number => (axis + rank) % rank;
const readable: DType[][] = (['f32', 'c64', 'i32', 'u8', 'bool'] as const).map((dtype) => [dtype, 'i32']);
const flatIndex = (shape: readonly number[], index: readonly number[]): number =>
  index.reduce((sum, k, axis) => sum * shape[axis]! + k, 0);

/** Adds every update to the place that `target` names, in an array that starts as given. */
function accumulate(
  start: HostValue,
  updates: HostValue,
  target: (index: readonly number[]) => readonly number[] | undefined,
): HostValue {
  const { parts } = dtypeInfo[start.dtype];
  const data = start.data.slice();
  const strides = contiguousStrides(updates.shape);
  for (let i = 0; i < sizeOf(updates.shape); i++) {
    const place = target(updates.shape.map((n, axis) => Math.floor(i / strides[axis]!) % n));
    for (let part = 0; part < parts && place; part++)
      data[flatIndex(start.shape, place) * parts + part]! += updates.data[i * parts + part]!;
  }
  return { ...start, data };
}

const zeros = (shape: readonly number[], dtype: DType): HostValue => ({
  shape,
  dtype,
  data: new dtypeInfo[dtype].array(new ArrayBuffer(sizeOf(shape) * dtypeInfo[dtype].bytes)),
});

/** A shape, an axis of it that is not empty, and index shapes no larger elsewhere. */
function sampleAligned(draw: Draw) {
  const shape = draw.shape({ minRank: 1, maxRank: 3, empty: false });
  const axis = draw.int(-shape.length, shape.length - 1);
  const along = wrap(axis, shape.length);
  const picked = shape.map((n, i) =>
    i === along ? draw.int(0, 6) : draw.int(0, 4) > 0 ? n : draw.int(1, n),
  );
  return { shape, axis, picked, size: shape[along]! };
}

const badIndices = (call: (x: never, indices: never, axis: number) => unknown) => [
  {
    what: 'indices that are no integers',
    call: ([x, k]: readonly unknown[]) => call(x as never, cast(k as never, 'f32') as never, 0),
  },
  { what: 'an axis out of range', call: ([x, k]: readonly unknown[]) => call(x as never, k as never, 9) },
];

const aligned: FunctionRow[] = [
  functionRow<Along>({
    name: 'gather',
    dtypes: readable,
    gradient: [0],
    linear: 'complex',
    call: ([x, k], { axis }) => gather(x!, k!, axis),
    reference: ([x, k], { axis }) => {
      const along = wrap(axis, x!.shape.length);
      return compose([x!], k!.shape, (index) => ({
        from: 0,
        at: index.map((i, a) => (a === along ? k!.data[flatIndex(k!.shape, index)]! : i)),
      }));
    },
    sample: (draw) => {
      const { shape, axis, picked, size } = sampleAligned(draw);
      return { inputs: [{ shape }, { shape: picked, values: { low: 0, high: size } }], params: { axis } };
    },
    bad: [...badIndices(gather), { what: 'another rank', call: ([x, k]) => gather(slice(x!, [0]), k!, 0) }],
  }),
  functionRow<Along>({
    name: 'scatterAdd',
    dtypes: (['f32', 'c64', 'i32'] as const).map((dtype) => [dtype, 'i32', dtype]),
    gradient: [0, 2],
    linear: 'complex',
    call: ([x, k, u], { axis }) => scatterAdd(x!, k!, u!, axis),
    reference: ([x, k, u], { axis }) => {
      const along = wrap(axis, x!.shape.length);
      return accumulate(x!, u!, (index) => {
        const place = k!.data[flatIndex(k!.shape, index)]!;
        if (place < 0 || place >= x!.shape[along]!) return undefined;
        return index.map((i, a) => (a === along ? place : i));
      });
    },
    sample: (draw) => {
      const { shape, axis, picked, size } = sampleAligned(draw);
      const indices = { shape: picked, values: { low: -1, high: size + 1 } };
      return { inputs: [{ shape }, indices, { shape: picked }], params: { axis } };
    },
    bad: [
      {
        what: 'updates of another shape',
        call: ([x, k, u], { axis }) => scatterAdd(x!, k!, slice(u!, [0]), axis),
      },
    ],
  }),
];

const shared: FunctionRow[] = [
  functionRow<Along>({
    name: 'take',
    dtypes: readable,
    gradient: [0],
    linear: 'complex',
    call: ([x, k], { axis }) => take(x!, k!, axis),
    reference: ([x, k], { axis }) => {
      const along = wrap(axis, x!.shape.length);
      const shape = [...x!.shape.slice(0, along), ...k!.shape, ...x!.shape.slice(along + 1)];
      return compose([x!], shape, (index) => {
        const pick = k!.data[flatIndex(k!.shape, index.slice(along, along + k!.shape.length))]!;
        return { from: 0, at: [...index.slice(0, along), pick, ...index.slice(along + k!.shape.length)] };
      });
    },
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1, maxRank: 3, empty: false });
      const axis = draw.int(-shape.length, shape.length - 1);
      const values = { low: 0, high: shape.at(axis)! };
      return { inputs: [{ shape }, { shape: draw.shape({ maxRank: 2 }), values }], params: { axis } };
    },
    bad: badIndices(take),
  }),
  functionRow<Along & { size: number }>({
    name: 'takeAdjoint',
    dtypes: (['f32', 'c64', 'i32'] as const).map((dtype) => ['i32', dtype]),
    gradient: [1],
    linear: 'complex',
    call: ([k, u], { axis, size }) => takeAdjoint(k!, u!, axis, size),
    reference: ([k, u], { axis, size }) => {
      const rank = k!.shape.length;
      const along = wrap(axis, u!.shape.length - rank + 1);
      const start = zeros([...u!.shape.slice(0, along), size, ...u!.shape.slice(along + rank)], u!.dtype);
      return accumulate(start, u!, (index) => {
        const place = k!.data[flatIndex(k!.shape, index.slice(along, along + rank))]!;
        if (place < 0 || place >= size) return undefined;
        return [...index.slice(0, along), place, ...index.slice(along + rank)];
      });
    },
    sample: (draw) => {
      const [before, placed, after] = [
        draw.shape({ maxRank: 2 }),
        draw.shape({ maxRank: 2 }),
        draw.shape({ maxRank: 1 }),
      ];
      const size = draw.int(1, 5);
      const axis = before.length - (draw.bool() ? before.length + 1 + after.length : 0);
      const indices = { shape: placed, values: { low: -1, high: size + 1 } };
      return { inputs: [indices, { shape: [...before, ...placed, ...after] }], params: { axis, size } };
    },
    bad: [
      {
        what: 'updates of another shape',
        call: () => takeAdjoint(iota(3), full([2], 1), 0, 3),
      },
    ],
  }),
  functionRow<{ classes: number }>({
    name: 'oneHot',
    dtypes: [['i32'], ['u8']],
    gradient: 'integer input',
    call: ([k], { classes }) => oneHot(k!, classes),
    reference: ([k], { classes }) => {
      const data = new Float32Array(sizeOf(k!.shape) * classes);
      k!.data.forEach((c, i) => {
        if (c >= 0 && c < classes) data[i * classes + c] = 1;
      });
      return { shape: [...k!.shape, classes], dtype: 'f32', data };
    },
    sample: (draw) => {
      const classes = draw.int(0, 5);
      return {
        inputs: [{ shape: draw.shape({ maxRank: 3 }), values: { low: 0, high: classes + 1 } }],
        params: { classes },
      };
    },
    bad: [{ what: 'fractions as classes', call: ([k]) => oneHot(cast(k!, 'f32'), 3) }],
  }),
];

export const lookupRows: FunctionRow[] = [...aligned, ...shared];
