import { wgslStep } from '../../backend/webgpu/kernelText.js';
import type { WgslOperand, WgslPlan, WgslStep, WgslTarget, WgslWord } from '../../backend/webgpu/plan.js';
import type { DType } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import type { Extents } from './span.js';
import { cutTile, groupSize, rowLoop, type Tile, tileText, tileWords, treeText } from './tile.wgsl.js';

/** What a reduction carries along, as WGSL names it. */
export type StateType = 'i32' | 'vec2i' | 'vec2f' | 'vec4f';

/** An associative reduction. */
export interface WgslFold {
  /** `sum/f32` */
  readonly name: string;
  /** What it computes: opens the source. */
  readonly equation: string;
  readonly state: StateType;
  /** WGSL of the state of nothing. */
  readonly identity: string;
  /** WGSL functions, among them those named below. */
  readonly declarations: string;
  /** WGSL of the state with the element `value` of row `k` taken in. */
  readonly enter: (state: string, value: string, k: string) => string;
  /** Name of the function of two states, the first standing for earlier rows or none. */
  readonly combine: string;
  /** Operands and WGSL statements that store the finished `state` of result `e`. */
  readonly results: Readonly<Record<string, WgslOperand>>;
  readonly finish: string;
  readonly words?: Readonly<Record<string, WgslWord>>;
}

/** Where states are stored between stages: how many elements of which dtype, and WGSL to read and write them. */
interface StateMemory {
  readonly dtype: DType;
  readonly bytes: number;
  readonly load: (name: string, at: string) => string;
  readonly store: (name: string, at: string, state: string) => string;
}

export const stateMemory: Readonly<Record<StateType, StateMemory>> = {
  i32: {
    dtype: 'i32',
    bytes: 4,
    load: (name, at) => `load_${name}(${at})`,
    store: (name, at, state) => `store_${name}(${at}, ${state});`,
  },
  vec2i: {
    dtype: 'i32',
    bytes: 8,
    load: (name, at) => `vec2i(load_${name}(2u * (${at})), load_${name}(2u * (${at}) + 1u))`,
    store: (name, at, state) =>
      `store_${name}(2u * (${at}), ${state}.x); store_${name}(2u * (${at}) + 1u, ${state}.y);`,
  },
  vec2f: {
    dtype: 'c64',
    bytes: 8,
    load: (name, at) => `load_${name}(${at})`,
    store: (name, at, state) => `store_${name}(${at}, ${state});`,
  },
  vec4f: {
    dtype: 'c64',
    bytes: 16,
    load: (name, at) => `vec4f(load_${name}(2u * (${at})), load_${name}(2u * (${at}) + 1u))`,
    store: (name, at, state) =>
      `store_${name}(2u * (${at}), ${state}.xy); store_${name}(2u * (${at}) + 1u, ${state}.zw);`,
  },
};

/** What a stage reads: operands, and WGSL that takes the element at `at` of row `k` in. */
export interface Feed {
  readonly operands: Readonly<Record<string, WgslOperand>>;
  readonly load: (at: string) => string;
  readonly enter: (state: string, value: string, k: string) => string;
}

/** Where a stage leaves its states. */
export interface Sink {
  readonly operands: Readonly<Record<string, WgslOperand>>;
  /** WGSL statements that store `state`: of outer index `o`, block `block` and column `i`. */
  readonly store: string;
}

export const inputFeed = (fold: WgslFold, dtype: DType): Feed => ({
  operands: { x: { source: { input: 0 }, dtype, access: 'read' } },
  load: (at) => `load_x(${at})`,
  enter: fold.enter,
});

/** States that a stage before has left in a temporary. */
export const stateFeed = ({ state, combine }: WgslFold, name: string, temp: number): Feed => ({
  operands: { [name]: { source: { temp }, dtype: stateMemory[state].dtype, access: 'read' } },
  load: (at) => stateMemory[state].load(name, at),
  enter: (running, value) => `${combine}(${running}, ${value})`,
});

export const partialSink = (state: StateType, temp: number): Sink => ({
  operands: { total: { source: { temp }, dtype: stateMemory[state].dtype, access: 'write' } },
  store: stateMemory[state].store('total', '(o * p.blocks + block) * p.inner + i', 'state'),
});

const resultSink = ({ results, finish }: WgslFold): Sink => ({
  operands: results,
  store: `let e = o * p.inner + i;\n${finish}`,
});

/**
 * Reduces [outer, n, inner] in stages: work groups reduce blocks of rows, and further stages the results of
 * the blocks until one is left. One pass over x, and over a small part of it per further stage.
 *
 * @param inCache whether the first stage reads its blocks twice.
 */
export function foldPlan<A>(
  call: KernelCall<A>,
  target: WgslTarget,
  fold: WgslFold,
  extents: Extents,
  firstStage = (tile: Tile, sink: Sink) =>
    foldStep(call, target, fold, tile, inputFeed(fold, call.inputs[0]!.dtype), sink),
  inCache = false,
): WgslPlan {
  const steps: WgslStep[] = [];
  const temps: number[] = [];
  let tile = cutTile(extents, inCache);
  let stage = firstStage;
  while (tile.blocks > 1) {
    const temp = temps.length;
    const { outer, blocks, inner } = tile;
    temps.push(outer * blocks * inner * stateMemory[fold.state].bytes);
    steps.push(stage(tile, partialSink(fold.state, temp)));
    stage = (next, sink) => foldStep(call, target, fold, next, stateFeed(fold, 'partial', temp), sink);
    tile = cutTile({ outer, n: blocks, inner });
  }
  steps.push(stage(tile, resultSink(fold)));
  return { steps, temps };
}

/** One stage: every work group reduces a block of rows of its columns. `rowAt` says which row is the k-th. */
export function foldStep<A>(
  call: KernelCall<A>,
  target: WgslTarget,
  fold: WgslFold,
  tile: Tile,
  feed: Feed,
  sink: Sink,
  rowAt = (k: string): string => k,
): WgslStep {
  const at = (k: string): string => `base + (${rowAt(k)}) * p.inner`;
  return wgslStep(call, {
    name: `reduce/${fold.name}`,
    about: `${fold.equation}\n1 pass over the rows of a block; invocations side by side read side by side`,
    operands: { ...feed.operands, ...sink.operands },
    words: { ...tileWords(tile), ...fold.words },
    workgroupSize: groupSize,
    groups: tile.groups,
    usesSubgroups: target.subgroupSize > 1,
    declarations: `${fold.declarations}
var<workgroup> states: array<${fold.state}, ${groupSize}>;`,
    body: `${tileText}
let base = o * p.n * p.inner + i;
var state = ${fold.identity};
${rowLoop(
  (k) => feed.load(at(k)),
  (value, k) => `state = ${feed.enter('state', value, k)};`,
)}
${treeText(fold.combine, 'states', target)}
if (row == 0u && inside) {
${sink.store}
}`,
  });
}
