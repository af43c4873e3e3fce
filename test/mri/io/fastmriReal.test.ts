import { abs, centredIfft, type Device, div, init, max, mean, read, sub, type Tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { rss } from '../../../packages/mri/src/coils/index.js';
import { openFastmri, openH5 } from '../../../packages/mri/src/io/index.js';
import { realFile, testOnRealFiles } from './realFiles.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const central = (image: Tensor, [h, w]: readonly number[]): Tensor => {
  const [height, width] = image.shape as [number, number];
  const [top, left] = [Math.floor((height - h!) / 2), Math.floor((width - w!) / 2)];
  return image.slice([
    [top, top + h!],
    [left, left + w!],
  ]);
};

describe('fully sampled k-space', () => {
  testOnRealFiles.for([
    ['brain_t1_8ch_230x180', [1, 8, 230, 180], [230, 180]],
    ['brain_t1_ge_4ch_256x256', [1, 4, 256, 256], [256, 256]],
    ['brain_t1_smallfov_8ch_320x168', [1, 8, 320, 168], [320, 168]],
    ['brain_t2_1ch_256x340', [1, 1, 256, 340], [256, 340]],
    ['phantom_4ch_256x256', [1, 4, 256, 256], [256, 256]],
    ['phantom_gre_siemens_2ch_320x160', [1, 2, 320, 160], [160, 160]],
  ] as const)('%s: the reference is the RSS of the inverse transform', async ([name, shape, crop]) => {
    using file = await openFastmri(realFile(`kspace/${name}.h5`));
    expect(file.shape).toEqual(shape);
    expect(file.header!.encodedMatrix.y).toBe(shape[3]);
    const { kspace, mask, reference, crop: size, name: title } = await file.slice(0);
    expect(kspace.shape).toEqual(shape.slice(1));
    expect(size).toEqual(crop);
    expect(title).toBe(`${name}, slice 0`);
    expect((await read(mask)).every((value) => value === 1)).toBe(true);
    const image = central(rss(centredIfft(kspace)), crop);
    const error = await div(max(abs(sub(image, reference!))), max(reference!)).item();
    expect(error).toBeLessThan(1e-6);
    expect(await max(reference!).item()).toBeCloseTo(file.attributes.max as number, 4);
  });
});

describe('undersampled k-space', () => {
  testOnRealFiles.for([
    ['brain_poisson_8ch_230x180', [1, 8, 230, 180], 2],
    ['brain_t2_r3_12ch_256x256', [1, 12, 256, 256], 1],
  ] as const)('%s: zeros where the mask is 0', async ([name, shape, maskRank]) => {
    using file = await openFastmri(realFile(`kspace-undersampled/${name}.h5`));
    expect(file.shape).toEqual(shape);
    const { kspace, mask, reference } = await file.slice(0);
    expect(mask.rank).toBe(maskRank);
    expect(reference).toBeUndefined();
    expect(await max(abs(kspace.mul(sub(1, mask)))).item()).toBe(0);
    const share = await mean(mask).item();
    expect(share).toBeCloseTo(name === 'brain_poisson_8ch_230x180' ? 0.124 : 107 / 256, 3);
  });
});

describe('images', () => {
  testOnRealFiles.for([
    ['complex/brain_t2_siat_20', [20, 256, 256], 'complex64'],
    ['complex/cardiac_axial_2echo_pk17', [2, 192, 256], 'complex64'],
    ['complex/cardiac_axial_pk06', [8, 192, 256], 'complex64'],
    ['complex/cardiac_sagittal_2echo_pk16', [2, 256, 192], 'complex64'],
    ['complex/cardiac_sagittal_pk05', [8, 256, 192], 'complex64'],
    ['complex/knee_espirit_320x256', [1, 320, 256], 'complex64'],
    ['complex/thorax_abdomen_coronal_pk09', [8, 256, 256], 'complex64'],
    ['magnitude/brain_flair_1x256x256', [1, 256, 256], 'uint16'],
    ['magnitude/brain_pd_20x256x256', [20, 256, 256], 'uint16'],
    ['magnitude/brain_t1_ch2_12x217x181', [12, 217, 181], 'uint8'],
    ['magnitude/cardiac_cine_16x256x256', [16, 256, 256], 'uint8'],
    ['magnitude/shoulder_t1_1x1024x1024', [1, 1024, 1024], 'uint16'],
  ] as const)('%s', async ([name, shape, type]) => {
    using file = await openH5(realFile(`${name}.h5`));
    expect(file.datasets.get('image')).toMatchObject({ shape, type });
    const last = shape[0] - 1;
    using image = await file.read('image', { offset: [last], count: [1] });
    expect(image.shape).toEqual([1, ...shape.slice(1)]);
    const values = await read(image);
    expect(values.some((value) => value !== 0)).toBe(true);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});
