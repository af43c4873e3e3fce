import { type DType, isComplex } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { contiguousStrides, sizeOf } from '../../shape.js';
import { type BadCall, type Draw, type FunctionRow, functionRow } from '../row.js';
import { centredFft, centredIfft, fftshift, ifftshift } from './centred.js';
import { fft, fft2, fftn, ifft, ifft2, ifftn } from './fft.js';
import { fftfreq } from './fftfreq.js';
import type { FftNorm, FftnOptions, FftOptions, ShiftOptions } from './options.js';
import { type IrfftOptions, irfft, rfft } from './realFft.js';

interface Formula {
  readonly axes: readonly number[];
  readonly inverse: boolean;
  readonly norm?: FftNorm | undefined;
  readonly centred?: boolean;
}

/** The sum over all indices of all axes at once, angles straight from the definition. */
function definingSum(
  x: HostValue,
  { axes, inverse, norm = 'backward', centred = false }: Formula,
): HostValue {
  const along = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const sizes = along.map((axis) => x.shape[axis]!);
  const strides = contiguousStrides(x.shape);
  const count = sizeOf(sizes);
  const parts = isComplex(x.dtype) ? 2 : 1;
  const scale =
    norm === 'ortho' ? 1 / Math.sqrt(count) : norm === (inverse ? 'backward' : 'forward') ? 1 / count : 1;
  const data = new Float64Array(2 * sizeOf(x.shape));
  // place of the i-th entry of the transformed block relative to its first, and its centred index
  const steps = contiguousStrides(sizes);
  const indices = Array.from({ length: count }, (_, i) => sizes.map((n, a) => Math.floor(i / steps[a]!) % n));
  const places = indices.map((index) => index.reduce((sum, j, a) => sum + j * strides[along[a]!]!, 0));
  const origin = sizes.map((n) => (centred ? Math.floor(n / 2) : 0));
  for (let first = 0; first < sizeOf(x.shape); first++) {
    if (along.some((axis) => Math.floor(first / strides[axis]!) % x.shape[axis]! !== 0)) continue;
    for (const [k, outIndex] of indices.entries()) {
      const at = 2 * (first + places[k]!);
      for (const [j, inIndex] of indices.entries()) {
        const turns = inIndex.reduce(
          (sum, m, a) => sum + (((m - origin[a]!) * (outIndex[a]! - origin[a]!)) % sizes[a]!) / sizes[a]!,
          0,
        );
        const phase = (inverse ? 2 : -2) * Math.PI * turns;
        const re = x.data[parts * (first + places[j]!)]!;
        const im = parts === 2 ? x.data[2 * (first + places[j]!) + 1]! : 0;
        data[at]! += scale * (re * Math.cos(phase) - im * Math.sin(phase));
        data[at + 1]! += scale * (re * Math.sin(phase) + im * Math.cos(phase));
      }
    }
  }
  return { shape: x.shape, dtype: 'c128', data };
}

