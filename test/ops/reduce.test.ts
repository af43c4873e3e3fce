import { describe, expect, it } from 'vitest';
import type { DType } from '../../packages/tensor/src/dtype.js';
import type { Op } from '../../packages/tensor/src/op.js';
import { argmaxOp, argminOp } from '../../packages/tensor/src/ops/reduce/argExtremum.js';
import { cumsumOp } from '../../packages/tensor/src/ops/reduce/cumsum.js';
import { maxOp, minOp } from '../../packages/tensor/src/ops/reduce/extremum.js';
import { momentsOp } from '../../packages/tensor/src/ops/reduce/moments.js';
import { normOp } from '../../packages/tensor/src/ops/reduce/norm.js';
import type { Span } from '../../packages/tensor/src/ops/reduce/span.js';
import { sumOp } from '../../packages/tensor/src/ops/reduce/sum.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

/** [outer, n, inner]: runs and columns, every tail, one and several blocks, chunks of columns. */
const shapes: [number, number, number][] = [
  [1, 0, 1],
  [2, 0, 5],
  [1, 1, 1],
  [3, 7, 1],
  [2, 67, 1],
  [5, 3, 2],
  [2, 100, 2],
  [3, 5, 3],
  [2, 9, 21],
  [4, 2, 37],
  [1, 140_003, 1],
  [1, 40_001, 2],
  [3, 2000, 70],
  [1, 3, 50_003],
  [30_000, 3, 1],
  [20_000, 2, 5],
];

function expectEqual<A>(op: Op<A>, shape: number[], dtype: DType, attrs: A, tolerance: number): void {
  const x = hostValue(shape, dtype);
  const { outputs } = runKernels(op, [x], attrs);
  runReference(op, [x], attrs).forEach(({ data }, k) => {
    let worst = 0;
    data.forEach((expected, i) => {
      const got = outputs[k]!.data[i]!;
      if (!Object.is(got, expected))
        worst = Math.max(worst, Math.abs(got - expected) / Math.max(1, Math.abs(expected)));
    });
    expect(worst).toBeLessThanOrEqual(tolerance);
  });
}

interface Case {
  readonly op: Op<Span>;
  readonly dtypes: readonly DType[];
  readonly tolerance: number;
}

const cases: Case[] = [
  { op: sumOp, dtypes: ['f32', 'c64', 'i32', 'u8', 'bool'], tolerance: 6e-8 },
  { op: normOp, dtypes: ['f32', 'c64'], tolerance: 6e-8 },
  { op: momentsOp, dtypes: ['f32'], tolerance: 6e-8 },
  { op: maxOp, dtypes: ['f32', 'i32', 'u8', 'bool'], tolerance: 0 },
  { op: minOp, dtypes: ['f32', 'i32', 'u8', 'bool'], tolerance: 0 },
  { op: argmaxOp, dtypes: ['f32', 'i32', 'u8', 'bool'], tolerance: 0 },
  { op: argminOp, dtypes: ['f32', 'i32', 'u8', 'bool'], tolerance: 0 },
];

describe('reduction kernels', () => {
  for (const { op, dtypes, tolerance } of cases)
    for (const dtype of dtypes)
      it(`${op.name} ${dtype}`, () => {
        for (const shape of shapes) {
          const isDefined = shape[1] > 0 || (dtype === 'bool' && !op.name.startsWith('arg')) || tolerance > 0;
          if (isDefined) expectEqual(op, shape, dtype, { axis: 1, count: 1 }, tolerance);
        }
      });

  for (const reverse of [false, true])
    for (const dtype of ['f32', 'c64', 'i32', 'u8'] as const)
      it(`cumsum ${dtype} ${reverse ? 'from the end' : 'from the start'}`, () => {
        for (const shape of shapes)
          if (shape[1] > 0) expectEqual(cumsumOp, shape, dtype, { axis: 1, reverse }, 6e-8);
      });

  it('finds NaN and the first of equals', () => {
    const data = new Float32Array(150_000).fill(2);
    data[70_000] = 3;
    data[140_000] = 3;
    const x = { shape: [150_000], dtype: 'f32', data } as const;
    const span = { axis: 0, count: 1 };
    expect(runKernels(argmaxOp, [x], span).outputs[0]!.data[0]).toBe(70_000);
    data[149_999] = Number.NaN;
    data[120_000] = Number.NaN;
    expect(runKernels(argmaxOp, [x], span).outputs[0]!.data[0]).toBe(120_000);
    expect(runKernels(argminOp, [x], span).outputs[0]!.data[0]).toBe(120_000);
    expect(runKernels(maxOp, [x], span).outputs[0]!.data[0]).toBeNaN();
  });

  it('keeps the digits of the variance beside a large mean', () => {
    const x = hostValue([300_000], 'f32');
    const shifted = { ...x, data: Float32Array.from(x.data, (v) => Math.round(v * 64) + 2 ** 20) };
    const span = { axis: 0, count: 1 };
    const [, variance] = runKernels(momentsOp, [shifted], span).outputs;
    const [, expected] = runReference(momentsOp, [shifted], span);
    expect(variance!.data[0]! / expected!.data[0]! - 1).toBeLessThan(6e-8);
  });

  it('takes norms of numbers whose squares overflow', () => {
    const x = { shape: [4], dtype: 'f32', data: new Float32Array([3e30, -3e30, 3e30, 3e30]) } as const;
    expect(runKernels(normOp, [x], { axis: 0, count: 1 }).outputs[0]!.data[0]).toBe(Math.fround(6e30));
  });

  it('sums ten million entries to the last bit but one', () => {
    const x = hostValue([10_000_000], 'f32', 5);
    const positive = { ...x, data: x.data.map(Math.abs) as Float32Array };
    expectSumClose(positive);
  });
});

function expectSumClose(x: ReturnType<typeof hostValue>): void {
  const span = { axis: 0, count: 1 };
  const { outputs, tasks } = runKernels(sumOp, [x], span);
  const [expected] = runReference(sumOp, [x], span);
  expect(tasks[0]).toBeGreaterThan(100);
  expect(Math.abs(outputs[0]!.data[0]! / expected!.data[0]! - 1)).toBeLessThan(6e-8);
}
