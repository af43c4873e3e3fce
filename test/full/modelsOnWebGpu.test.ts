// Training and reconstruction with a U-net on WebGPU beside wasm.
import { adam } from '@adjoint/autograd';
import { simulatedTrainingData, fit as train, unet, unetReconstructor } from '@adjoint/models';
import { brainPhantom, simulate, studyMask, undersample } from '@adjoint/mri';
import { type Device, type InitOptions, init, key } from '@adjoint/tensor';
import { afterAll, expect, test } from 'vitest';
import { webgpu } from '../backend/devices.js';

const devices: Device[] = [];
afterAll(() => {
  for (const device of devices) device.dispose();
});

/** Losses of a training of four steps, and the image that its network makes. */
async function on(options: InitOptions) {
  devices.push(await init(options));
  const images = await brainPhantom({ subject: 2, slices: 2, size: 48 });
  const data = await simulatedTrainingData({ images, shape: [24, 24], coils: 2 });
  const network = unet({ chans: 4, pools: 2, dropout: 0.2 });
  const fitted = await train(network, {
    data,
    optimizer: adam({ lr: 1e-3 }),
    steps: 4,
    batchSize: 2,
    key: key(3),
  });
  const full = await simulate({ images, shape: [24, 24], coils: 2, seed: 4 });
  const measured = undersample(full, studyMask({ width: 24, seed: 5 }));
  const image = await unetReconstructor({ network, parameters: fitted.parameters }).reconstruct(measured);
  return { losses: fitted.losses, image: Array.from(await image.data()) };
}

test.each(webgpu)(
  'a U-net trains and reconstructs on $name as on wasm',
  { timeout: 240_000 },
  async ({ options }) => {
    const expected = await on({ device: 'wasm' });
    const got = await on(options);
    expect(got.losses).toHaveLength(4);
    for (const [i, loss] of got.losses.entries())
      expect(Math.abs(loss - expected.losses[i]!)).toBeLessThan(2e-3);
    const top = Math.max(...expected.image);
    for (const [i, value] of got.image.entries())
      expect(Math.abs(value - expected.image[i]!)).toBeLessThan(0.03 * top);
  },
);
