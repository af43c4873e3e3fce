import {
  argmax,
  conv2d,
  createDevice,
  type Device,
  fft,
  info,
  moments,
  norm,
  setConvAlgorithm,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FoundAdapter } from '../../packages/tensor/src/backend/webgpu/adapter.js';
import { capabilitiesOf } from '../../packages/tensor/src/backend/webgpu/capabilities.js';
import { defaultTarget, type WgslTarget } from '../../packages/tensor/src/backend/webgpu/plan.js';
import { apply1 } from '../../packages/tensor/src/dispatch.js';
import { fftOp } from '../../packages/tensor/src/ops/fft/fft.js';
import { sumOp } from '../../packages/tensor/src/ops/reduce/sum.js';
import { difference } from '../../packages/tensor/src/testing/compare.js';
import { BothDevices, operand } from './bothDevices.js';
import { webgpu } from './devices.js';

/** Dispatches of a transform of length n. */
function passesOf(n: number, target: WgslTarget): number {
  const x = { shape: [n], dtype: 'c64' as const, strides: [1], offset: 0 };
  const attrs = { axes: [0], inverse: false, centred: false, scale: 1 };
  return fftOp.wgsl!({ inputs: [x], outputs: [x], attrs }, target).steps.length;
}

/** A GPU with these features and limits beyond the default, of which nothing but this is asked. */
const gpuWith = (
  features: string[],
  limits: object = {},
  language: string[] = ['subgroup_id'],
): FoundAdapter =>
  ({
    title: 'A',
    isSoftware: false,
    gpu: { wgslLanguageFeatures: new Set(language) },
    adapter: {
      features: new Set(features),
      info: { subgroupMinSize: 16 },
      limits: {
        ...{ maxBufferSize: 1, maxStorageBufferBindingSize: 1, maxComputeInvocationsPerWorkgroup: 2048 },
        ...{ maxComputeWorkgroupSizeX: 2048, maxComputeWorkgroupStorageSize: 65536, ...limits },
      },
    },
  }) as unknown as FoundAdapter;

describe('what kernels use', () => {
  const all = ['subgroups', 'shader-f16'];

  test('is what every GPU has, and subgroups where they can be counted', () => {
    expect(capabilitiesOf(gpuWith([]), {})).toMatchObject({
      target: defaultTarget,
      request: { requiredFeatures: [] },
    });
    expect(capabilitiesOf(gpuWith(all), {}).target).toEqual({ ...defaultTarget, subgroupSize: 16 });
    expect(capabilitiesOf(gpuWith(all, {}, []), {}).target).toEqual(defaultTarget);
    expect(capabilitiesOf(gpuWith(all), { subgroups: false })).toMatchObject({
      target: defaultTarget,
      request: { requiredFeatures: [] },
    });
  });

  test('is more where options say so, and that is asked of the GPU', () => {
    const { target, request } = capabilitiesOf(gpuWith(all), { f16: true, limits: 'adapter' });
    expect(target).toEqual({ workgroupBytes: 32768, maxWorkgroupSize: 1024, subgroupSize: 16, f16: true });
    expect(request).toMatchObject({
      requiredFeatures: all,
      requiredLimits: { maxComputeInvocationsPerWorkgroup: 1024, maxComputeWorkgroupStorageSize: 32768 },
    });
    const small = gpuWith([], { maxComputeWorkgroupSizeX: 512, maxComputeWorkgroupStorageSize: 20000 });
    expect(capabilitiesOf(small, { limits: 'adapter' }).target).toMatchObject({
      ...{ workgroupBytes: 20000, maxWorkgroupSize: 512 },
    });
  });

  test('half precision that the GPU does not have is refused in one sentence', () => {
    expect(() => capabilitiesOf(gpuWith(['subgroups']), { f16: true })).toThrow(
      'The GPU (A) has no half precision (shader-f16), which the option f16 needs.',
    );
  });

  test.each([
    [{ f16: true }, /option f16 must be absent unless the device is 'webgpu'/],
    [{ device: 'wasm', limits: 'adapter' }, /option limits must be absent/],
    [{ device: 'webgpu', f16: 1 }, /option f16 must be true or false/],
    [{ device: 'webgpu', limits: 'all' }, /option limits must be one of 'default', 'adapter'/],
  ])('refuses %j', async (options, message) => {
    await expect(createDevice(options as object)).rejects.toThrow(message);
  });
});

