import { describe, expect, test } from 'vitest';
import type { HostValue } from '../../packages/tensor/src/op.js';
import { chooseAlgorithm, setConvAlgorithm } from '../../packages/tensor/src/ops/conv/conv.algorithm.js';
import {
  type ConvAttrs,
  conv2dInputGradOp,
  conv2dOp,
  conv2dWeightGradOp,
} from '../../packages/tensor/src/ops/conv/convolution.js';
import { windowCounts } from '../../packages/tensor/src/ops/conv/geometry.js';
import { maxPool2dOp } from '../../packages/tensor/src/ops/conv/maxPool.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

// The op table draws small images; here are the sizes that need several tasks, tiles and strips.

const base: ConvAttrs = {
  stride: [1, 1],
  padding: [
    [1, 1],
    [1, 1],
  ],
  dilation: [1, 1],
  groups: 1,
  algorithm: 'direct',
};

/** Largest error relative to the largest entry. */
function relativeError(got: HostValue, expected: HostValue): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    error = Math.max(error, Math.abs(got.data[i]! - expected.data[i]!));
    size = Math.max(size, Math.abs(expected.data[i]!));
  }
  return Number.isFinite(error) ? error / Math.max(size, 1) : Number.NaN;
}

/** Runs the three ops of one convolution; returns the number of tasks of each step. */
function checkAll(
  x: number[],
  w: number[],
  attrs: ConvAttrs,
  limit = 2e-6,
): Record<'y' | 'x' | 'w', number[]> {
  const counts = windowCounts('test', x.slice(2), w.slice(2), attrs);
  const [image, weights] = [hostValue(x, 'f32', 1), hostValue(w, 'f32', 2)];
  const g = hostValue([x[0]!, w[0]!, ...counts], 'f32', 3);
  const run = <A>(op: Parameters<typeof runKernels<A>>[0], inputs: HostValue[], opAttrs: A) => {
    const { outputs, tasks } = runKernels(op, inputs, opAttrs);
    expect(relativeError(outputs[0]!, runReference(op, inputs, opAttrs)[0]!), op.name).toBeLessThan(limit);
    return tasks;
  };
  return {
    y: run(conv2dOp, [image, weights], attrs),
    x: run(conv2dInputGradOp, [g, weights], { ...attrs, image: [x[2]!, x[3]!] }),
    w: run(conv2dWeightGradOp, [image, g], { ...attrs, kernel: [w[2]!, w[3]!] }),
  };
}

describe('direct convolution', () => {
  test('several tasks, strips, row tiles and ragged columns', () => {
    const tasks = checkAll([2, 7, 50, 61], [20, 7, 3, 3], base);
    expect(tasks.y.at(-1)).toBeGreaterThan(1);
    expect(tasks.w[1]).toBeGreaterThan(1);
  });
  test('stride 2', () => {
    checkAll([1, 6, 33, 46], [13, 6, 3, 3], { ...base, stride: [2, 2] });
  });
  test('stride 3, asymmetric padding, dilation wider than the kernel', () => {
    const padding = [
      [0, 4],
      [3, 1],
    ] as const;
    checkAll([2, 4, 40, 29], [6, 4, 2, 3], { ...base, stride: [3, 1], padding, dilation: [5, 4] });
  });
  test('padding larger than the kernel', () => {
    const padding = [
      [5, 5],
      [5, 5],
    ] as const;
    checkAll([1, 3, 6, 5], [4, 3, 2, 2], { ...base, padding });
  });
  test('groups, and one group per channel', () => {
    checkAll([2, 6, 17, 23], [8, 3, 3, 3], { ...base, groups: 2 });
    checkAll([1, 9, 17, 40], [9, 1, 3, 3], { ...base, groups: 9 });
  });
  test('1x1: a matrix product', () => {
    const padding = [
      [0, 0],
      [0, 0],
    ] as const;
    checkAll([2, 10, 30, 31], [12, 5, 1, 1], { ...base, padding, groups: 2 });
  });
  test('narrow images and a stride longer than the kernel', () => {
    const padding = [
      [0, 0],
      [0, 0],
    ] as const;
    checkAll([5, 3, 31, 3], [4, 3, 2, 2], { ...base, padding, stride: [3, 1] });
  });
  test('many small images share a strip', () => {
    checkAll([60, 2, 7, 8], [3, 2, 3, 3], base);
  });
});

