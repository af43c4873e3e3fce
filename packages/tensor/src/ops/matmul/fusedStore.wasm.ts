import type { WasmStep, WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Block, storeBlock, storeStep } from '../elementwise/block.wasm.js';

/** Elements that must lie side by side for a fused store to cost less inside the kernel than after it. */
export const leastRun = 128;

/** What finishes the results of a plan. */
export interface FusedStore {
  /** For the kernel, on what it has just written. */
  readonly block?: Block;
  /** What the block needs: tables of the plan. */
  readonly tables: readonly Int32Array[];
  /** What comes last, in place. */
  readonly steps: readonly WasmStep[];
}

/**
 * The fused store of a call, if it has one.
 * @param table number of its table in the plan.
 * @param isInside whether the kernel writes runs long enough to do it on the way.
 */
export function fusedStore(
  call: KernelCall<unknown>,
  target: WasmTarget,
  table: number,
  isInside: boolean,
): FusedStore {
  const block = isInside ? storeBlock(call, table) : undefined;
  if (block) return { block, tables: [block.table], steps: [] };
  return { tables: [], steps: call.store ? [storeStep(call, target)] : [] };
}
