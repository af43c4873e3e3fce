import {
  scratchBytes,
  type WasmArg,
  type WasmPlan,
  type WasmStep,
  type WasmTarget,
} from '../../backend/wasm/plan.js';
import type { Fusable, KernelCall } from '../../op.js';
import { sizeOf, type TensorType } from '../../shape.js';
import { loadBlock, storeBlock, storeStep } from '../elementwise/block.wasm.js';
import { transformCost } from './factors.js';
import type { FftAttributes } from './fft.js';
import { transformedRow } from './fftBlock.wasm.js';
import { type FusedWork, fusedArgs, type StoreWork } from './fusedWork.wasm.js';
import { fftKernel } from './interpreter.wasm.js';
import { type Arrangement, type Width, workBytes, writeProgram } from './program.js';
import { complexBytes } from './record.js';
import { listSweep } from './sweepWords.js';
import { TableBuilder } from './table.js';

/** A task should take about this long; a plan that takes less altogether is one task. */
const taskNs = 120_000;
/** With at least so many images one image is one task: its columns are transformed while it is in cache. */
const manyImages = 8;
/** Working memory for lengths that do not fit the threads' own, all tasks together. */
const temporaryBytes = 128 * 2 ** 20;

/** A group of columns stays in cache up to this size. */
const cachedBytes = 256 * 2 ** 10;

/** All transforms along one axis. */
interface Sweep {
  readonly n: number;
  readonly arrangement: Arrangement;
  /** Repetitions of the layout below, and their distance in bytes. */
  readonly outer: number;
  readonly outerBytes: number;
  /** Transforms side by side in one repetition, and their distance in bytes. */
  readonly lanes: number;
  readonly laneBytes: number;
}

/** Sweeps that a task does one after another, each on its own part of the groups. */
interface Phase {
  readonly sweeps: readonly Sweep[];
  readonly tasks: number;
  /** Repetitions (if there are several sweeps) or groups of each sweep in one task. */
  readonly share: number;
}

/**
 * Transforms that form a group, which one run of a program does. Sixteen columns fill cache lines and share the cost of reaching far-apart rows, where
 * there are so many and their working memory fits the threads' scratch. Rows come in fours.
 */
function widthOf({ n, arrangement, lanes }: Sweep): Width {
  if (arrangement.kind === 'rows') return 4;
  return ([16, 8] as const).find((width) => width <= lanes && workBytes(n, width) <= scratchBytes) ?? 4;
}
const groupsOf = (sweep: Sweep): number => Math.ceil(sweep.lanes / widthOf(sweep));
const groupCost = (sweep: Sweep): number => (widthOf(sweep) / 4) * transformCost(sweep.n);
const costOf = (sweep: Sweep): number => groupsOf(sweep) * groupCost(sweep);
const workBytesOf = (sweep: Sweep): number => workBytes(sweep.n, widthOf(sweep));

/**
 * Transforms one axis after another, four transforms at a time, each wholly in cache: one read and one
 * write of memory per axis. The last two axes of many images go image by image.
 */
export function fftWasm(call: KernelCall<FftAttributes>, target: WasmTarget): WasmPlan {
  const { inputs, attrs } = call;
  const { shape, axes } = withoutUnitAxes(inputs[0]!.shape, attrs.axes);
  const table = new TableBuilder();
  const phases = phasesOf(shape, axes);
  const last = phases.length - 1;
  const load = loadBlock(call, 0, 1);
  const by = storeBy(phases[last]!);
  const store = by && storeBlock(call, load ? 2 : 1);
  const steps = phases.map((phase, i) =>
    writeStep(target, table, phase, {
      ...attrs,
      scale: i === last ? attrs.scale : 1,
      readsInput: i === 0,
      load: i === 0 ? load : undefined,
      store: i === last && store ? { ...store, by } : undefined,
    }),
  );
  if (call.store && !store) steps.push(storeStep(call, target));
  const temporary = Math.max(...phases.map(temporaryOf));
  const tables = [load, store].flatMap((block) => (block ? [block.table] : []));
  return { steps, tables: [table.finish(), ...tables], temps: temporary > 0 ? [temporary] : [] };
}

/**
 * Element-wise work can go into the load where the first sweep is over rows, and into the store where there is
 * a sweep at all. The load may begin with another transform of the same rows.
 */
export function fftFuses([x]: readonly TensorType[], attrs: FftAttributes): Fusable {
  const axes = attrs.axes.filter((axis) => x!.shape[axis] !== 1);
  const isLast = axes.some((axis) => x!.shape.slice(axis + 1).every((n) => n === 1));
  const takes: Fusable['takes'] = (...maker) => transformedRow(...maker) !== undefined;
  return { loads: isLast ? [0] : [], store: axes.length > 0, takes };
}

/** When the store's work is best done; undefined: after all sweeps, for groups that do not stay in cache. */
function storeBy({ sweeps }: Phase): StoreWork['by'] | undefined {
  const sweep = sweeps.at(-1)!;
  if (sweeps.length > 1) return 'task';
  if (sweep.arrangement.kind === 'rows') return 'rows';
  if (sweep.n * widthOf(sweep) * complexBytes > cachedBytes) return undefined;
  return groupsOf(sweep) === 1 ? 'repetition' : 'columns';
}

