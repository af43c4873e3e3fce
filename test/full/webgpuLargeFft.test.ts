import { createDevice, type Device, tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultTarget } from '../../packages/tensor/src/backend/webgpu/plan.js';
import { apply1 } from '../../packages/tensor/src/dispatch.js';
import { defineOp, type KernelCall } from '../../packages/tensor/src/op.js';
import { constant, float, operand } from '../../packages/tensor/src/ops/elementwise/expression.js';
import { type FftAttributes, fftOp } from '../../packages/tensor/src/ops/fft/fft.js';
import { fftWgsl } from '../../packages/tensor/src/ops/fft/fft.wgsl.js';
import { contiguousStrides } from '../../packages/tensor/src/shape.js';
import { webgpu } from '../backend/devices.js';
import { errorNorms } from '../ops/errorNorms.js';
import { hostValue, runReference } from '../ops/runKernels.js';

// The op table draws small operands; here are the lengths of every algorithm, and more work groups than one
// dimension of a dispatch holds.

let gpu: Device;

const attributes = (axes: number[], rest: Partial<FftAttributes> = {}): FftAttributes => ({
  ...{ axes, inverse: false, scale: 1, centred: false },
  ...rest,
});
/** Both at once, so that either going wrong shows. */
const inverseCentred = { inverse: true, centred: true, scale: 0.5 };

/** Names of the dispatches of a transform: shows which passes were chosen. */
function stepNames(op: typeof fftOp, shape: readonly number[], attrs: FftAttributes): string[] {
  const layout = { shape, dtype: 'c64' as const, strides: contiguousStrides(shape), offset: 0 };
  const plan = op.wgsl!({ inputs: [layout], outputs: [layout], attrs }, defaultTarget);
  return plan.steps.map(({ name }) => name.replace('fft/', ''));
}

async function transformed(op: typeof fftOp, x: ReturnType<typeof hostValue>, attrs: FftAttributes) {
  const input = tensor(x.data, { shape: x.shape, dtype: 'c64', device: gpu });
  const output = apply1(op, [input], attrs);
  const values = await output.data();
  for (const value of [input, output]) value.dispose();
  return values;
}

/** Compares with f64 within the limits of the wasm kernels; returns the names of the dispatches. */
async function expectAccurate(
  shape: number[],
  attrs: FftAttributes,
  { op = fftOp, factor = 1 }: { op?: typeof fftOp; factor?: number } = {},
): Promise<string[]> {
  const x = hostValue(shape, 'c64', 7);
  const got = await transformed(op, x, attrs);
  const [{ data: expected }] = runReference(fftOp, [x], {
    ...attrs,
    scale: factor * attrs.scale,
  }) as never as [{ data: Float64Array }];
  const call = `[${shape}] ${JSON.stringify(attrs)}`;
  const { l2, max } = errorNorms(got, expected);
  expect(l2, call).toBeLessThan(3e-7);
  expect(max, call).toBeLessThan(1e-6);
  return stepNames(op, shape, attrs);
}

/** The same transforms by kernels that think they have other memory. */
const within = (workgroupBytes: number, batchBytes?: number) =>
  defineOp<FftAttributes>({
    ...fftOp,
    name: `fft within ${workgroupBytes} ${batchBytes}`,
    wgsl: (call, target) => fftWgsl(call, { ...target, workgroupBytes }, batchBytes),
  });

/** As when x·3 is computed where x is loaded, and y·2 before y is stored. */
const fused = defineOp<FftAttributes>({
  ...fftOp,
  name: 'fft of 3x, doubled',
  wgsl: (call: KernelCall<FftAttributes>, target) => {
    const times = (factor: number) => ({
      re: float.mul(operand(0, 'f32', 0), constant(factor)),
      im: float.mul(operand(0, 'f32', 1), constant(factor)),
    });
    const loads = [{ value: times(3), operands: [call.inputs[0]!] }];
    return fftWgsl({ ...call, loads, store: { value: times(2), operands: [] } }, target);
  },
});

