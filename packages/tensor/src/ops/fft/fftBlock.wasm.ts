import {
  type FunctionBuilder,
  type FunctionHandle,
  i32,
  type Local,
  type ValueType,
} from '../../backend/wasm/assembler.js';
import type { KernelScope, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall, Op } from '../../op.js';
import type { TensorType } from '../../shape.js';
import { type Block, type EvaluateBlock, loadBlock, movedArgs } from '../elementwise/block.wasm.js';
import type { FftAttributes } from './fft.js';
import { includeProgram } from './interpreter.wasm.js';
import { workBytes, writeProgram } from './program.js';
import { complexBytes } from './record.js';
import { TableBuilder } from './table.js';

/** Working memory that another kernel may have left for this one. */
const mostWorkBytes = 2 ** 18;

/** The axis that is transformed if there is one, and everything behind it has size 1. */
function rowAxis({ shape }: TensorType, { axes }: FftAttributes): number | undefined {
  const [axis, ...others] = axes.filter((candidate) => shape[candidate] !== 1);
  const isLast = axis !== undefined && shape.slice(axis + 1).every((n) => n === 1);
  return isLast && others.length === 0 && workBytes(shape[axis]!, 4) <= mostWorkBytes ? axis : undefined;
}

/**
 * Elements of a transform's rows if the op is one of rows alone, which other kernels can run on a few rows of
 * their input; else undefined.
 */
export function transformedRow({ name }: Op, [x]: readonly TensorType[], attrs: unknown): number | undefined {
  const axis = name === 'fft' ? rowAxis(x!, attrs as FftAttributes) : undefined;
  return axis === undefined ? undefined : x!.shape[axis];
}

/** A transform of rows inside another kernel: four at a time, computed in place, from memory or a fused load. */
export function fftBlock(call: KernelCall<FftAttributes>, table: number, first: number): Block {
  const { inputs, attrs } = call;
  const n = inputs[0]!.shape[rowAxis(inputs[0]!, attrs)!]!;
  const load = loadBlock(call, 0, table, first);
  const builder = new TableBuilder();
  const arrangement = { kind: 'rows', stride: n * complexBytes } as const;
  const program = writeProgram(builder, { ...attrs, n, arrangement, width: 4 });
  const source = load ? load.args : [{ input: first }];
  const own = movedArgs([{ table }], load?.table.byteLength ?? 0);
  return {
    key: `rows of fft${load ? `[${load.key}]` : ''}`,
    args: [...source, ...own, n, program],
    table: Int32Array.from([...(load?.table ?? []), ...builder.finish()]),
    scratchBytes: Math.max(load?.scratchBytes ?? 0, workBytes(n, 4)),
    unit: n,
    define: (scope, target) => defineRows(scope, target, load, source.length),
  };
}

const parameterTypes: ValueType[] = new Array<ValueType>(5).fill('i32');

/** @param own index of the block's own argument words: table, row length, program. */
function defineRows(
  scope: Pick<KernelScope, 'module'>,
  target: WasmTarget,
  load: Block | undefined,
  own: number,
): EvaluateBlock {
  const program = includeProgram(scope.module, target);
  const evaluate = load?.define(scope, target);
  const handle = scope.module.function(parameterTypes, (f) => emitRows(f, program, evaluate, own));
  return (f, words, scratch, { first, count, address, rows = 1, pitch = 0, step = 0 }) => {
    const position = f.let(first);
    const place = f.let(address);
    f.for(0, rows, 1, () => {
      f.call(handle, [words, scratch, position, count, place]);
      position.increase(pitch);
      place.increase(step);
    });
  };
}

/** (words, scratch, first, count, address) */
function emitRows(
  f: FunctionBuilder,
  program: FunctionHandle,
  load: EvaluateBlock | undefined,
  own: number,
): void {
  const [words, scratch, first, count, address] = parameterTypes.map((_, i) => f.parameter<'i32'>(i)) as Five<
    Local<'i32'>
  >;
  const table = f.let(i32.load(words, 4 * own));
  const n = f.let(i32.load(words, 4 * own + 4));
  const record = f.let(i32.add(table, i32.load(words, 4 * own + 8)));
  const left = f.let(i32.divU(count, n));
  f.while(
    () => i32.gtS(left, 0),
    () => {
      const lanes = f.let(i32.minS(left, 4));
      const size = f.let(i32.mul(lanes, n));
      load?.(f, words, scratch, { first, count: size, address });
      const source = load ? address : i32.add(i32.load(words), i32.mul(first, complexBytes));
      f.call(program, [record, source, address, table, scratch, lanes]);
      first.increase(size);
      address.increase(i32.mul(size, complexBytes));
      left.increase(-4);
    },
  );
}

type Five<T> = [T, T, T, T, T];
