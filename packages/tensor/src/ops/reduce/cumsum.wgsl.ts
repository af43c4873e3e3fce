import type { WgslPlan, WgslStep, WgslTarget } from '../../backend/webgpu/plan.js';
import type { DType } from '../../dtype.js';
import type { KernelCall } from '../../op.js';
import type { CumsumAttrs } from './cumsum.js';
import { foldStep, inputFeed, partialSink, stateFeed, stateMemory, type WgslFold } from './fold.wgsl.js';
import { type Scan, scanStep } from './scan.wgsl.js';
import { type Extents, extentsOf } from './span.js';
import { sumFoldOf } from './sum.wgsl.js';
import { cutTile } from './tile.wgsl.js';

/**
 * Blocks of rows are added up, their sums are scanned in the same way, and every block is then scanned from
 * the sum of those before it.
 */
export function cumsumWgsl(call: KernelCall<CumsumAttrs>, target: WgslTarget): WgslPlan {
  const [x] = call.inputs;
  const { axis, reverse } = call.attrs;
  const fold = sumFoldOf(x!.dtype);
  const steps: WgslStep[] = [];
  const temps: number[] = [];
  const plan = (scan: Scan, extents: Extents): void => {
    const tile = cutTile(extents);
    let carried: number | undefined;
    if (tile.blocks > 1) {
      const { outer, blocks, inner } = tile;
      const bytes = outer * blocks * inner * stateMemory[fold.state].bytes;
      const sums = temps.push(bytes) - 1;
      carried = temps.push(bytes) - 1;
      steps.push(foldStep(call, target, fold, tile, scan.feed, partialSink(fold.state, sums), scan.rowAt));
      plan(stateScan(fold, sums, carried), { outer, n: blocks, inner });
    }
    steps.push(scanStep(call, fold, scan, tile, carried));
  };
  plan(elementScan(fold, x!.dtype, reverse), extentsOf(x!.shape, { axis, count: 1 }));
  return { steps, temps };
}

function elementScan(fold: WgslFold, dtype: DType, reverse: boolean): Scan {
  const item = dtype === 'f32' ? 'f32' : dtype === 'c64' ? 'vec2f' : 'i32';
  return {
    name: `cumsum/${dtype}`,
    feed: inputFeed(fold, dtype),
    item,
    results: fold.results,
    finish: (state) => (item === 'i32' ? state : `rounded(${state})`),
    store: (at, value) => `store_y(${at}, ${value});`,
    rowAt: (k) => (reverse ? `p.n - 1u - (${k})` : k),
  };
}

/** The running combination of the states in one temporary, into another. */
function stateScan(fold: WgslFold, from: number, to: number): Scan {
  const { dtype, store } = stateMemory[fold.state];
  return {
    name: `cumsum/blocks/${fold.name}`,
    feed: stateFeed(fold, 'x', from),
    item: fold.state,
    results: { y: { source: { temp: to }, dtype, access: 'write' } },
    finish: (state) => state,
    store: (at, value) => store('y', at, value),
    rowAt: (k) => k,
  };
}
