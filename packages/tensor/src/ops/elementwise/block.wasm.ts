import {
  type FunctionBuilder,
  type FunctionHandle,
  type I32,
  type Int,
  i32,
  type ValueType,
} from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmArg, WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import { floatBits } from '../../backend/wasm/target.js';
import { type DType, dtypeInfo } from '../../dtype.js';
import type { FusedLoad, FusedStore, KernelCall } from '../../op.js';
import { contiguousStrides, type Layout, type TensorType } from '../../shape.js';
import { isPair } from './convert.js';
import { linearise, type Program } from './expression.js';
import { KernelEmitter, type KernelFrame } from './kernel.wasm.js';
import { elementwiseStep } from './lower.wasm.js';
import { planWalk, type Walk } from './walk.wasm.js';

/** Scratch memory an element-wise evaluator overwrites at every call. */
export const blockScratchBytes = 2048;

/** Which elements are computed, and where they go. */
export interface BlockRange {
  /** Row-major index of the first element. */
  readonly first: Int;
  /** Elements in a row of the block: any number, over several rows of the tensor too. */
  readonly count: Int;
  /** Where element `first` is stored; the others of the row follow it. */
  readonly address: I32;
  /** Rows of the block, default 1; the elements from one to the next, and the bytes where they are stored. */
  readonly rows?: Int;
  readonly pitch?: Int;
  readonly step?: Int;
}

/**
 * Calls the evaluator.
 * @param words address of the block's words among the kernel's arguments: `scope.argAddress(…)`.
 * @param scratch address of the block's `scratchBytes` bytes, a multiple of 16.
 */
export type EvaluateBlock = (f: FunctionBuilder, words: I32, scratch: I32, range: BlockRange) => void;

/** Work inside the kernel of another op: an element-wise expression, or a call with that around it. */
export interface Block {
  /** Part of the key of the kernel: what `define` makes depends on it alone. */
  readonly key: string;
  /** Argument words for the kernel, one after the other. */
  readonly args: readonly WasmArg[];
  /** Contents of the table of the plan that `args` refer to. */
  readonly table: Int32Array;
  /** Scratch memory that a call of the evaluator overwrites. */
  readonly scratchBytes: number;
  /** Rows of a range begin and end at multiples of so many elements. */
  readonly unit: number;
  /** Adds the evaluator to the kernel's module. */
  define(scope: Pick<KernelScope, 'module'>, target: WasmTarget): EvaluateBlock;
}

/** Input `k` of a call as an argument of its kernel, or the first argument of the operands of its fused load. */
export const launchInput = ({ inputs, loads }: KernelCall<unknown>, k: number): number =>
  inputs.slice(0, k).reduce((sum, _, i) => sum + operandsOf(loads?.[i]), 0);

const operandsOf = (load: FusedLoad | undefined): number =>
  load
    ? (load.made ? launchInput(load.made.call, load.made.call.inputs.length) : 0) + load.operands.length
    : 1;

const inputArgs = (first: number, count: number): WasmArg[] =>
  Array.from({ length: count }, (_, i) => ({ input: first + i }));

/**
 * What computes the elements of input `k`, where its load is fused.
 * @param table number of the plan's table that will hold `Block.table`.
 * @param first number of the call's first input among those of the launch.
 */
export function loadBlock(call: KernelCall<unknown>, k: number, table: number, first = 0): Block | undefined {
  const load = call.loads?.[k];
  if (!load) return undefined;
  const from = first + launchInput(call, k);
  const { made, operands } = load;
  const type = call.inputs[k]!;
  if (!made) return planBlock(type, load, operands, inputArgs(from, operands.length), table);
  const others = inputArgs(from + operandsOf(load) - operands.length, operands.length);
  return inSequence(
    made.op.wasmBlock!(made.call, table, from),
    planBlock(type, load, [wholeOf(type), ...operands], others, table),
  );
}

const wholeOf = (type: TensorType): Layout => ({
  ...type,
  strides: contiguousStrides(type.shape),
  offset: 0,
});

/** Words of a block, whose table stands `bytes` further on in a common one. */
export const movedArgs = (args: readonly WasmArg[], bytes: number): WasmArg[] =>
  args.map((arg) =>
    typeof arg === 'object' && 'table' in arg ? { ...arg, offset: (arg.offset ?? 0) + bytes } : arg,
  );

/** One block, then another one that replaces what the first computed: row by row, while it is in cache. */
function inSequence(a: Block, b: Block): Block {
  return {
    key: `${a.key}, then ${b.key}`,
    args: [...a.args, ...movedArgs(b.args, a.table.byteLength)],
    table: Int32Array.from([...a.table, ...b.table]),
    scratchBytes: Math.max(a.scratchBytes, b.scratchBytes),
    unit: a.unit,
    define: (scope, target) => {
      const [one, two] = [a.define(scope, target), b.define(scope, target)];
      return (f, words, scratch, { first, count, address, rows = 1, pitch = 0, step = 0 }) => {
        const own = { first: f.let(first), count: f.let(count), address: f.let(address) };
        f.for(0, rows, 1, () => {
          one(f, words, scratch, own);
          two(f, i32.add(words, 4 * a.args.length), scratch, own);
          own.first.increase(pitch);
          own.address.increase(step);
        });
      };
    },
  };
}

