import { type FunctionBuilder, type I32, i32, type Local } from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg, WasmTarget } from '../../backend/wasm/plan.js';
import type { Block, BlockRange } from '../elementwise/block.wasm.js';
import { complexBytes } from './record.js';
import type { SweepWords } from './sweepWords.js';

/** Element-wise work that a kernel does on the way. */
export interface FusedWork {
  /** Computes the rows of the first sweep where they will be transformed, right before that. */
  readonly load?: Block | undefined;
  /** Finishes results of the last sweep. */
  readonly store?: StoreWork | undefined;
}

export interface StoreWork extends Block {
  /**
   * `rows`, `columns` or the whole `repetition` right after a group was transformed; all repetitions of a `task`
   * at its end.
   */
  readonly by: 'rows' | 'columns' | 'repetition' | 'task';
}

/** Transforms of one group: where they begin, in bytes, and how many they are. */
export interface GroupPart {
  readonly offset: Local<'i32'>;
  readonly lanes: Local<'i32'>;
}

/** Emits the work for a group. */
export type GroupWork = (words: SweepWords<I32>, part: GroupPart) => void;

export interface DefinedWork {
  readonly load?: GroupWork | undefined;
  readonly storeGroup?: GroupWork | undefined;
  readonly storeTask?: ((words: SweepWords<I32>) => void) | undefined;
}

export const fusedArgs = ({ load, store }: FusedWork): WasmArg[] => [
  ...(load?.args ?? []),
  ...(store?.args ?? []),
];

export const fusedKey = ({ load, store }: FusedWork): string =>
  `${load ? `|load ${load.key}` : ''}${store ? `|store by ${store.by} ${store.key}` : ''}`;

/** Adds the evaluators to the module. Their words start at argument word `base`. */
export function defineWork(
  f: FunctionBuilder,
  scope: KernelScope,
  target: WasmTarget,
  { load, store }: FusedWork,
  base: number,
): DefinedWork {
  const define = (block: Block | undefined, first: number) => {
    const evaluate = block?.define(scope, target);
    // working memory is free between programs
    return evaluate && ((range: BlockRange) => evaluate(f, scope.argAddress(first), scope.scratch, range));
  };
  const [before, after] = [define(load, base), define(store, base + (load?.args.length ?? 0))];
  const by = store?.by ?? 'task';
  return {
    load: before && ((words, part) => before(groupRange(f, 'rows', words, part))),
    storeGroup: after && by !== 'task' ? (words, part) => after(groupRange(f, by, words, part)) : undefined,
    storeTask: after && by === 'task' ? (words) => after(taskRange(f, scope.task, words)) : undefined,
  };
}

const toElements = (bytes: I32): I32 => i32.shrU(bytes, Math.log2(complexBytes));

function groupRange(
  f: FunctionBuilder,
  by: Exclude<StoreWork['by'], 'task'>,
  { output, outerBytes, laneBytes, lanes: all }: SweepWords<I32>,
  { offset, lanes }: GroupPart,
): BlockRange {
  const first = toElements(offset);
  const address = f.let(i32.add(output, offset));
  if (by === 'rows') return { first, address, count: i32.mul(lanes, toElements(laneBytes)) };
  if (by === 'repetition') return { first, address, count: toElements(outerBytes) };
  const step = f.let(i32.mul(all, complexBytes));
  return { first, address, count: lanes, rows: i32.divU(outerBytes, step), pitch: all, step };
}

function taskRange(
  f: FunctionBuilder,
  task: I32,
  { output, groups, perTask, perOuter, outerBytes }: SweepWords<I32>,
): BlockRange {
  const group = f.let(i32.mul(task, perTask));
  const count = f.let(i32.minS(f.let(i32.sub(groups, group)), perTask));
  const bytesOf = (part: I32): I32 => i32.mul(i32.divU(part, perOuter), outerBytes);
  const offset = f.let(bytesOf(group));
  return { first: toElements(offset), address: i32.add(output, offset), count: toElements(bytesOf(count)) };
}
