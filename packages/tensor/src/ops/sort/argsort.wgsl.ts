import type { WgslPlan } from '../../backend/webgpu/plan.js';
import type { KernelCall } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { rankText } from '../reduce/rank.wgsl.js';
import type { Order } from './argsort.js';
import { mergeSortSteps } from './mergeSort.wgsl.js';

/** Rows are sorted by the ranks of their elements, or by the complements of these where descending. */
export function argsortWgsl(call: KernelCall<Order>): WgslPlan {
  const [x] = call.inputs;
  const { dtype, shape } = x!;
  const n = shape.at(-1)!;
  const temps: number[] = [];
  const steps = mergeSortSteps(
    call,
    {
      name: `argsort/${dtype}`,
      rows: sizeOf(shape) / n,
      n,
      operands: { x: { source: { input: 0 }, dtype, access: 'read' } },
      declarations: rankText(dtype),
      key: (row, j) => `rank_of(load_x(${row} * p.n + ${j})) ^ p.turned`,
      words: { turned: { type: 'i32', value: call.attrs.descending ? -1 : 0 } },
    },
    {
      operands: { y: { source: { output: 0 }, dtype: 'i32', access: 'write' } },
      store: (at, _, index) => `store_y(${at}, i32(${index}));`,
    },
    temps,
  );
  return { steps, temps };
}