/**
 * What finishes the elements of output 0, in place: the block's address holds what the kernel computed.
 * @param table number of the plan's table that will hold `Block.table`.
 */
export function storeBlock(call: KernelCall<unknown>, table: number): Block | undefined {
  const { store, inputs, outputs } = call;
  if (!store) return undefined;
  const type = outputs[0]!;
  const args = inputArgs(launchInput(call, inputs.length), store.operands.length);
  return planBlock(type, store, [wholeOf(type), ...store.operands], args, table);
}

/** The same work as a step of its own, for results that are too far apart to be finished in cache. */
export function storeStep(call: KernelCall<unknown>, target: WasmTarget): WasmStep {
  const { store, inputs, outputs } = call;
  const { shape, dtype } = outputs[0]!;
  const { value, operands } = store!;
  const first = launchInput(call, inputs.length);
  const own = { dtype, strides: contiguousStrides(shape), address: { output: 0 } };
  const others = operands.map(({ dtype, strides }, i) => ({ dtype, strides, address: { input: first + i } }));
  return elementwiseStep(target, shape, [own, ...others], [{ ...own, value }]);
}

function planBlock(
  { shape, dtype }: TensorType,
  { value }: FusedLoad | FusedStore,
  operands: readonly Layout[],
  addresses: readonly WasmArg[],
  table: number,
): Block {
  const program = linearise(isPair(value) ? [value.re, value.im] : [value]);
  const places = [...operands, { dtype, strides: contiguousStrides(shape) }];
  const walk = planWalk(
    shape,
    places.map(({ dtype, strides }) => ({ strides, bytes: dtypeInfo[dtype].bytes })),
    false,
  );
  const parameters = program.nodes
    .filter(({ node }) => node.kind === 'parameter')
    .map(({ node }) => (node.type === 'i32' ? node.value : floatBits(node.value)));
  const dtypes = places.map(({ dtype }) => dtype);
  const types = dtypes.map((dtype, k) => `${dtype}:${walk.access[k]}`);
  const plan: BlockPlan = { program, walk, dtypes, ownOperands: operands.length - addresses.length };
  return {
    key: `${types}|${plan.ownOperands}|${walk.dims.length}|${program.key}`,
    args: [{ table }, ...addresses],
    table: Int32Array.from([...walk.dims, ...walk.strides.flat(), ...parameters]),
    scratchBytes: blockScratchBytes,
    unit: 1,
    define: (scope, target) => defineBlock(scope, target, plan),
  };
}

interface BlockPlan {
  readonly program: Program;
  readonly walk: Walk;
  /** Of the operands, then of the result. */
  readonly dtypes: readonly DType[];
  /** 1 if operand 0 is what the result replaces, else 0. */
  readonly ownOperands: number;
}

const parameterTypes: ValueType[] = new Array<ValueType>(8).fill('i32');

function defineBlock(
  { module }: Pick<KernelScope, 'module'>,
  target: WasmTarget,
  plan: BlockPlan,
): EvaluateBlock {
  const handle: FunctionHandle = module.function(parameterTypes, (f) => emitBlock(f, target, plan));
  return (f, words, scratch, { first, count, address, rows = 1, pitch = 0, step = 0 }) =>
    f.call(handle, [words, scratch, first, count, address, rows, pitch, step]);
}

/** (words, scratch, first, count, address, rows, pitch, step): computes the block row by row. */
function emitBlock(
  f: FunctionBuilder,
  target: WasmTarget,
  { program, walk, dtypes, ownOperands }: BlockPlan,
): void {
  const [words, scratch, first, count, address, rows, pitch, step] = parameterTypes.map((_, i) =>
    f.parameter<'i32'>(i),
  ) as Eight<ReturnType<typeof f.parameter<'i32'>>>;
  const rank = walk.dims.length;
  const table = f.let(i32.load(words));
  const number = (i: number): I32 => i32.load(table, 4 * i);
  const frame: KernelFrame = {
    scratch,
    words: { dim: number, stride: (k, axis) => number((1 + k) * rank + axis) },
    parameter: (i) => number((1 + dtypes.length) * rank + i),
  };
  const last = dtypes.length - 1;
  const { bytes } = dtypeInfo[dtypes[last]!];
  // the result and what it replaces are seen as whole tensors of which this is a part
  const origin = f.let(i32.sub(address, i32.mul(first, bytes)));
  const bases = dtypes.map((_, k) => {
    const isOwn = k === last || k < ownOperands;
    return isOwn ? origin : f.let(i32.load(words, 4 * (1 + k - ownOperands)));
  });
  const inputs = dtypes.slice(0, last).map((dtype) => ({ dtype }));
  const outputs = [{ dtype: dtypes[last]! }];
  new KernelEmitter(f, frame, target, program, walk, inputs, outputs).emit(bases, (run) => {
    f.for(0, rows, 1, () => {
      run(first, i32.add(first, count));
      first.increase(pitch);
      origin.set(i32.add(origin, i32.sub(step, i32.mul(pitch, bytes))));
    });
  });
}

type Eight<T> = [T, T, T, T, T, T, T, T];
