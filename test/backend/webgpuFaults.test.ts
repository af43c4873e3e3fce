import {
  AdjointError,
  add,
  BudgetError,
  createDevice,
  type Device,
  DeviceError,
  full,
  info,
  memory,
  tensor,
  zeros,
} from '@adjoint/tensor';
import { afterEach, describe, expect, test } from 'vitest';
import { maxGroupsAcross, wgslStep } from '../../packages/tensor/src/backend/webgpu/kernelText.js';
import { apply1 } from '../../packages/tensor/src/dispatch.js';
import { defineOp } from '../../packages/tensor/src/op.js';
import { webgpu } from './devices.js';
import { runScript, type ScriptResult } from './script.js';

const hasGpu = webgpu.length > 0;
const open = (memoryBudget?: number): Promise<Device> =>
  createDevice({ device: 'webgpu', ...(memoryBudget ? { memoryBudget } : {}) });
/** WebGPU's own device behind ours. */
const gpuOf = (device: Device): GPUDevice => (device.backend as unknown as { device: GPUDevice }).device;

/** What a script prints that asks for WebGPU, for the default device, and computes. */
const report = `
import { add, createDevice, info, init, tensor } from '@adjoint/tensor';
const asked = await createDevice({ device: 'webgpu' }).then(() => 'a device', (error) => error.name + ': ' + error.message);
const device = await init();
const { device: name, fallback } = info();
console.log(JSON.stringify({ asked, name, fallback, sum: await add(tensor([1, 2]), 1).toArray() }));
process.exit(0);`;

const reportOf = ({ stdout, stderr, code }: ScriptResult) => {
  expect(code, stderr).toBe(0);
  return { ...JSON.parse(stdout), stderr } as Record<'asked' | 'name' | 'fallback' | 'stderr', string> & {
    sum: number[];
  };
};

