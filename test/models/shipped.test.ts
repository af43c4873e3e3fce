import { readFile, stat } from 'node:fs/promises';
import { builtinImages, headSplit, scores, simulate, studyMask, undersample, zeroFilled } from '@adjoint/mri';
import { type Device, init } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedNames, shippedPath, shippedWeights } from '../../packages/models/src/shippedWeights.js';
import { unetReconstructor } from '../../packages/models/src/unet/index.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

describe('shipped weights', () => {
  it.each(shippedNames)('%s: at most 1 MB, with a card that says what it was trained on', async (name) => {
    expect((await stat(shippedPath(name))).size).toBeLessThanOrEqual(1e6);
    const card = await readFile(shippedPath(name).replace(/\.safetensors$/, '.md'), 'utf8');
    for (const word of ['Trained on', 'simulated acquisition', 'no medical use', 'npm run train-zoo'])
      expect(card).toContain(word);
    expect(card).toContain((await shippedWeights(name)).metadata.trained);
  });

  it('unet-head-t1 reconstructs a slice kept from its training better than the zero-filled image is', async () => {
    const method = unetReconstructor(await shippedWeights('unet-head-t1'));
    const { images } = await builtinImages('head', { slices: [headSplit('axial').test[13]!] });
    const full = await simulate({ images: images.slice([0]), shape: [96, 96], coils: 4, seed: 77 });
    const m = undersample(full, studyMask({ width: 96, seed: 77 }));
    const [network, zeros] = [await method.reconstruct(m), await zeroFilled().reconstruct(m)];
    const [got, before] = [await scores(full.reference, network), await scores(full.reference, zeros)];
    expect(got.psnr_foreground).toBeGreaterThan(before.psnr_foreground + 1);
    expect(got.ssim).toBeGreaterThan(before.ssim + 0.2);
  });

  it('refuses other names', async () => {
    await expect(shippedWeights('resnet' as never)).rejects.toThrow(/one of 'unet-head-t1'/);
  });
});