describe.skipIf(webgpu.length === 0)('webgpu fft', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    gpu = await createDevice(webgpu[0]!.options);
  });
  afterAll(() => gpu.dispose());

  test.each(Array.from({ length: 64 }, (_, i) => i + 1))('length %i by rows and columns', async (n) => {
    await expectAccurate([5, n], attributes([1]));
    await expectAccurate([n, 23], attributes([0], inverseCentred));
    await expectAccurate([3, n, 2], attributes([1], inverseCentred));
  });

  test.each([
    [97, ['200 bluestein']],
    [127, ['256 bluestein']],
    [368, ['368']],
    [640, ['640']],
    [1001, ['1001']],
    [1009, ['2048 bluestein']],
    [1031, Array(4).fill(expect.stringMatching(/^\d+ bluestein$/))],
    [2048, ['2048']],
    [4096, ['64', '64']],
    [5000, ['50', '100']],
  ])('length %i', async (n, steps) => {
    expect(await expectAccurate([n], attributes([0], { centred: true }))).toEqual(steps);
    await expectAccurate([3, n], attributes([1], inverseCentred));
    await expectAccurate([2, n, 5], attributes([1], { inverse: true, scale: 1 / n }));
  });

  test('axes in any combination, unit axes', async () => {
    for (const variant of [{ centred: true, scale: 3 }, inverseCentred]) {
      await expectAccurate([3, 4, 5, 6], attributes([0, 2], variant));
      expect(await expectAccurate([3, 4, 5, 6], attributes([0, 1, 2, 3], variant))).toEqual([
        '6',
        '5',
        '4',
        '3',
      ]);
      await expectAccurate([1, 7, 1, 5, 1], attributes([1, 2, 3, 4], variant));
      await expectAccurate([2, 60, 70], attributes([1, 2], variant));
      expect(await expectAccurate([1, 3, 1], attributes([0, 2], variant))).toEqual(['copy']);
    }
    expect(await expectAccurate([3, 8, 2100], attributes([1, 2]))).toEqual(['42', '50', '8']);
  });

  test('transforms of a third pass, and of a fourth', async () => {
    const op = within(64 * 8);
    expect(await expectAccurate([2, 5000, 3], attributes([1], inverseCentred), { op })).toEqual([
      '10',
      '20',
      '25',
    ]);
    expect(await expectAccurate([5000], attributes([0]), { op })).toHaveLength(3);
    expect(await expectAccurate([2, 139], attributes([1], inverseCentred), { op })).toHaveLength(4);
    expect(
      await expectAccurate([3000, 2], attributes([0], { centred: true }), { op: within(128) }),
    ).toHaveLength(4);
  });

  test('batches too large for the work arrays', async () => {
    const op = within(64 * 8, 100_000);
    const steps = await expectAccurate([11, 2048, 2], attributes([1], inverseCentred), { op });
    expect(steps).toHaveLength(2 * 4);
  });

  test('more work groups than one dimension holds', async () => {
    await expectAccurate([70_001, 6], attributes([1], inverseCentred), { op: within(64) });
    await expectAccurate([6, 70_001], attributes([0], inverseCentred), { op: within(64) });
    await expectAccurate([70_001, 4], attributes([1]));
  });

  test('element-wise work in the first load and the last store', async () => {
    for (const axes of [[0], [2], [0, 1, 2]])
      await expectAccurate([3, 8, 5], attributes(axes, inverseCentred), { op: fused, factor: 6 });
    await expectAccurate([3, 3000], attributes([0, 1], inverseCentred), { op: fused, factor: 6 });
    await expectAccurate([3, 1], attributes([1]), { op: fused, factor: 6 });
  });

  test('a NaN stays within its own transform', async () => {
    for (const n of [12, 71]) {
      const x = hostValue([n, 11], 'c64');
      x.data[2 * 3] = Number.NaN;
      const y = await transformed(fftOp, x, attributes([0]));
      for (let i = 0; i < n * 11; i++) expect(Number.isNaN(y[2 * i])).toBe(i % 11 === 3);
    }
  });
});
