import { describe, expect, test } from 'vitest';
import type { DType } from '../../packages/tensor/src/dtype.js';
import type { HostValue, Op } from '../../packages/tensor/src/op.js';
import { arithmeticOps } from '../../packages/tensor/src/ops/elementwise/arithmetic.js';
import { castOp } from '../../packages/tensor/src/ops/elementwise/cast.js';
import { copyOp } from '../../packages/tensor/src/ops/elementwise/copy.js';
import { fullOp, iotaOp } from '../../packages/tensor/src/ops/elementwise/full.js';
import { partOps } from '../../packages/tensor/src/ops/elementwise/parts.js';
import { selectOps } from '../../packages/tensor/src/ops/elementwise/select.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

function check<A>(op: Op<A>, inputs: HostValue[], attrs: A) {
  const got = runKernels(op, inputs, attrs).outputs[0]!;
  const expected = runReference(op, inputs, attrs)[0]!;
  expect(got.dtype).toBe(expected.dtype);
  let worst = 0;
  got.data.forEach((v, i) => {
    const e = expected.data[i]!;
    const err = Object.is(v, e) || v === e ? 0 : Math.abs(v - e) / Math.max(1, Math.abs(e));
    if (!(err <= 3e-6))
      throw new Error(
        `${op.name} [${i}] got ${v} expected ${e} (${inputs.map((x) => `${x.dtype}[${x.shape}]`)})`,
      );
    worst = Math.max(worst, err);
  });
}

const dtypes: DType[] = ['f32', 'c64', 'i32', 'u8', 'bool'];
describe('kernels', () => {
  for (const dtype of dtypes)
    test(`copy ${dtype}`, () => {
      for (const shape of [[], [1], [3], [4], [1001], [7, 9], [33000], [70001], [0]])
        check(copyOp, [hostValue(shape, dtype)], undefined);
    });
  test('full, iota', () => {
    for (const dtype of dtypes)
      check(fullOp, [], { shape: [5, 7], dtype, value: [1, dtype === 'c64' ? -2 : 0] });
    check(iotaOp, [], { count: 70001 });
  });
  test('cast', () => {
    for (const a of dtypes)
      for (const b of dtypes)
        if (a !== 'c64' || b === 'c64' || b === 'bool') check(castOp, [hostValue([5, 13], a)], { dtype: b });
  });
  const shapes: number[][][] = [
    [
      [5, 13],
      [5, 13],
      [5, 13],
    ],
    [[5, 1], [13], [5, 13]],
    [[], [3, 1, 7], [5, 1]],
    [[40000], [1], [40000]],
    [
      [3, 300, 50],
      [3, 1, 50],
      [300, 1],
    ],
  ];
  for (const row of [...arithmeticOps, ...selectOps, ...partOps])
    test(row.name, () => {
      for (const types of row.samples.dtypes)
        for (const shape of shapes)
          check(
            row.op,
            types.map((t, k) => {
              const v = hostValue(shape[k]!, t, k + 3);
              if (row.name === 'div' || row.name === 'reciprocal')
                v.data.forEach((x, i) => {
                  if (Math.abs(x) < 0.1) v.data[i] = 0.5;
                });
              return v;
            }),
            row.samples.attrs?.[0],
          );
    });
});
