import type { WgslStep } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { mergeStep, type SortedTemps } from './merge.wgsl.js';
import { type KeyedRows, type SortedSink, tileLength, tileSortStep } from './tileSort.wgsl.js';

/** Leaves keys and indices in two temporaries. */
export const sortedTempsSink = ({ keys, order }: SortedTemps): SortedSink => ({
  operands: {
    sorted_keys: { source: { temp: keys }, dtype: 'i32', access: 'write' },
    sorted_order: { source: { temp: order }, dtype: 'i32', access: 'write' },
  },
  store: (at, key, index) => `store_sorted_keys(${at}, ${key});\nstore_sorted_order(${at}, i32(${index}));`,
});

/** Two temporaries for the elements of all rows; `temps` has the sizes of those there are. */
export function sortedTemps(temps: number[], { rows, n }: Pick<KeyedRows, 'rows' | 'n'>): SortedTemps {
  const bytes = rows * n * 4;
  return { keys: temps.push(bytes) - 1, order: temps.push(bytes) - 1 };
}

/**
 * Steps of a stable sort of rows: tiles of 1024 elements first, then passes that merge runs in pairs,
 * log2(n / 1024) of them.
 */
export function mergeSortSteps<A>(
  call: KernelCall<A>,
  source: KeyedRows,
  sink: SortedSink,
  temps: number[],
): WgslStep[] {
  const { n } = source;
  if (n <= tileLength) return [tileSortStep(call, source, sink)];
  let from = sortedTemps(temps, source);
  let spare: SortedTemps | undefined;
  const steps = [tileSortStep(call, source, sortedTempsSink(from))];
  let width = tileLength;
  for (; 2 * width < n; width *= 2) {
    const to: SortedTemps = spare ?? sortedTemps(temps, source);
    steps.push(mergeStep(call, source, width, from, sortedTempsSink(to)));
    spare = from;
    from = to;
  }
  steps.push(mergeStep(call, source, width, from, sink));
  return steps;
}
