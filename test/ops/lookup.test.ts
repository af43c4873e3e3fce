import { describe, expect, it } from 'vitest';
import type { HostValue, Op } from '../../packages/tensor/src/op.js';
import { gatherOp, scatterOp, takeAdjointOp, takeOp } from '../../packages/tensor/src/ops/index/lookup.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

function indices(shape: readonly number[], low: number, high: number): HostValue {
  const x = hostValue(shape, 'i32', 3);
  return { ...x, data: Int32Array.from(x.data, (v) => low + (Math.abs(v) % (high - low))) };
}

function check<A>(op: Op<A>, inputs: HostValue[], attrs: A): void {
  const { outputs } = runKernels(op, inputs, attrs);
  const [expected] = runReference(op, inputs, attrs);
  let worst = 0;
  expected!.data.forEach((value, i) => {
    const got = outputs[0]!.data[i]!;
    worst = Math.max(worst, Object.is(got, value) ? 0 : Math.abs(got - value) || (got === value ? 0 : 1));
  });
  expect(worst).toBeLessThan(1e-6 * Math.sqrt(1 + inputs[1]!.data.length)); // scatters add in f32
}

// outer, axis, inner, picks: several tasks by rows, by columns, with tails
const sizes = [
  [2, 5, 1, 7],
  [3, 4, 9, 6],
  [1, 3, 70_001, 2],
  [300, 50, 3, 40],
  [1, 9, 1, 50_001],
  [2, 1, 0, 3],
  [2, 3, 4, 0],
] as const;

describe('index kernels', () => {
  for (const [outer, n, inner, picks] of sizes)
    for (const dtype of ['f32', 'c64', 'i32', 'u8'] as const)
      it(`${dtype} [${outer}, ${n}, ${inner}] with ${picks} picks, some outside`, () => {
        const own = indices([outer, picks, inner], -1, n + 1);
        const shared = indices([picks], -1, n + 1);
        const x = hostValue([outer, n, inner], dtype);
        const updates = hostValue([outer, picks, inner], dtype);
        check(gatherOp, [x, own], { axis: 1, outside: 'nan' });
        check(takeOp, [x, shared], { axis: 1, outside: 'zero' });
        if (dtype === 'u8') return;
        check(scatterOp, [own, updates], { axis: 1, size: n });
        check(takeAdjointOp, [shared, updates], { axis: 1, size: n });
      });
});
