import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simulate, writeFastmri } from '@adjoint/mri';
import { init, stack, tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UnitStore } from '../../../packages/robustness/src/study/core/store.js';
import { fastmriFolder } from '../../../packages/robustness/src/study/data/fastmriFolder.js';
import { planImage } from '../../../packages/robustness/src/study/plan/planRequest.js';
import { profiles } from '../../../packages/robustness/src/study/plan/profiles.js';
import { UnitContext } from '../../../packages/robustness/src/study/units/context.js';
import { imageUnit } from '../../../packages/robustness/src/study/units/image.js';
import type { ImageResult } from '../../../packages/robustness/src/study/units/loadedImage.js';

let folder: string;

async function writeVolume(name: string, seed: number): Promise<void> {
  const values = new Float32Array(80 * 80);
  for (let y = 16; y < 64; y++) values.fill(1 + (y % 16) / 16, y * 80 + 20, y * 80 + 60);
  const images = tensor(values, { shape: [80, 80] });
  const { kspace } = await simulate({ images, shape: [40, 40], coils: 3, seed });
  await writeFastmri(path.join(folder, name), { kspace: stack([kspace, kspace, kspace]) });
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'adjoint-data-'));
  await init({ device: 'wasm', threads: 0 });
  for (let i = 0; i < 6; i++) await writeVolume(`volume${i}.h5`, i);
  await writeFile(path.join(folder, 'notes.txt'), 'no volume');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a folder of fastMRI files', () => {
  it('gives the middle slice of each; of six, the last two tune', async () => {
    const { about, images } = await fastmriFolder(folder, 20);
    expect(about).toMatchObject({
      provenance: 'measured k-space, undersampled afterwards',
      picturesAllowed: false,
    });
    expect(images.map(({ name, use }) => `${name} ${use}`)).toEqual([
      ...['volume0:1 test', 'volume1:1 test', 'volume2:1 test', 'volume3:1 test', 'volume4:1 tune'],
      'volume5:1 tune',
    ]);
    expect(new Set(images.map(({ subject }) => subject)).size).toBe(6);
    expect((await fastmriFolder(folder, 2)).images.map(({ use }) => use)).toEqual(['test', 'test']);
  });

  it('names slices by what is in the file, not by where it lies', async () => {
    const before = (await fastmriFolder(folder, 20)).images.map(({ source }) => source);
    await copyFile(path.join(folder, 'volume1.h5'), path.join(folder, 'volume0.h5'));
    const after = (await fastmriFolder(folder, 20)).images.map(({ source }) => source);
    expect(before[0]).not.toEqual(before[1]);
    expect(after[0]).toEqual(before[1]);
  });

  it('is measured with a mask of exactly W/R lines; the reference is the root sum of squares', async () => {
    const [planned] = (await fastmriFolder(folder, 1)).images;
    const profile = { ...profiles.tiny, mask: { acceleration: 4, centerFraction: 0.2 } };
    const request = { profile, experiments: [], methods: [], data: [], seed: 5 };
    const unit = planImage(request, planned!);
    const run = () => imageUnit(new UnitContext(unit, new UnitStore(folder), 5, () => undefined));
    const { result, tensors } = await run();
    expect(result as ImageResult).toMatchObject({
      coils: 3,
      size: [40, 40],
      lines: 10,
      centre: 8,
      support: null,
    });
    expect(tensors!.reference!.shape).toEqual([40, 40]);
    expect(tensors!.maps!.shape).toEqual([3, 40, 40]);
    expect(await (await run()).tensors!.mask!.data()).toEqual(await tensors!.mask!.data());
    expect(planImage({ ...request, seed: 6 }, planned!).hash).not.toBe(unit.hash);
    expect(planImage(request, planned!, 1).hash).not.toBe(unit.hash);
  });
});