describe.skipIf(webgpu.length === 0)('kernels that use more', () => {
  let devices: BothDevices;
  beforeAll(async () => {
    devices = await BothDevices.create();
  });
  afterAll(() => devices.dispose());

  const onVariant = async (options: object, f: (device: Device) => Promise<void>): Promise<void> => {
    const device = await createDevice({ device: 'webgpu', ...options });
    await f(device);
    device.dispose();
  };
  const normal = (uniform: number): number => 4 * uniform - 2;

  test('subgroups change no bit of a reduction', async () => {
    const reductions: ((x: Tensor) => Tensor)[] = [
      (x) => sum(x, { axes: 0 }),
      (x) => norm(x, { axes: 0 }),
      (x) => argmax(x, { axes: 0 }),
      (x) => moments(x, { axes: 0 }).variance,
    ];
    await onVariant({ subgroups: false }, async (plain) => {
      expect(info(plain).kernels).toEqual(defaultTarget);
      for (const shape of [[5003], [700, 3], [9, 40]])
        for (const f of reductions) {
          const x = [operand(shape, 'f32', normal)];
          const got = await devices.run(devices.gpu, (t) => f(t!), x);
          expect(got).toEqual(await devices.run(plain, (t) => f(t!), x));
        }
    });
  });

  test('a subgroup may be larger than kernels count on', async () => {
    const { kernels } = info(devices.gpu);
    const x = operand([3000], 'f32', normal);
    const totalWith = (subgroupSize: number) => {
      const target: WgslTarget = { ...kernels!, subgroupSize };
      const op: typeof sumOp = {
        ...sumOp,
        name: `sum ${subgroupSize}`,
        wgsl: (call) => sumOp.wgsl!(call, target),
      };
      return devices.run(devices.gpu, (t) => apply1(op, [t!], { axis: 0, count: 1 }), [x]);
    };
    const expected = await totalWith(1);
    for (let size = 2; size <= kernels!.subgroupSize; size *= 2)
      expect(await totalWith(size)).toEqual(expected);
  });

  test('large work groups transform in one pass what takes two', async () => {
    await onVariant({ limits: 'adapter' }, async (large) => {
      const { kernels } = info(large);
      const n = kernels!.workgroupBytes / 8;
      expect(passesOf(n, kernels!)).toBe(1);
      if (n > 2048) expect(passesOf(n, defaultTarget)).toBe(2);
      const x = [operand([2, n], 'c64', normal)];
      const got = await devices.run(large, (t) => fft(t!), x);
      const expected = await devices.run(devices.wasm, (t) => fft(t!), x);
      expect(difference(got, expected).error).toBeLessThan(1e-6);
    });
  });

  test('half precision keeps two digits of a convolution', async (context) => {
    const hasHalf = info(devices.gpu).features.includes('shader-f16');
    if (!hasHalf) return context.skip();
    const x = [operand([1, 8, 18, 18], 'f32', normal), operand([8, 8, 3, 3], 'f32', normal)];
    const run = (device: Device) => devices.run(device, (t, w) => conv2d(t!, w!, { padding: 1 }), x);
    setConvAlgorithm('winograd');
    await onVariant({ f16: true }, async (half) => {
      const { error } = difference(await run(half), await run(devices.wasm));
      expect(error).toBeLessThan(1e-2);
      expect(error, 'f16 is in use').toBeGreaterThan(1e-4);
    });
    setConvAlgorithm('auto');
  });
});