function withoutUnitAxes(shape: readonly number[], axes: readonly number[]) {
  const kept = shape.flatMap((n, axis) => (n === 1 ? [] : [axis]));
  const keptAxes = axes.filter((axis) => shape[axis] !== 1).map((axis) => kept.indexOf(axis));
  // nothing to transform: lengths 1, that is a scaled copy
  if (keptAxes.length === 0) return { shape: [1, sizeOf(shape)], axes: [0] };
  return { shape: kept.map((axis) => shape[axis]!), axes: keptAxes };
}

function phasesOf(shape: readonly number[], axes: readonly number[]): Phase[] {
  const rank = shape.length;
  const remaining = [...axes].sort((a, b) => b - a);
  const phases: Phase[] = [];
  if (remaining[0] === rank - 1 && remaining[1] === rank - 2) {
    const sweeps = [imageRows(shape), columnsOf(shape, rank - 2)];
    const { outer: images } = sweeps[0]!;
    const perImage = costOf(sweeps[0]!) + costOf(sweeps[1]!);
    if (images >= manyImages || images * perImage < taskNs) {
      const share = Math.min(images, Math.ceil(taskNs / perImage));
      phases.push({ sweeps, share, tasks: Math.ceil(images / share) });
      remaining.splice(0, 2);
    }
  }
  for (const axis of remaining)
    phases.push(singlePhase(axis === rank - 1 ? allRows(shape) : columnsOf(shape, axis)));
  return phases;
}

function singlePhase(sweep: Sweep): Phase {
  const groups = sweep.outer * groupsOf(sweep);
  let share = Math.ceil(taskNs / groupCost(sweep));
  const bytes = workBytesOf(sweep);
  if (bytes > scratchBytes) share = Math.ceil(groups / Math.max(1, Math.floor(temporaryBytes / bytes)));
  return { sweeps: [sweep], share, tasks: Math.ceil(groups / share) };
}

function columnsOf(shape: readonly number[], axis: number): Sweep {
  const n = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  return {
    n,
    arrangement: { kind: 'columns', stride: inner * complexBytes },
    outer: sizeOf(shape.slice(0, axis)),
    outerBytes: n * inner * complexBytes,
    lanes: inner,
    laneBytes: complexBytes,
  };
}

function imageRows(shape: readonly number[]): Sweep {
  const [height, n] = shape.slice(-2) as [number, number];
  const stride = n * complexBytes;
  return {
    n,
    arrangement: { kind: 'rows', stride },
    outer: sizeOf(shape.slice(0, -2)),
    outerBytes: height * stride,
    lanes: height,
    laneBytes: stride,
  };
}

const allRows = (shape: readonly number[]): Sweep =>
  imageRows([1, sizeOf(shape.slice(0, -1)), shape.at(-1)!]);

/** Bytes of working memory per task, 0 where a thread's own scratch is enough. */
function taskWorkBytes({ sweeps }: Phase): number {
  const bytes = Math.max(...sweeps.map(workBytesOf));
  return bytes > scratchBytes ? bytes : 0;
}
const temporaryOf = (phase: Phase): number => phase.tasks * taskWorkBytes(phase);

/** What a step does besides its sweeps. */
interface StepWork extends FftAttributes, FusedWork {
  readonly readsInput: boolean;
}

function writeStep(target: WasmTarget, table: TableBuilder, phase: Phase, work: StepWork): WasmStep {
  const { sweeps, tasks, share } = phase;
  const bytes = taskWorkBytes(phase);
  const args: WasmArg[] = [
    { table: 0 },
    bytes > 0 ? { temp: 0 } : 0,
    bytes,
    sweeps.length,
    ...fusedArgs(work),
  ];
  sweeps.forEach((sweep, i) => {
    const scale = i === sweeps.length - 1 ? work.scale : 1;
    const [whole, four, narrow] = writePrograms(table, sweep, { ...work, scale });
    const perOuter = groupsOf(sweep);
    const words = {
      input: work.readsInput && i === 0 ? { input: 0 } : { output: 0 },
      output: { output: 0 },
      groups: sweep.outer * perOuter,
      perTask: sweeps.length > 1 ? share * perOuter : share,
      perOuter,
      outerBytes: sweep.outerBytes,
      laneBytes: sweep.laneBytes,
      lanes: sweep.lanes,
      width: widthOf(sweep),
      whole,
      four,
      narrow,
    };
    args.push(...listSweep(words));
  });
  return { code: fftKernel(target, sweeps.length as 1 | 2, work), tasks, args };
}

/** Programs for a whole group, for four of its transforms and for fewer; rows use one for all. */
function writePrograms(
  table: TableBuilder,
  sweep: Sweep,
  attrs: FftAttributes,
): readonly [number, number, number] {
  const width = widthOf(sweep);
  const write = (columns: Width) => writeProgram(table, { ...sweep, ...attrs, width: columns });
  const whole = write(width);
  if (sweep.arrangement.kind === 'rows') return [whole, whole, whole];
  return [whole, width === 4 ? whole : write(4), sweep.lanes % 4 === 0 ? whole : write(3)];
}
