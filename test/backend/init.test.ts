import {
  add,
  BudgetError,
  createDevice,
  DeviceError,
  DTypeError,
  type InitOptions,
  info,
  init,
  memory,
  tensor,
  withDevice,
  zeros,
} from '@adjoint/tensor';
import { describe, expect, test } from 'vitest';

describe('init', () => {
  test('before it, everything asks for it', () => {
    expect(() => zeros([2])).toThrow(/zeros|full: no device is ready. Call `await init\(\)` first/);
    expect(() => info()).toThrow(DeviceError);
  });

  test.each([
    [{ device: 'gpu' }, /option device must be one of 'auto', 'wasm', 'webgpu', 'reference'; got "gpu"/],
    [{ threads: -1 }, /option threads must be an integer >= 0/],
    [{ threads: 1.5 }, /option threads/],
    [{ memoryBudget: 0 }, /option memoryBudget must be a finite number > 0/],
    [{ memoryBudget: Number.NaN }, /option memoryBudget/],
    [{ deterministic: 'yes' }, /option deterministic must be true or false/],
    [{ thread: 2 }, /options must be made of device, threads/],
  ])('refuses %j', async (options, message) => {
    await expect(createDevice(options as InitOptions)).rejects.toThrow(message);
  });

  test('info says what the device is', async () => {
    const device = await init({ threads: 2, deterministic: true, memoryBudget: 1e6 });
    expect(info()).toMatchObject({
      device: 'wasm',
      threads: 2,
      deterministic: true,
      fma: false,
      memoryBudget: 1e6,
    });
    expect(info().description).toBe('wasm: SIMD on 2 threads, deterministic');
    device.dispose();
    expect(() => zeros([1])).toThrow(/no device is ready/);
  });
});

describe('budget', () => {
  test('is checked before allocation; the error says what, how much and what to do', async () => {
    const device = await createDevice({ memoryBudget: 1000 });
    const x = zeros([200], { device });
    expect(() => add(x, x)).toThrow(BudgetError);
    expect(() => add(x, x)).toThrow(
      /^add: a f32 \[200\] tensor must be within the memory budget of 1000 bytes; got 800 bytes with \d+ bytes live\. Dispose/,
    );
    x.dispose();
    expect(memory(device).liveBytes).toBe(0);
    device.dispose();
  });
});

describe('devices', () => {
  test('do not mix', async () => {
    const [a, b] = [await createDevice({ threads: 1 }), await createDevice({ device: 'reference' })];
    expect(() => add(tensor([1], { device: a }), tensor([1], { device: b }))).toThrow(
      /add: the tensors must be on one device; got wasm and reference. Move one with toDevice/,
    );
    a.dispose();
  });

  test('double precision exists on reference alone', async () => {
    const [a, b] = [await createDevice({ threads: 0 }), await createDevice({ device: 'reference' })];
    expect(() => tensor([1], { dtype: 'f64', device: a })).toThrow(DTypeError);
    expect(await withDevice(b, () => tensor([0.1], { dtype: 'f64' })).item()).toBe(0.1);
    a.dispose();
  });
});
