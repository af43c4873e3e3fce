import { createDevice, read, type Tensor, withDevice } from '@adjoint/tensor';
import { expect, test } from 'vitest';
import { espirit } from '../../packages/mri/src/coils/index.js';
import { cgSense, l1, totalVariation, zeroFilled } from '../../packages/mri/src/reconstructors/index.js';
import { webgpu } from '../backend/devices.js';
import { scene } from '../mri/reconstructors/scene.js';

/** Maps and images of one small measurement, computed where the options say. */
async function results(
  options: Parameters<typeof createDevice>[0],
): Promise<Record<string, ArrayLike<number>>> {
  const device = await createDevice(options);
  const measurement = withDevice(device, () => scene({ size: [24, 20], noise: 0.01 }));
  const found: Record<string, Tensor> = { espirit: await espirit(measurement) };
  const methods = [
    zeroFilled(),
    cgSense({ iterations: 5, lambda: 0.01 }),
    l1({ iterations: 10 }),
    totalVariation({ iterations: 20 }),
  ];
  for (const method of methods) found[method.name] = await method.reconstruct(measurement);
  const values = Object.entries(found).map(async ([name, x]) => [name, (await read(x)) as ArrayLike<number>]);
  const all = Object.fromEntries(await Promise.all(values));
  device.dispose();
  return all;
}

function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

test.each(webgpu)(
  'maps and reconstructions on $name are those of wasm',
  { timeout: 240_000 },
  async ({ options }) => {
    const expected = await results({ device: 'wasm' });
    const got = await results(options);
    const errors = Object.entries(expected).map(([name, x]) => [name, relativeError(got[name]!, x)] as const);
    for (const [name, error] of errors) expect(error, name).toBeLessThan(1e-4);
  },
);
