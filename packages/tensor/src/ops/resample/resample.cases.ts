import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { cast } from '../elementwise/index.js';
import { type Draw, type FunctionRow, functionRow } from '../row.js';
import { unsqueeze } from '../view/index.js';
import { avgPool2d } from './avgPool.js';
import { axisMap } from './axisMap.js';
import { mapLines } from './mapLines.js';
import { type PadMode, pad } from './pad.js';
import { resize } from './resize.js';
import { type MatrixEntry, sparseMatrix } from './sparseMatrix.js';

const floating: FunctionRow['dtypes'] = [['f32'], ['c64']];

interface MatrixParams {
  matrix: { rows: number; columns: number; entries: MatrixEntry[] };
  axis: number;
}

const axisMapRow = functionRow<MatrixParams>({
  name: 'axisMap',
  dtypes: floating,
  linear: 'complex',
  call: ([x], { matrix: { rows, columns, entries }, axis }) =>
    axisMap(x!, sparseMatrix(rows, columns, entries), { axis }),
  reference: ([x], { matrix: { rows, entries }, axis }) =>
    mapLines(x!, axis < 0 ? axis + x!.shape.length : axis, rows, (line, i) =>
      entries.reduce((sum, [row, column, weight]) => (row === i ? sum + weight * line(column) : sum), 0),
    ),
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1, maxSize: 9 });
    const axis = draw.int(-shape.length, shape.length - 1);
    const columns = shape.at(axis)!;
    const rows = draw.int(0, 9);
    const count = rows * columns === 0 ? 0 : draw.int(0, 20);
    const entries = Array.from(
      { length: count },
      (): MatrixEntry => [draw.int(0, rows - 1), draw.int(0, columns - 1), draw.int(-8, 8) / 4],
    );
    return { inputs: [{ shape }], params: { matrix: { rows, columns, entries }, axis } };
  },
  bad: [
    {
      what: 'a matrix of other width',
      call: ([x], { axis }) => axisMap(x!, sparseMatrix(2, x!.shape.at(axis)! + 1, []), { axis }),
    },
    { what: 'no matrix', call: ([x]) => axisMap(x!, [[1]] as never) },
    {
      what: 'integers',
      call: ([x]) => axisMap(cast(unsqueeze(x!, 0), 'i32'), sparseMatrix(1, 1, []), { axis: 0 }),
    },
    { what: 'an unknown option', call: ([x]) => axisMap(x!, sparseMatrix(1, 1, []), { axes: 0 } as never) },
  ],
});

/** Continuation of a line of n samples, one reflection or period at a time; −1 for a constant. */
function walkInside(mode: PadMode, i: number, n: number): number {
  while (i < 0 || i >= n) {
    const before = i < 0;
    if (mode === 'constant') return -1;
    if (mode === 'replicate' || n === 1) return before ? 0 : n - 1;
    if (mode === 'circular') i += before ? n : -n;
    if (mode === 'symmetric') i = before ? -1 - i : 2 * n - 1 - i;
    if (mode === 'reflect') i = before ? -i : 2 * (n - 1) - i;
  }
  return i;
}

interface PadParams {
  pads: [number, number][];
  value: number;
}

function samplePads(draw: Draw, mode: PadMode): { inputs: { shape: number[] }[]; params: PadParams } {
  const shape = draw.shape({ minRank: 1 });
  const padded = shape.slice(draw.int(0, shape.length));
  const pads = padded.map((n): [number, number] => {
    if (n === 0 && mode !== 'constant') return [0, 0];
    const before = draw.int(-n, n + 3);
    return [before, draw.int(Math.max(-n, -n - before), n + 3)];
  });
  return { inputs: [{ shape }], params: { pads, value: mode === 'constant' ? draw.int(-2, 2) : 0 } };
}

function padReference(x: HostValue, mode: PadMode, { pads, value }: PadParams): HostValue {
  const first = x.shape.length - pads.length;
  if (mode !== 'constant' || dtypeInfo[x.dtype].parts === 1)
    return pads.reduce((y, [before, after], k) => {
      const n = y.shape[first + k]!;
      return mapLines(y, first + k, before + n + after, (line, i) => {
        const from = walkInside(mode, i - before, n);
        return from < 0 ? value : line(from);
      });
    }, x);
  // the real value goes to the real parts only
  const part = (p: number, v: number) => {
    const data = Float64Array.from({ length: x.data.length / 2 }, (_, i) => x.data[2 * i + p]!);
    return padReference({ shape: x.shape, dtype: 'f64', data }, mode, { pads, value: v });
  };
  const [re, im] = [part(0, value), part(1, 0)];
  const data = Float64Array.from({ length: 2 * re.data.length }, (_, i) => (i % 2 ? im : re).data[i >> 1]!);
  return { shape: re.shape, dtype: x.dtype, data };
}

