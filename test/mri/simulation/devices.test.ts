import { init, memory, type Tensor } from '@adjoint/tensor';
import { afterAll, expect, test } from 'vitest';
import {
  brainPhantom,
  coilMaps,
  ellipsePhantom,
  sheppLogan,
  simulate,
} from '../../../packages/mri/src/simulation/index.js';
import { numbers } from './numbers.js';

afterAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

async function onDevice(device: 'wasm' | 'reference') {
  await init(device === 'wasm' ? { device, threads: 1 } : { device });
  const phantom = await ellipsePhantom({ subject: 3, details: 4 });
  const images = await brainPhantom({ subject: 2, size: 32 });
  return {
    phantom,
    maps: await numbers(await coilMaps({ shape: [6, 5], coils: 3, seed: 4 })),
    images: await numbers(images),
    measured: await numbers((await simulate({ images, coils: 2, snr: 20, seed: 5 })).kspace),
    exact: await numbers((await simulate({ phantom, shape: [8, 8], coils: 2, snr: 20, seed: 5 })).kspace),
  };
}

test('a seed means the same on every device: equal bits for what is drawn, f32 rounding for what is computed', async () => {
  const [wasm, reference] = [await onDevice('wasm'), await onDevice('reference')];
  expect(wasm.phantom).toEqual(reference.phantom);
  expect(wasm.maps).toEqual(reference.maps);
  expect(wasm.images).toEqual(reference.images);
  for (const name of ['measured', 'exact'] as const) {
    const top = reference[name].reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    for (const [i, value] of wasm[name].entries())
      expect(Math.abs(value - reference[name][i]!)).toBeLessThan(1e-5 * top);
  }
});

test('simulate leaves nothing behind but its result', async () => {
  await init({ device: 'wasm', threads: 1 });
  const images = await brainPhantom({ size: 32, slices: 2 });
  const round = async (): Promise<number> => {
    const results = [
      await simulate({ images, coils: 3 }),
      await simulate({ images, coils: 3, inverseCrime: true }),
      await simulate({ phantom: sheppLogan(), shape: [16, 16], coils: 2 }),
      await simulate({ phantom: sheppLogan(), shape: [16, 16], coils: 2, inverseCrime: true }),
    ];
    for (const { kspace, mask, reference, noiseFree, trueMaps, noiseDeviation } of results)
      for (const x of [kspace, mask, reference, noiseFree, trueMaps, noiseDeviation] as Tensor[]) x.dispose();
    return memory().liveBytes;
  };
  const first = await round();
  expect(await round()).toBe(first);
});