/** x with its entries moved by ⌊n/2⌋ (`sign` 1) or ⌈n/2⌉ along the axes. */
function shiftedEntries(
  x: HostValue,
  axes: readonly number[] | undefined,
  round: (half: number) => number,
): HostValue {
  const along = (axes ?? x.shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  const strides = contiguousStrides(x.shape);
  const parts = isComplex(x.dtype) ? 2 : 1;
  const data = x.data.slice();
  for (let i = 0; i < sizeOf(x.shape); i++) {
    const to = x.shape.reduce((sum, n, axis) => {
      const index = Math.floor(i / strides[axis]!) % n;
      return sum + (along.includes(axis) ? (index + round(n / 2)) % n : index) * strides[axis]!;
    }, 0);
    for (let p = 0; p < parts; p++) data[parts * to + p] = x.data[parts * i + p]!;
  }
  return { ...x, data };
}

const norms: readonly (FftNorm | undefined)[] = ['backward', 'ortho', 'forward', undefined];
const floating: DType[][] = [['f32'], ['c64']];
const anyDType: DType[][] = [['f32'], ['c64'], ['i32'], ['u8'], ['bool']];
/** Lengths of every kind of pass: 2, 3, 4, 5, 7, larger primes, Bluestein's. */
const lengths = [6, 7, 8, 9, 11, 13, 20, 25, 37];

/** A small shape with, now and then, one longer axis. */
function drawShape(draw: Draw, minRank: number): number[] {
  const shape = draw.shape({ minRank, maxRank: Math.max(3, minRank), maxSize: 4 });
  if (draw.bool()) shape[draw.int(0, shape.length - 1)] = draw.pick(lengths);
  return shape;
}

/** `count` different axes in any order, some counted from the end. */
function drawAxes(draw: Draw, rank: number, count: number): number[] {
  const left = Array.from({ length: rank }, (_, i) => i);
  return Array.from({ length: count }, () => {
    const [axis] = left.splice(draw.int(0, left.length - 1), 1);
    return draw.bool() ? axis! : axis! - rank;
  });
}

const withoutUndefined = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;

const badNorm = (call: (x: never, options: never) => unknown): BadCall => ({
  what: 'an unknown norm',
  call: ([x]) => call(x as never, { norm: 'unitary' } as never),
});
const badOption = (call: (x: never, options: never) => unknown): BadCall => ({
  what: 'a misspelt option',
  call: ([x]) => call(x as never, { axs: 0 } as never),
});
const badAxes = (call: (x: never, options: never) => unknown): BadCall[] =>
  [[9], [0, 0], [0.5], 'all'].map((axes) => ({
    what: `axes ${String(axes)}`,
    call: ([x]) => call(x as never, { axes } as never),
  }));

const axisRow = (name: string, call: typeof fft, inverse: boolean): FunctionRow<FftOptions> =>
  functionRow<FftOptions>({
    name,
    call: ([x], options) => call(x!, options),
    reference: ([x], { axis = -1, norm }) => definingSum(x!, { axes: [axis], inverse, norm }),
    dtypes: floating,
    linear: 'complex',
    sample: (draw) => {
      const shape = drawShape(draw, 1);
      const axis = draw.int(-shape.length, shape.length - 1);
      return { inputs: [{ shape }], params: withoutUndefined({ axis, norm: draw.pick(norms) }) };
    },
    bad: [badNorm(call as never), badOption(call as never)],
  });

const axesRow = (
  name: string,
  call: (x: never, options: never) => unknown,
  { inverse, count, centred = false }: { inverse: boolean; count?: number; centred?: boolean },
): FunctionRow<FftnOptions> =>
  functionRow<FftnOptions>({
    name,
    call: ([x], options) => call(x as never, options as never) as never,
    reference: ([x], { axes, norm }) => {
      const all = x!.shape.map((_, i) => i);
      const list =
        (axes as number[] | undefined) ?? (name === 'fftn' || name === 'ifftn' ? all : all.slice(-2));
      return definingSum(x!, { axes: list, inverse, norm: centred ? 'ortho' : norm, centred });
    },
    dtypes: floating,
    linear: 'complex',
    sample: (draw) => {
      const shape = drawShape(draw, count ?? 2);
      const axes = draw.bool() ? drawAxes(draw, shape.length, count ?? draw.int(1, shape.length)) : undefined;
      const norm = centred ? undefined : draw.pick(norms);
      return { inputs: [{ shape }], params: withoutUndefined({ axes, norm }) };
    },
    bad: [badOption(call), ...badAxes(call), ...(centred ? [] : [badNorm(call)])],
  });

const shiftRow = (
  name: string,
  call: typeof fftshift,
  round: (half: number) => number,
): FunctionRow<ShiftOptions> =>
  functionRow<ShiftOptions>({
    name,
    call: ([x], options) => call(x!, options),
    reference: ([x], { axes }) => shiftedEntries(x!, axes as number[] | undefined, round),
    dtypes: anyDType,
    linear: 'complex',
    sample: (draw) => {
      const shape = draw.shape();
      const axes = draw.bool() ? drawAxes(draw, shape.length, draw.int(0, shape.length)) : undefined;
      return { inputs: [{ shape }], params: withoutUndefined({ axes }) };
    },
    bad: [badOption(call as never), ...badAxes(call as never)],
  });

/** The first ⌊n/2⌋ + 1 entries of the defining sum of a real value. */
function halfSpectrum(x: HostValue, axis: number, norm: FftNorm | undefined): HostValue {
  const whole = definingSum(x, { axes: [axis], inverse: false, norm });
  const along = axis < 0 ? axis + x.shape.length : axis;
  const n = x.shape[along]!;
  const shape = x.shape.map((size, i) => (i === along ? (n === 0 ? 0 : Math.floor(n / 2) + 1) : size));
  const inner = sizeOf(x.shape.slice(along + 1));
  const keep = (i: number) => Math.floor(i / 2 / inner) % n < shape[along]!;
  return { shape, dtype: 'c128', data: whole.data.filter((_, i) => keep(i)) };
}

/** Real part of the sum over the entries given and their mirror images. */
function hermitianSum(y: HostValue, n: number, axis: number, norm: FftNorm | undefined): HostValue {
  const along = axis < 0 ? axis + y.shape.length : axis;
  const inner = sizeOf(y.shape.slice(along + 1));
  const m = y.shape[along]!;
  const shape = y.shape.map((size, i) => (i === along ? n : size));
  const scale = norm === 'ortho' ? 1 / Math.sqrt(n) : norm === 'forward' ? 1 : 1 / n;
  const data = new Float64Array(sizeOf(shape));
  for (let i = 0; i < data.length; i++) {
    const [o, j, c] = [Math.floor(i / inner / n), Math.floor(i / inner) % n, i % inner];
    for (let k = 0; k < m; k++) {
      const at = 2 * ((o * m + k) * inner + c);
      const phase = (2 * Math.PI * ((j * k) % n)) / n;
      const weight = k === 0 || 2 * k === n ? 1 : 2;
      data[i]! += scale * weight * (y.data[at]! * Math.cos(phase) - y.data[at + 1]! * Math.sin(phase));
    }
  }
  return { shape, dtype: 'f64', data };
}

export const fftRows: FunctionRow[] = [
  axisRow('fft', fft, false),
  axisRow('ifft', ifft, true),
  functionRow<FftOptions>({
    name: 'fft:integers',
    call: ([x], options) => fft(x!, options),
    dtypes: [['i32'], ['u8'], ['bool']],
    gradient: 'integer input has no gradient',
    sample: (draw) => ({ inputs: [{ shape: drawShape(draw, 1) }], params: {} }),
  }),
  axesRow('fft2', fft2, { inverse: false, count: 2 }),
  axesRow('ifft2', ifft2, { inverse: true, count: 2 }),
  axesRow('fftn', fftn, { inverse: false }),
  axesRow('ifftn', ifftn, { inverse: true }),
  axesRow('centredFft', centredFft, { inverse: false, centred: true }),
  axesRow('centredIfft', centredIfft, { inverse: true, centred: true }),
  shiftRow('fftshift', fftshift, Math.floor),
  shiftRow('ifftshift', ifftshift, Math.ceil),
  functionRow<FftOptions>({
    name: 'rfft',
    call: ([x], options) => rfft(x!, options),
    reference: ([x], { axis = -1, norm }) => halfSpectrum(x!, axis, norm),
    dtypes: [['f32']],
    linear: 'real',
    sample: (draw) => {
      const shape = drawShape(draw, 1);
      const axis = draw.int(-shape.length, shape.length - 1);
      return { inputs: [{ shape }], params: withoutUndefined({ axis, norm: draw.pick(norms) }) };
    },
    bad: [
      { what: 'a complex tensor', call: ([x]) => rfft(fft(x!)) },
      badNorm(rfft as never),
      badOption(rfft as never),
    ],
  }),
  functionRow<IrfftOptions>({
    name: 'irfft',
    call: ([y], options) => irfft(y!, options),
    reference: ([y], { axis = -1, norm, n }) => hermitianSum(y!, n ?? 2 * y!.shape.at(axis)! - 2, axis, norm),
    dtypes: [['c64']],
    linear: 'real',
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1, maxRank: 3, maxSize: 4 });
      const axis = draw.int(-shape.length, shape.length - 1);
      const n = draw.pick([1, 2, 3, 5, 8, 9]);
      shape[axis < 0 ? axis + shape.length : axis] = Math.floor(n / 2) + 1;
      const isDefault = n % 2 === 0 && draw.bool();
      const params = { axis, norm: draw.pick(norms), n: isDefault ? undefined : n };
      return { inputs: [{ shape }], params: withoutUndefined(params) };
    },
    bad: [
      { what: 'a length that does not fit', call: ([y]) => irfft(y!, { n: 1000 }) },
      badNorm(irfft as never),
      badOption(irfft as never),
    ],
  }),
  functionRow<{ n: number; spacing: number }>({
    name: 'fftfreq',
    call: (_, { n, spacing }) => fftfreq(n, spacing),
    dtypes: [[]],
    gradient: 'a constant without inputs',
    reference: (_, { n, spacing }) => {
      const half = Math.floor(n / 2);
      const data = Float64Array.from({ length: n }, (_, k) =>
        Math.fround((((k + half) % n) - half) / (n * spacing)),
      );
      return { shape: [n], dtype: 'f32', data };
    },
    sample: (draw) => ({ inputs: [], params: { n: draw.int(1, 12), spacing: draw.pick([1, 0.5, 2]) } }),
    bad: [
      { what: 'no entries', call: () => fftfreq(0) },
      { what: 'a negative spacing', call: () => fftfreq(4, -1) },
      { what: 'a complex dtype', call: () => fftfreq(4, 1, { dtype: 'c64' }) },
    ],
  }),
];
