import { createDevice, type Device, tensor, transpose } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultTarget } from '../../packages/tensor/src/backend/webgpu/plan.js';
import { apply } from '../../packages/tensor/src/dispatch.js';
import type { HostValue, Op } from '../../packages/tensor/src/op.js';
import {
  type ConvAttrs,
  conv2dInputGradOp,
  conv2dOp,
  conv2dWeightGradOp,
} from '../../packages/tensor/src/ops/conv/convolution.js';
import { windowCounts } from '../../packages/tensor/src/ops/conv/geometry.js';
import { maxPool2dOp } from '../../packages/tensor/src/ops/conv/maxPool.js';
import { float, operand } from '../../packages/tensor/src/ops/elementwise/expression.js';
import { matmulOp } from '../../packages/tensor/src/ops/matmul/matmul.js';
import { contiguousStrides, type Layout } from '../../packages/tensor/src/shape.js';
import { webgpu } from '../backend/devices.js';
import { hostValue } from '../ops/runKernels.js';

// The op table draws small operands; here are the sizes with several tiles, parts of sums and chunks of tiles.

let gpu: Device;
let wasm: Device;

/** Names of the dispatches a plan consists of: shows which algorithm and which cut was chosen. */
function stepNames<A>(op: Op<A>, inputs: readonly HostValue[], attrs: A): string[] {
  const layoutOf = ({ shape, dtype }: Pick<HostValue, 'shape' | 'dtype'>) => ({
    ...{ shape, dtype, strides: contiguousStrides(shape), offset: 0 },
  });
  const call = { inputs: inputs.map(layoutOf), outputs: op.infer(inputs, attrs).map(layoutOf), attrs };
  return op.wgsl!(call, defaultTarget).steps.map(({ name }) => name);
}

async function runOn<A>(device: Device, op: Op<A>, inputs: readonly HostValue[], attrs: A) {
  const operands = inputs.map(({ data, shape, dtype }) => tensor(data, { shape, dtype, device }));
  const outputs = apply(op, operands, attrs);
  const values = await Promise.all(outputs.map((output) => output.data()));
  for (const x of [...operands, ...outputs]) x.dispose();
  return values;
}