describe("Winograd's F(4x4, 3x3)", () => {
  // its transforms cancel more than the plain sum does: about ten times the rounding error of f32
  const winograd: ConvAttrs = { ...base, algorithm: 'winograd' };
  test('several tasks, ragged tiles in both directions', () => {
    const tasks = checkAll([2, 4, 110, 107], [5, 4, 3, 3], winograd, 1e-5);
    expect(tasks.y.at(-1)).toBeGreaterThan(2);
  });
  test('whole tiles only: the gradient is read where it is; channels of several passes', () => {
    const tasks = checkAll([2, 19, 16, 48], [11, 19, 3, 3], winograd, 1e-5);
    // pads the image, sums, adds the parts: no copy of the gradient
    expect(tasks.w).toHaveLength(3);
  });
  test('fewer tiles than lanes, padding larger than the kernel, channels that do not fill a vector', () => {
    const padding = [
      [4, 0],
      [0, 3],
    ] as const;
    checkAll([3, 5, 3, 4], [6, 5, 3, 3], { ...winograd, padding }, 1e-5);
  });
  test('chosen by shape, unless the direct sum is asked for', () => {
    const choose = (w: number[], stride = 1, groups = 1) =>
      chooseAlgorithm(w, { stride: [stride, stride], dilation: [1, 1], groups });
    expect(choose([32, 16, 3, 3])).toBe('winograd');
    expect(choose([32, 15, 3, 3])).toBe('direct');
    expect(choose([32, 32, 5, 5])).toBe('direct');
    expect(choose([32, 32, 3, 3], 2)).toBe('direct');
    expect(choose([32, 32, 3, 3], 1, 2)).toBe('direct');
    setConvAlgorithm('direct');
    expect(choose([32, 32, 3, 3])).toBe('direct');
    setConvAlgorithm('winograd');
    expect(choose([32, 8, 3, 3])).toBe('winograd');
    setConvAlgorithm('auto');
    expect(() => setConvAlgorithm('fast' as never)).toThrow(
      /setConvAlgorithm: .*'auto', 'direct', 'winograd'/,
    );
  });
});

test.each([
  ['direct', 2e-6],
  ['winograd', 1e-5],
] as const)(
  '%s: a batch treated in parts gives the results of its images one by one',
  (algorithm, tolerance) => {
    const attrs = { ...base, algorithm };
    const [count, channels, size] = [24, 8, 300];
    const x = hostValue([count, channels, size, size], 'f32');
    const w = hostValue([algorithm === 'direct' ? 1 : 4, channels, 3, 3], 'f32', 2);
    const { outputs, tasks } = runKernels(conv2dOp, [x, w], attrs);
    expect(tasks.length).toBeGreaterThan(2);
    const gradient = runKernels(conv2dWeightGradOp, [x, outputs[0]!], { ...attrs, kernel: [3, 3] });
    expect(gradient.tasks.length).toBeGreaterThan(3);
    const part = (value: HostValue, n: number): HostValue => {
      const length = value.data.length / count;
      return {
        ...value,
        shape: [1, ...value.shape.slice(1)],
        data: value.data.slice(n * length, (n + 1) * length),
      };
    };
    const sum = new Float64Array(w.data.length);
    for (let n = 0; n < count; n++) {
      const [one, y] = [part(x, n), part(outputs[0]!, n)];
      if (n % 11 === 0) expect(runKernels(conv2dOp, [one, w], attrs).outputs[0]!.data).toEqual(y.data);
      runKernels(conv2dWeightGradOp, [one, y], { ...attrs, kernel: [3, 3] }).outputs[0]!.data.forEach(
        (value, i) => {
          sum[i]! += value;
        },
      );
    }
    expect(relativeError(gradient.outputs[0]!, { ...w, data: sum })).toBeLessThan(tolerance);
  },
);

test('max pooling: values and places of several tasks, NaN wins', () => {
  const x = hostValue([3, 2, 90, 101], 'f32');
  x.data[5000] = Number.NaN;
  const attrs = {
    kernel: [3, 2],
    stride: [2, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
    dilation: [1, 1],
  } as const;
  const { outputs, tasks } = runKernels(maxPool2dOp, [x], attrs);
  expect(tasks[0]).toBeGreaterThan(1);
  const [values, places] = runReference(maxPool2dOp, [x], attrs);
  expect([...outputs[0]!.data]).toEqual([...values!.data].map(Math.fround));
  expect(outputs[1]!.data).toEqual(places!.data);
  expect(outputs[0]!.data.some(Number.isNaN)).toBe(true);
});