/** Makes imports of `webgpu` fail as they do where it is not installed. */
const withoutPackage = `data:text/javascript,${encodeURIComponent(`
import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`export async function resolve(name, context, next) {
  if (name !== 'webgpu') return next(name, context);
  throw Object.assign(new Error('Cannot find package webgpu'), { code: 'ERR_MODULE_NOT_FOUND' });
}\`));`)}`;

describe('no GPU', () => {
  test('without a Vulkan driver: one sentence, and the processor computes', () => {
    const nowhere = { VK_ICD_FILENAMES: '/nonexistent', VK_DRIVER_FILES: '/nonexistent' };
    const got = reportOf(runScript(report, { env: nowhere }));
    expect(got.asked).toMatch(
      /^DeviceError: createDevice: WebGPU found no GPU here: install a Vulkan driver/,
    );
    expect(got).toMatchObject({ name: 'wasm', sum: [2, 3] });
    expect(got.fallback).toMatch(/^WebGPU found no GPU here/);
    // not to a socket, which cannot be opened again: as in a terminal
    const printed = runScript(report, { env: nowhere, errorsToPipe: true }).stdout;
    expect(printed, 'what the driver loader prints').toBe('');
  });

  test("without the package 'webgpu': one sentence, and the processor computes", () => {
    const got = reportOf(runScript(report, { node: ['--import', withoutPackage] }));
    expect(got.asked).toMatch(
      /^DeviceError: createDevice: WebGPU in Node needs the package 'webgpu': npm install/,
    );
    expect(got).toMatchObject({ name: 'wasm', sum: [2, 3], stderr: '' });
    expect(got.fallback).toMatch(/needs the package 'webgpu'/);
  });

  describe('when there is no adapter', () => {
    const key = Symbol.for('adjoint.dawn');
    const held = globalThis as Record<symbol, unknown>;
    const real = held[key];
    afterEach(() => {
      held[key] = real;
    });

    test('the error says so', async () => {
      held[key] = { requestAdapter: async () => null };
      await expect(open()).rejects.toThrow(/createDevice: WebGPU found no GPU here.*cores are used/);
      await expect(open()).rejects.toThrow(DeviceError);
    });
  });
});

test('deterministic results are not promised on webgpu', async () => {
  await expect(createDevice({ device: 'webgpu', deterministic: true })).rejects.toThrow(
    /option deterministic/,
  );
});

describe.runIf(hasGpu)('the default device', () => {
  test('is never a GPU that software stands in for, and info says why', async () => {
    const gpu = await open();
    const device = await createDevice();
    const { isSoftware, adapter, description } = info(gpu);
    expect(description).toContain(adapter);
    expect(/llvmpipe|swiftshader/i.test(adapter!)).toBe(isSoftware);
    expect(info(device).device).toBe(isSoftware ? 'wasm' : 'webgpu');
    if (isSoftware) expect(info(device).fallback).toContain(`computes in software (${adapter})`);
    gpu.dispose();
    device.dispose();
  });
});

test.runIf(hasGpu)('info says up to which limits kernels go, and what the hardware offers', async () => {
  const device = await open();
  const limits = Object.fromEntries(info(device).limits.map(({ name, ...rest }) => [name, rest]));
  const { maxBufferSize, maxComputeInvocationsPerWorkgroup } = gpuOf(device).limits;
  expect(limits.maxBufferSize).toEqual({ used: maxBufferSize, offered: maxBufferSize });
  const { used, offered } = limits.maxComputeInvocationsPerWorkgroup!;
  expect(used).toBe(maxComputeInvocationsPerWorkgroup);
  expect(offered).toBeGreaterThanOrEqual(used);
  device.dispose();
});

describe.runIf(hasGpu)('a lost GPU', () => {
  test('fails pending reads and every later call with one clear error; a new device works', async () => {
    const device = await open();
    const x = tensor([1, 2, 3], { device });
    const pending = add(x, 1).data();
    gpuOf(device).destroy();
    await expect(pending).rejects.toThrow(/The GPU was lost.*Call init\(\) again/);
    for (const call of [() => add(x, 1), () => tensor([1], { device }), () => zeros([2], { device })])
      expect(call).toThrow(/The GPU was lost/);
    await expect(x.data()).rejects.toThrow(DeviceError);
    await expect(device.finish()).rejects.toThrow(/The GPU was lost/);
    x.dispose();
    device.dispose();
    const next = await open();
    expect(await add(tensor([1, 2], { device: next }), 1).toArray()).toEqual([2, 3]);
    next.dispose();
  });

  test('a device disposed during a read says so', async () => {
    const device = await open();
    const pending = add(tensor([1, 2, 3], { device }), 1).data();
    device.dispose();
    await expect(pending).rejects.toThrow(AdjointError);
    await expect(pending).rejects.toThrow(/disposed/);
  });
});

describe.runIf(hasGpu)('memory', () => {
  test('a tensor larger than a kernel can bind is refused with its name, size and the limit', async () => {
    const device = await open(2 ** 45);
    const { maxStorageBufferBindingSize, maxBufferSize } = gpuOf(device).limits;
    const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    const count = Math.floor(limit / 4) + 1;
    const before = memory(device);
    expect(() => zeros([count], { device })).toThrow(DeviceError);
    expect(() => zeros([count], { device })).toThrow(
      `a f32 [${count}] tensor must be at most ${limit} bytes, which is what a kernel of this GPU can bind; got ${4 * count} bytes`,
    );
    expect(memory(device)).toEqual(before);
    device.dispose();
  });

  test('a tensor over the budget is refused before it is allocated', async () => {
    const device = await open(1000);
    const x = zeros([200], { device });
    expect(() => add(x, x)).toThrow(BudgetError);
    expect(() => add(x, x)).toThrow(
      /add: a f32 \[200\] tensor must be within the memory budget of 1000 bytes/,
    );
    x.dispose();
    expect(memory(device).liveBytes).toBe(0);
    device.dispose();
  });

  test('spare memory goes back to the system when it passes the budget', async () => {
    const device = await open(2 ** 20);
    const values: number[] = [];
    for (let n = 1; n <= 40; n++) {
      const x = full([1000 * n], n, { device });
      values.push((await x.data())[1000 * n - 1]!);
      x.dispose();
    }
    expect(values).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    expect(memory(device).reservedBytes).toBeLessThanOrEqual(1.25 * 2 ** 20);
    device.dispose();
  });

  test('views of shared memory are uploaded, whatever their size', async () => {
    const device = await open();
    const bytes = new Uint8Array(new SharedArrayBuffer(2 ** 24 + 11)).map((_, i) => i % 251);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    for (const [start, end] of [
      [0, 4],
      [3, 10],
      [1, bytes.length],
    ] as const) {
      const part = shared.subarray(start, end);
      const buffer = device.backend.upload(part, { fn: 'test', argument: 'shared bytes' });
      const got = new Uint8Array(await device.backend.read(buffer, 0, part.length));
      expect(Buffer.compare(got, Uint8Array.from(part))).toBe(0);
      device.backend.free(buffer);
    }
    device.dispose();
  });
});

describe.runIf(hasGpu)('kernels', () => {
  const broken = defineOp<undefined>({
    name: 'broken',
    infer: ([x]) => [x!],
    wgsl: (call) => ({
      steps: [
        wgslStep(call, {
          name: 'broken/kernel',
          about: 'y = nonsense',
          operands: {
            x: { source: { input: 0 }, dtype: 'f32', access: 'read' },
            y: { source: { output: 0 }, dtype: 'f32', access: 'write' },
          },
          workgroupSize: 64,
          groups: 1,
          body: 'if (local == 0u) { store_y(local, nonsense(load_x(local))); }',
        }),
      ],
    }),
  });

  test('one that does not compile is reported by the next wait, with its line; the device goes on', async () => {
    const device = await open();
    const x = tensor([1, 2], { device });
    const reading = apply1(broken, [x], undefined).data();
    await expect(reading).rejects.toThrow(DeviceError);
    await expect(reading).rejects.toThrow(
      /broken\/kernel: its WGSL does not compile: .*nonsense.*\n {2}line \d+, column \d+: if \(local == 0u\) \{ store_y\(local, nonsense/,
    );
    expect(await add(x, 1).toArray()).toEqual([2, 3]);
    await device.finish();
    device.dispose();
  });

  test('what the GPU refuses is thrown by the next wait, once', async () => {
    const device = await open();
    const gpu = gpuOf(device);
    gpu.queue.writeBuffer(gpu.createBuffer({ size: 16, usage: 0x8 }), 4, new Uint8Array(16));
    await expect(device.finish()).rejects.toThrow(/The GPU refused a command/);
    await device.finish();
    device.dispose();
  });

  test('an op without a WebGPU kernel says so', async () => {
    const device = await open();
    const op = defineOp<undefined>({ name: 'nowhere', infer: ([x]) => [x!] });
    expect(() => apply1(op, [tensor([1], { device })], undefined)).toThrow(/nowhere: has no WebGPU kernel/);
    device.dispose();
  });

  test('more work groups than one dimension takes all run', async () => {
    const device = await open();
    const groups = maxGroupsAcross + 2;
    const count = defineOp<undefined>({
      name: 'countGroups',
      infer: () => [{ shape: [groups], dtype: 'i32' }],
      wgsl: (call) => ({
        steps: [
          wgslStep(call, {
            name: 'countGroups',
            about: 'y[group] = group + 1',
            operands: { y: { source: { output: 0 }, dtype: 'i32', access: 'write' } },
            workgroupSize: 1,
            groups,
            body: 'store_y(group, bitcast<i32>(group) + 1i);',
          }),
        ],
      }),
    });
    const got = await apply1(count, [], undefined, device).data();
    expect(got.findIndex((value, i) => value !== i + 1)).toBe(-1);
    device.dispose();
  });
});

describe.runIf(hasGpu)('a process', () => {
  test('whose tensors are dropped gets their memory back, and keeps the values of the others', () => {
    const { code, signal, stdout, stderr } = runScript(
      `
import { add, init, memory, tensor } from '@adjoint/tensor';
await init({ device: 'webgpu' });
const kept = tensor([5, 6, 7]);
const before = memory().liveBytes;
for (let round = 0; round < 5; round++) {
  for (let i = 0; i < 200; i++) add(tensor(new Float32Array(1000)), i);
  gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
for (let i = 0; i < 20 && memory().liveBytes > before; i++) {
  gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(JSON.stringify({ left: memory().liveBytes - before, values: await add(kept, 1).toArray() }));
`,
      { node: ['--expose-gc'] },
    );
    expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
    expect(JSON.parse(stdout)).toEqual({ left: 0, values: [6, 7, 8] });
  });

  test('ends by itself with live tensors, unfinished work and a read under way', () => {
    const { code, signal, stdout, stderr } = runScript(`
import { add, init, tensor } from '@adjoint/tensor';
await init({ device: 'webgpu' });
globalThis.kept = add(tensor([1, 2, 3]), 1);
globalThis.reading = globalThis.kept.data();
add(globalThis.kept, 1);
console.log('end of the program');
`);
    expect({ code, signal }, stderr).toEqual({ code: 0, signal: null });
    expect(stdout).toContain('end of the program');
  });
});
