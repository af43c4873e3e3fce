import { describe, expect, it } from 'vitest';
import type { DType } from '../../packages/tensor/src/dtype.js';
import { argsortOp } from '../../packages/tensor/src/ops/sort/argsort.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

// insertion; radix by eight bits; by eleven; buffers beyond scratch
const shapes = [
  [5, 1],
  [700, 13],
  [3, 48],
  [9, 49],
  [4, 1000],
  [2, 5000],
  [1, 200_000],
];

describe('argsort kernels', () => {
  for (const descending of [false, true])
    for (const dtype of ['f32', 'i32', 'u8', 'bool'] satisfies DType[])
      it(`${dtype} ${descending ? 'descending' : 'ascending'}`, () => {
        for (const shape of shapes) {
          const x = hostValue(shape, dtype);
          if (dtype === 'f32') {
            // ties, both zeros, infinities, NaN of either sign
            x.data.forEach((value, i) => {
              x.data[i] = Math.round(value * 20) / 20;
            });
            [-0, 0, Infinity, -Infinity, NaN, -NaN, 1e-42, -1e-42].forEach((value, i) => {
              if (i < x.data.length) x.data[(i * 7919) % x.data.length] = value;
            });
          }
          const { outputs } = runKernels(argsortOp, [x], { descending });
          const [expected] = runReference(argsortOp, [x], { descending });
          expect(Buffer.from(outputs[0]!.data.buffer).equals(Buffer.from(expected!.data.buffer))).toBe(true);
        }
      });

  it('sorts a million numbers', () => {
    const x = hostValue([1_000_000], 'f32', 9);
    const order = runKernels(argsortOp, [x], { descending: false }).outputs[0]!.data;
    let isOrdered = true;
    for (let i = 1; i < order.length; i++) isOrdered &&= x.data[order[i - 1]!]! <= x.data[order[i]!]!;
    expect(isOrdered).toBe(true);
  });
});
