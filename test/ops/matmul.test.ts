import { describe, expect, test } from 'vitest';
import type { DType } from '../../packages/tensor/src/dtype.js';
import type { HostValue } from '../../packages/tensor/src/op.js';
import { type MatmulAttrs, matmulOp } from '../../packages/tensor/src/ops/matmul/matmul.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

// The op table draws small matrices; here are the sizes that need several tiles, panels, blocks and tasks.

const plain: MatmulAttrs = { transposeA: false, transposeB: false, conjA: false, conjB: false };

function relativeError(got: HostValue, expected: HostValue): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    error = Math.max(error, Math.abs(got.data[i]! - expected.data[i]!));
    size = Math.max(size, Math.abs(expected.data[i]!));
  }
  return Number.isFinite(error) ? error / Math.max(size, 1) : Number.NaN;
}

function check(shapes: [number[], number[]], dtype: DType, attrs: MatmulAttrs = plain): number[] {
  const inputs = shapes.map((shape, i) => hostValue(shape, dtype, i + 1));
  const { outputs, tasks } = runKernels(matmulOp, inputs, attrs);
  const [expected] = runReference(matmulOp, inputs, attrs);
  expect(relativeError(outputs[0]!, expected!)).toBeLessThan(2e-6);
  return tasks;
}

/** [m, k, n]: one tile; ragged tiles; two strips and two blocks of k; one column; one row. */
const sizes = [
  [6, 4, 8],
  [13, 7, 21],
  [20, 300, 75],
  [31, 257, 1],
  [1, 9, 130],
] as const;
const flags = [false, true];

describe.each(['f32', 'c64'] as const)('matmul %s', (dtype) => {
  const variants = flags.flatMap((transposeA) =>
    flags.flatMap((transposeB) =>
      (dtype === 'c64' ? flags : [false]).map((conj) => ({
        transposeA,
        transposeB,
        conjA: conj,
        conjB: !conj,
      })),
    ),
  );
  test.each(variants)('every size with %o', (attrs) => {
    const real = dtype === 'f32';
    for (const [m, k, n] of sizes)
      check([attrs.transposeA ? [k, m] : [m, k], attrs.transposeB ? [n, k] : [k, n]], dtype, {
        ...attrs,
        conjA: attrs.conjA && !real,
        conjB: attrs.conjB && !real,
      });
  });

  test('a large product is cut into tasks by rows and columns', () => {
    expect(
      check(
        [
          [450, 200],
          [200, 150],
        ],
        dtype,
      )[0],
    ).toBeGreaterThan(2);
  });

  test('small products share tasks', () => {
    const [tasks] = check(
      [
        [2, 900, 4, 5],
        [900, 5, 3],
      ],
      dtype,
    );
    expect(tasks).toBeGreaterThan(1);
    expect(tasks).toBeLessThan(20);
  });
});

test('a sum over nothing is 0', () => {
  check(
    [
      [3, 0],
      [0, 5],
    ],
    'f32',
  );
});
