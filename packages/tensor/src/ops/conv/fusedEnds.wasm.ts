import type { WasmTarget } from '../../backend/wasm/plan.js';
import type { KernelCall } from '../../op.js';
import { type Block, loadBlock } from '../elementwise/block.wasm.js';
import { type FusedStore, fusedStore } from '../matmul/fusedStore.wasm.js';
import type { ImageSource } from './paddedImage.wasm.js';

/** Element-wise work at both ends of a convolution: where it pads its image, input 0, and on its result. */
export interface FusedEnds {
  readonly load: Block | undefined;
  readonly store: FusedStore;
  /** What both need: tables of the plan. */
  readonly tables: readonly Int32Array[];
}

/**
 * @param firstTable number of the first of `tables` in the plan.
 * @param isInside whether the kernel writes runs long enough to finish them on the way.
 */
export function fusedEnds(
  call: KernelCall<unknown>,
  target: WasmTarget,
  firstTable: number,
  isInside: boolean,
): FusedEnds {
  const load = loadBlock(call, 0, firstTable);
  const store = fusedStore(call, target, firstTable + (load ? 1 : 0), isInside);
  return { load, store, tables: [...(load ? [load.table] : []), ...store.tables] };
}

/** The images from an element on. */
export const imagesFrom = ({ load }: FusedEnds, first: number): ImageSource =>
  load ? { load, first } : { input: 0, offset: 4 * first };