const padRow = (mode: PadMode) =>
  functionRow<PadParams>({
    name: `pad:${mode}`,
    dtypes: mode === 'constant' ? [...floating, ['i32']] : floating,
    // a constant other than 0 makes the map affine
    ...(mode === 'constant' ? {} : { linear: 'complex' as const }),
    call: ([x], { pads, value }) => pad(x!, pads, { mode, value }),
    reference: ([x], params) => padReference(x!, mode, params),
    sample: (draw) => samplePads(draw, mode),
    bad: [
      {
        what: 'more pads than axes',
        call: ([x]) =>
          pad(
            x!,
            [...x!.shape, 0].map(() => [1, 1]),
            { mode },
          ),
      },
      { what: 'a crop beyond the axis', call: ([x]) => pad(x!, [[-x!.shape.at(-1)! - 1, 0]], { mode }) },
      { what: 'a fractional pad', call: ([x]) => pad(x!, [[0.5, 0]], { mode }) },
      { what: 'pads that are no pairs', call: ([x]) => pad(x!, [1, 1] as never, { mode }) },
      { what: 'an unknown mode', call: ([x]) => pad(x!, [[1, 1]], { mode: 'mirror' as never }) },
    ],
  });

const lastTwo = (draw: Draw): number[] => [
  ...draw.shape({ maxRank: 2, maxSize: 3 }),
  draw.int(1, 9),
  draw.int(1, 9),
];

interface ResizeParams {
  size: [number, number];
  alignCorners: boolean;
}

/** Interpolation as a sum of hat functions at the clamped source position; nearest by counting. */
function resizeReference(
  x: HostValue,
  mode: 'nearest' | 'bilinear',
  { size, alignCorners }: ResizeParams,
): HostValue {
  return size.reduce((y, to, k) => {
    const axis = y.shape.length - 2 + k;
    const from = y.shape[axis]!;
    return mapLines(y, axis, to, (line, i) => {
      if (mode === 'nearest') {
        let source = 0;
        while ((source + 1) * to <= i * from) source++;
        return line(source);
      }
      const position = alignCorners ? i * ((from - 1) / Math.max(1, to - 1)) : (i + 0.5) * (from / to) - 0.5;
      const clamped = Math.min(Math.max(position, 0), from - 1);
      let sum = 0;
      for (let j = 0; j < from; j++) sum += Math.max(0, 1 - Math.abs(clamped - j)) * line(j);
      return sum;
    });
  }, x);
}

const resizeRow = (mode: 'nearest' | 'bilinear') =>
  functionRow<ResizeParams>({
    name: `resize:${mode}`,
    dtypes: floating,
    linear: 'complex',
    call: ([x], { size, alignCorners }) => resize(x!, size, { mode, alignCorners }),
    reference: ([x], params) => resizeReference(x!, mode, params),
    sample: (draw) => ({
      inputs: [{ shape: lastTwo(draw) }],
      params: {
        size: [draw.int(1, 12), draw.int(1, 12)],
        alignCorners: mode === 'bilinear' && draw.bool(),
      },
    }),
    bad: [
      { what: 'size 0', call: ([x]) => resize(x!, [0, 2], { mode }) },
      { what: 'one size', call: ([x]) => resize(x!, [2] as never, { mode }) },
      { what: 'an unknown mode', call: ([x]) => resize(x!, [2, 2], { mode: 'bicubic' as never }) },
      {
        what: 'alignCorners no boolean',
        call: ([x]) => resize(x!, [2, 2], { mode, alignCorners: 1 as never }),
      },
    ],
  });

interface PoolParams {
  kernel: [number, number];
  stride: [number, number];
  padding: [number, number];
  countIncludePad: boolean;
}

function poolReference(x: HostValue, { kernel, stride, padding, countIncludePad }: PoolParams): HostValue {
  return kernel.reduce((y, size, k) => {
    const axis = y.shape.length - 2 + k;
    const n = y.shape[axis]!;
    const outputs = Math.floor((n + 2 * padding[k]! - size) / stride[k]!) + 1;
    return mapLines(y, axis, outputs, (line, i) => {
      let [sum, count] = [0, 0];
      for (let a = 0; a < size; a++) {
        const j = i * stride[k]! + a - padding[k]!;
        if (j < 0 || j >= n) continue;
        sum += line(j);
        count++;
      }
      return sum / (countIncludePad ? size : count);
    });
  }, x);
}

const avgPoolRow = functionRow<PoolParams>({
  name: 'avgPool2d',
  dtypes: floating,
  linear: 'complex',
  call: ([x], params) => avgPool2d(x!, params),
  reference: ([x], params) => poolReference(x!, params),
  sample: (draw) => {
    const shape = lastTwo(draw);
    const kernel = shape.slice(-2).map((n) => draw.int(1, Math.min(4, n))) as [number, number];
    const stride: [number, number] = [draw.int(1, 4), draw.int(1, 4)];
    const padding = kernel.map((size) => draw.int(0, Math.floor(size / 2))) as [number, number];
    return { inputs: [{ shape }], params: { kernel, stride, padding, countIncludePad: draw.bool() } };
  },
  bad: [
    { what: 'a window larger than the image', call: ([x]) => avgPool2d(x!, { kernel: 100 }) },
    { what: 'no window', call: ([x]) => avgPool2d(x!, {} as never) },
    { what: 'stride 0', call: ([x]) => avgPool2d(x!, { kernel: 1, stride: 0 }) },
    { what: 'padding above half the window', call: ([x]) => avgPool2d(x!, { kernel: 1, padding: 1 }) },
    { what: 'a misspelt option', call: ([x]) => avgPool2d(x!, { kernel: 1, strides: 1 } as never) },
  ],
});

const padModes: PadMode[] = ['constant', 'reflect', 'symmetric', 'replicate', 'circular'];

export const resampleRows: FunctionRow[] = [
  axisMapRow,
  ...padModes.map(padRow),
  resizeRow('nearest'),
  resizeRow('bilinear'),
  avgPoolRow,
];