/** ‖got − expected‖ / ‖expected‖; NaN if any entry is. */
function relativeError(got: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    error += (got[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return got.length === expected.length ? Math.sqrt(error / size) : Number.NaN;
}

/** Runs an op on both devices; the other one may have other attributes, say a more accurate algorithm. */
async function expectEqual<A>(
  op: Op<A>,
  inputs: readonly HostValue[],
  attrs: A,
  { limit = 1e-6, onWasm = attrs }: { limit?: number; onWasm?: A } = {},
): Promise<string[]> {
  const [got, expected] = await Promise.all([runOn(gpu, op, inputs, attrs), runOn(wasm, op, inputs, onWasm)]);
  expect(relativeError(got[0]!, expected[0]!), op.name).toBeLessThan(limit);
  return stepNames(op, inputs, attrs);
}

const plain = { transposeA: false, transposeB: false, conjA: false, conjB: false };
const product = (a: number[], b: number[], dtype: 'f32' | 'c64', attrs = plain) =>
  expectEqual(matmulOp, [hostValue(a, dtype, 1), hostValue(b, dtype, 2)], attrs);

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

/** The three ops of one convolution. Winograd's transforms lose digits: it is compared with the direct sums. */
async function convolution(x: number[], w: number[], attrs: ConvAttrs, limit?: number) {
  const counts = windowCounts('test', x.slice(2), w.slice(2), attrs);
  const [image, weights] = [hostValue(x, 'f32', 1), hostValue(w, 'f32', 2)];
  const g = hostValue([x[0]!, w[0]!, ...counts], 'f32', 3);
  const check = <A extends ConvAttrs>(op: Op<A>, inputs: HostValue[], own: A) =>
    expectEqual(op, inputs, own, { onWasm: { ...own, algorithm: 'direct' }, ...(limit ? { limit } : {}) });
  return {
    y: await check(conv2dOp, [image, weights], attrs),
    x: await check(conv2dInputGradOp, [g, weights], { ...attrs, image: [x[2]!, x[3]!] }),
    w: await check(conv2dWeightGradOp, [image, g], {
      ...{ ...attrs, algorithm: 'direct' as const, kernel: [w[2]!, w[3]!] as const },
    }),
  };
}

/**
 * The op with (x · s), (w · t) for inputs and (y + b) for its result, all in its own kernels; inputs x, s, w, t, b
 * with scalars s and t.
 */
const fusedOp = <A>(op: Op<A>): Op<A> => ({
  name: `fused ${op.name}`,
  infer: ([x, , w], attrs) => op.infer([x!, w!], attrs),
  wgsl: ({ inputs: [x, s, w, t, b], outputs, attrs }, target) => {
    const scaled = (value: Layout, scale: Layout) => ({
      value: float.mul(operand(0, 'f32'), operand(1, 'f32')),
      operands: [value, { ...scale, shape: value.shape, strides: value.shape.map(() => 0) }],
    });
    const store = { value: float.add(operand(0, 'f32'), operand(1, 'f32')), operands: [b!] };
    return op.wgsl!(
      { inputs: [x!, w!], outputs, attrs, loads: [scaled(x!, s!), scaled(w!, t!)], store },
      target,
    );
  },
});

/** Runs `fusedOp(op)` on the GPU, and its parts one by one on the other device. */
async function expectFused<A>(op: Op<A>, x: HostValue, w: HostValue, attrs: A, limit = 1e-6): Promise<void> {
  const b = hostValue(op.infer([x, w], attrs)[0]!.shape, 'f32', 5);
  const [s, t] = [0.75, -1.25].map((scale) => ({
    ...{ shape: [], dtype: 'f32' as const, data: new Float32Array([scale]) },
  }));
  const [got] = await runOn(gpu, fusedOp(op), [x, s!, w, t!, b], attrs);
  const scaled = (value: HostValue, by: HostValue) => ({
    ...{ ...value, data: Float32Array.from(value.data, (entry) => entry * by.data[0]!) },
  });
  const [y] = await runOn(wasm, op, [scaled(x, s!), scaled(w, t!)], attrs);
  expect(
    relativeError(
      got!,
      Float32Array.from(y!, (entry, i) => entry + b.data[i]!),
    ),
    op.name,
  ).toBeLessThan(limit);
}

describe.skipIf(webgpu.length === 0)('webgpu against wasm', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    [gpu, wasm] = await Promise.all([
      createDevice(webgpu[0]!.options),
      createDevice({ device: 'wasm', threads: 0 }),
    ]);
  });
  afterAll(() => {
    gpu.dispose();
    wasm.dispose();
  });

  describe('matmul', () => {
    test.each([
      ['square tiles with ragged edges', 'f32', [130, 37], [37, 140]],
      ['the same, complex', 'c64', [67, 37], [37, 70]],
      ['few rows', 'f32', [5, 40], [40, 600]],
      ['few columns', 'f32', [600, 40], [40, 5]],
      ['rows of half a tile', 'f32', [27, 40], [40, 300]],
      ['columns of half a tile', 'f32', [300, 40], [40, 27]],
      ['a batch', 'f32', [3, 40, 21], [3, 21, 50]],
      ['batch axes that broadcast', 'f32', [2, 1, 35, 21], [4, 21, 40]],
      ['the same, complex', 'c64', [2, 1, 35, 21], [4, 21, 40]],
      ['enough matrices for the largest tiles', 'f32', [256, 70, 9], [256, 9, 67]],
    ] as const)('%s, %s', async (_, dtype, a, b) => {
      expect(await product([...a], [...b], dtype)).toEqual(['matmul']);
    });
    test('more work groups than one dimension holds', async () => {
      expect(await product([66000, 9, 3], [66000, 3, 9], 'f32')).toEqual(['matmul']);
    });
    test.each([
      ['a batch of small matrices', 'f32', [700, 5, 7], [700, 7, 8]],
      ['the same, complex, that broadcasts', 'c64', [300, 3, 2], [2, 5]],
      ['one row', 'f32', [1, 90], [90, 700]],
      ['few columns', 'c64', [700, 128], [128, 3]],
    ] as const)('%s, %s, without tiles', async (_, dtype, a, b) => {
      expect(await product([...a], [...b], dtype)).toEqual(['matmul/small']);
    });
    test.each(['f32', 'c64'] as const)('a long sum in parts, %s', async (dtype) => {
      expect(await product([3, 5000], [5000, 7], dtype)).toEqual(['matmul', 'matmul/sumParts']);
    });
    test.each(['f32', 'c64'] as const)('transposes by flags and by views, %s', async (dtype) => {
      const conjugate = dtype === 'c64';
      const flags = { transposeA: true, transposeB: true, conjA: conjugate, conjB: conjugate };
      await product([37, 70], [71, 37], dtype, flags);
      const [a, b] = [hostValue([37, 3, 70], dtype, 1), hostValue([66, 37], dtype, 2)];
      const results = [gpu, wasm].map((device) => {
        const [left, right] = [a, b].map(({ data, shape }) => tensor(data, { shape, dtype, device }));
        return apply(matmulOp, [transpose(left!, [1, 2, 0]), transpose(right!)], plain)[0]!.data();
      });
      const [got, expected] = await Promise.all(results);
      expect(relativeError(got!, expected!)).toBeLessThan(1e-6);
    });
  });

  describe('convolution', () => {
    test('direct: ragged tiles, several images, a weight gradient in parts', async () => {
      const steps = await convolution([2, 17, 29, 31], [37, 17, 3, 3], base);
      expect(steps.y).toEqual(['conv2d/direct']);
      expect(steps.x).toEqual(['conv2dInputGrad/direct']);
      expect(steps.w).toEqual(['conv2dWeightGrad', 'conv2dWeightGrad/sumParts']);
    });
    test('direct: stride, asymmetric padding, dilation, groups', async () => {
      const attrs: ConvAttrs = {
        ...{ stride: [2, 3], dilation: [1, 2], groups: 2, algorithm: 'direct' },
        padding: [
          [0, 3],
          [4, 1],
        ],
      };
      const steps = await convolution([3, 12, 26, 35], [34, 6, 3, 2], attrs);
      expect(steps.x).toHaveLength(6);
    });
    test('direct: every channel by itself', async () => {
      const steps = await convolution([2, 40, 23, 29], [40, 1, 3, 3], { ...base, groups: 40 });
      expect(steps.y).toEqual(['conv2d/direct/small']);
      expect(steps.x).toEqual(['conv2dInputGrad/direct/small']);
    });
    test('direct: pixels that no tap reaches have no gradient', async () => {
      await convolution([1, 5, 17, 13], [18, 5, 1, 2], { ...base, stride: [3, 2], dilation: [1, 2] });
    });
    test('direct: many channels of small images, a sum in parts', async () => {
      const steps = await convolution([1, 96, 6, 5], [40, 96, 3, 3], base);
      expect(steps.y).toEqual(['conv2d/direct', 'conv2d/direct/sumParts']);
    });
    const passes = ['winograd/input', 'winograd/product', 'winograd/output'];
    test.each([
      [
        [1, 1],
        [1, 1],
      ],
      [
        [0, 2],
        [3, 0],
      ],
    ] as const)('winograd: ragged tiles, several images, padding %j %j', async (...padding) => {
      const attrs = { ...base, padding, algorithm: 'winograd' as const };
      const steps = await convolution([2, 19, 30, 37], [22, 19, 3, 3], attrs, 3e-6);
      expect(steps.y).toEqual(['winograd/weights', ...passes]);
      expect(steps.x).toEqual(['winograd/weights', ...passes]);
    });
    test('winograd: more tiles than are transformed at a time', async () => {
      const attrs = { ...base, algorithm: 'winograd' as const };
      const [x, w] = [hostValue([3, 256, 73, 70], 'f32', 1), hostValue([5, 256, 3, 3], 'f32', 2)];
      const options = { onWasm: base, limit: 6e-6 };
      const steps = await expectEqual(conv2dOp, [x, w], attrs, options);
      expect(steps).toEqual(['winograd/weights', ...passes, ...passes]);
    });
  });

  describe('element-wise work in loads and stores', () => {
    const [x, w] = [hostValue([2, 3, 9, 7], 'f32', 1), hostValue([4, 3, 3, 3], 'f32', 2)];
    const g = hostValue([2, 4, 9, 7], 'f32', 3);
    test('matmul, its sum in parts', async () => {
      await expectFused(matmulOp, hostValue([3, 600], 'f32', 1), hostValue([600, 7], 'f32', 2), plain);
    });
    test('convolution', async () => {
      await expectFused(conv2dOp, x, w, base);
      await expectFused(conv2dOp, x, w, { ...base, algorithm: 'winograd' }, 3e-6);
    });
    test('gradients of a convolution', async () => {
      await expectFused(conv2dInputGradOp, g, w, { ...base, image: [9, 7] });
      await expectFused(conv2dWeightGradOp, x, g, { ...base, kernel: [3, 3] });
    });
  });

  test('maximum pooling, places and NaN included', async () => {
    const window = { kernel: [3, 2], stride: [2, 2], dilation: [1, 1] } as const;
    const attrs = {
      ...window,
      padding: [
        [1, 1],
        [1, 1],
      ] as const,
    };
    const x = hostValue([2, 17, 25, 31], 'f32', 1);
    for (let i = 0; i < x.data.length; i += 97) x.data[i] = i % 2 ? Number.NaN : Number.POSITIVE_INFINITY;
    for (let i = 5; i < x.data.length; i += 7) x.data[i] = 0.5;
    const [got, expected] = await Promise.all([
      runOn(gpu, maxPool2dOp, [x], attrs),
      runOn(wasm, maxPool2dOp, [x], attrs),
    ]);
    expect(got[0]!.some(Number.isNaN)).toBe(true);
    expect(got).toEqual(expected);
  });
});
