import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslPlan, WgslSource, WgslStep, WgslTarget } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { type AxisPass, axisPassKernel, fineShift, type TablePlaces } from './axisPass.wgsl.js';
import { chirpSpectrum, conjugateChirp } from './chirp.js';
import { convolutionLength, isDirect } from './factors.js';
import type { FftAttributes } from './fft.js';
import { TableBuilder } from './table.js';
import { capacityOf, complexBytes, levelsOf } from './tiling.wgsl.js';
import { unitRoot } from './unitRoot.js';

/** Size of the work arrays of transforms that take several passes: larger batches are done in parts. */
const workBytes = 128 * 2 ** 20;

/**
 * One axis after another; each with one read and one write of memory where a transform fits the memory of a work
 * group. Longer ones take two passes or three, as Stockham's algorithm with transforms in place of butterflies.
 */
export function fftWgsl(
  call: KernelCall<FftAttributes>,
  target: WgslTarget,
  batchBytes: number = workBytes,
): WgslPlan {
  const { shape } = call.inputs[0]!;
  const axes = call.attrs.axes.filter((axis) => shape[axis] !== 1).reverse();
  if (axes.length === 0) return { steps: [copyStep(call)] };
  return new FftPlan(call, target, batchBytes).make(axes);
}

/** Nothing to transform: y = scale·x. */
function copyStep(call: KernelCall<FftAttributes>): WgslStep {
  const size = sizeOf(call.inputs[0]!.shape);
  return wgslStep(call, {
    name: 'fft/copy',
    about: 'y = scale * x, the transform of length 1. One read, one write.',
    operands: {
      x: { source: { input: 0 }, dtype: 'c64', access: 'read' },
      y: { source: { output: 0 }, dtype: 'c64', access: 'write' },
    },
    words: { size: { type: 'u32', value: size }, scale: { type: 'f32', value: call.attrs.scale } },
    workgroupSize: 256,
    groups: Math.ceil(size / 256),
    body: 'let i = group * 256u + local;\nif (i < p.size) { store_y(i, p.scale * load_x(i)); }',
  });
}

/** All transforms along one axis of [outer, size, inner]. */
interface Sweep {
  readonly size: number;
  readonly outer: number;
  readonly inner: number;
  /** Of the transforms done: the size, or that of Bluestein's convolution. */
  readonly length: number;
}

class FftPlan {
  private readonly steps: WgslStep[] = [];
  private readonly table = new TableBuilder();
  /** By what they are for. */
  private readonly temporaries = new Map<string, { readonly source: WgslSource; bytes: number }>();

  constructor(
    private readonly call: KernelCall<FftAttributes>,
    private readonly target: WgslTarget,
    private readonly batchBytes: number,
  ) {}

  make(axes: readonly number[]): WgslPlan {
    const { shape } = this.call.inputs[0]!;
    const output: WgslSource = { output: 0 };
    let source: WgslSource = { input: 0 };
    axes.forEach((axis, i) => {
      const isLast = i === axes.length - 1;
      // what is stored in output 0 may be changed on the way: only results go there
      const isOutput = isLast || !this.call.store;
      const destination = isOutput ? output : this.temporary('between axes', sizeOf(shape) * complexBytes);
      this.sweep(sweepOf(shape, axis), source, destination, isLast ? this.call.attrs.scale : 1);
      source = destination;
    });
    const temps = [...this.temporaries.values()].map(({ bytes }) => bytes);
    return { steps: this.steps, temps, tables: [this.table.finish()] };
  }

  private sweep(sweep: Sweep, source: WgslSource, destination: WgslSource, scale: number): void {
    const { outer, inner, length } = sweep;
    const passes = passesOf(sweep, this.call.attrs, capacityOf(this.target));
    const tables = passes.map((pass) => this.tables(pass));
    const lineBytes = length * inner * complexBytes;
    const share = passes.length === 1 ? outer : Math.max(1, Math.floor(this.batchBytes / lineBytes));
    const work = (i: number) => this.temporary(`work ${i % 2}`, Math.min(share, outer) * lineBytes);
    for (let firstOuter = 0; firstOuter < outer; firstOuter += share)
      passes.forEach((pass, i) => {
        const place = {
          source: i === 0 ? source : work(i - 1),
          destination: i === passes.length - 1 ? destination : work(i),
          table: 0,
          tables: tables[i]!,
          outer: Math.min(share, outer - firstOuter),
          firstOuter,
          scale,
        };
        this.steps.push(wgslStep(this.call, axisPassKernel(pass, place, this.target)));
      });
  }

  private temporary(use: string, bytes: number): WgslSource {
    const known = this.temporaries.get(use);
    if (!known) {
      const source = { temp: this.temporaries.size };
      this.temporaries.set(use, { source, bytes });
      return source;
    }
    known.bytes = Math.max(known.bytes, bytes);
    return known.source;
  }

  private tables({ size, length, part, bluestein }: AxisPass): TablePlaces {
    const place = (key: string, values: () => readonly number[]) =>
      this.table.floats(key, values) / complexBytes;
    const roots = (count: number, step: number, n: number) =>
      place(`roots ${count} ${step}/${n}`, () => rootValues(count, step, n));
    const step = 2 ** fineShift(length);
    return {
      roots: roots(part, 1, part),
      ...(part < length && {
        coarse: roots(Math.ceil(length / step), step, length),
        fine: roots(step, 1, length),
      }),
      ...(bluestein && {
        chirp: place(`chirp ${size}`, () => conjugateChirp(size)),
        spectrum: place(`spectrum ${size}`, () => chirpSpectrum(size, length)),
      }),
    };
  }
}

/** exp(−2πi·k·step/n), k < count */
const rootValues = (count: number, step: number, n: number): number[] =>
  Array.from({ length: count }, (_, k) => unitRoot(-k * step, n)).flat();

function sweepOf(shape: readonly number[], axis: number): Sweep {
  const size = shape[axis]!;
  return {
    size,
    outer: sizeOf(shape.slice(0, axis)),
    inner: sizeOf(shape.slice(axis + 1)),
    length: isDirect(size) ? size : convolutionLength(size),
  };
}

/** Passes through memory; those of Bluestein's algorithm are of two transforms unless one work group does both. */
function passesOf(sweep: Sweep, { inverse, centred }: FftAttributes, capacity: number): AxisPass[] {
  const { size, inner, length } = sweep;
  const shared = { size, inner, length, inverse, centred };
  const levels = levelsOf(length, capacity);
  const isDirectSweep = length === size;
  if (levels.length === 1) {
    const bluestein = isDirectSweep ? undefined : ('whole' as const);
    return [{ ...shared, part: length, before: 1, reads: 'axis', writes: 'axis', bluestein }];
  }
  const transforms = isDirectSweep ? [undefined] : (['forward', 'back'] as const);
  return transforms.flatMap((bluestein, t) =>
    levels.map((part, level): AxisPass => {
      const before = levels.slice(0, level).reduce((a, b) => a * b, 1);
      const isFirst = t === 0 && level === 0;
      const isLast = t === transforms.length - 1 && level === levels.length - 1;
      const [reads, writes] = [isFirst ? 'axis' : 'work', isLast ? 'axis' : 'work'] as const;
      return { ...shared, part, before, reads, writes, bluestein };
    }),
  );
}
