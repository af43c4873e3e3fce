import { detectMask, openFastmri } from '@adjoint/mri';
import { init } from '@adjoint/tensor';
import { beforeAll, describe, expect } from 'vitest';
import { realFile, testOnRealFiles } from '../io/realFiles.js';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

describe('detectMask on real k-space', () => {
  testOnRealFiles.each([
    // a Poisson disc, whose mask the file holds
    ['kspace-undersampled/brain_poisson_8ch_230x180', [230, 180], 5148],
    // every third line and a centre
    ['kspace-undersampled/brain_t2_r3_12ch_256x256', [256], 107],
    // a filtered disc: corners are nearly, but not exactly, 0
    ['kspace/brain_t1_ge_4ch_256x256', [256], 256],
    ['kspace/brain_t2_1ch_256x340', [340], 340],
  ])('%s', async (name, shape, count) => {
    using file = await openFastmri(realFile(`${name}.h5`));
    const { kspace, mask } = await file.slice(0);
    const found = await detectMask(kspace);
    expect(found.shape).toEqual(shape);
    expect(found.numSampled).toBe(count);
    expect(found.values).toEqual(await mask.data());
  });
});
