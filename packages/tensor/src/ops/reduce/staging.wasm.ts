import { i32, select } from '../../backend/wasm/assembler.js';
import type { WasmArg, WasmTarget } from '../../backend/wasm/plan.js';
import { dtypeInfo } from '../../dtype.js';
import type { Fusable, KernelCall } from '../../op.js';
import { type Block, loadBlock } from '../elementwise/block.wasm.js';
import { inputSource, type Source } from './segments.wasm.js';

/**
 * How segment kernels get the elements of input 0: from memory or, where its load is fused, from scratch, where
 * a task computes its region first: half a megabyte, which stays in the second-level cache.
 */
export interface Reading {
  /** Part of the key of the kernel. */
  readonly key: string;
  /** Argument words for the kernel. */
  readonly args: readonly WasmArg[];
  readonly tables: readonly Int32Array[];
  /** Columns must be read in multiples of this. */
  readonly unit: number;
  /**
   * @param bytes of an element of the fold: the parts of complex numbers may be elements of their own.
   * @param firstArg index of the first of `args` among the kernel's arguments.
   */
  source(target: WasmTarget, bytes: number, firstArg: number): Source;
}

/** Every reduction may compute its input on the way. */
export const fusesLoad = (): Fusable => ({ loads: [0], store: false });

/** From memory. */
export const plainReading: Reading = {
  ...{ key: '', args: [], tables: [], unit: 1 },
  source: (_, bytes) => inputSource(bytes),
};

export function readingOf(call: KernelCall<unknown>): Reading {
  const block = loadBlock(call, 0, 0);
  if (!block) return plainReading;
  const { bytes: elementBytes, parts } = dtypeInfo[call.inputs[0]!.dtype];
  return {
    key: `|${block.key}`,
    args: [...block.args, block.scratchBytes],
    tables: [block.table],
    unit: block.unit * parts,
    source: (target, bytes, firstArg) => stagedSource(target, block, elementBytes / bytes, bytes, firstArg),
  };
}

const stagedSource =
  (target: WasmTarget, block: Block, parts: number, bytes: number, firstArg: number): Source =>
  (f, scope, { firstRow, rows, first, end, inner }) => {
    const evaluate = block.define(scope, target);
    const staged = f.let(i32.add(scope.scratch, scope.arg(firstArg + block.args.length)));
    const width = f.let(i32.sub(end, first));
    // whole rows lie side by side: one long row
    const isWhole = f.let(i32.eq(width, inner));
    const length = select(isWhole, i32.mul(width, rows), width);
    evaluate(f, scope.argAddress(firstArg), scope.scratch, {
      first: i32.divU(i32.add(i32.mul(firstRow, inner), first), parts),
      count: i32.divU(length, parts),
      address: staged,
      rows: select(isWhole, i32.const(1), rows),
      pitch: i32.divU(inner, parts),
      step: i32.mul(width, bytes),
    });
    const rowBytes = f.let(i32.mul(width, bytes));
    const skipped = i32.add(i32.mul(firstRow, rowBytes), i32.mul(first, bytes));
    return { base: i32.sub(staged, skipped), rowBytes };
  };
