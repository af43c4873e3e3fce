import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { centredIfft, FormatError, init, read, type Tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rss } from '../../../packages/mri/src/coils/index.js';
import { convertIsmrmrd, openFastmri, openH5, openIsmrmrd } from '../../../packages/mri/src/io/index.js';
import { fixture } from './fixture.js';

let folder: string;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-ismrmrd-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Largest difference of two arrays. */
async function difference(x: Tensor, y: Tensor): Promise<number> {
  expect(x.shape).toEqual(y.shape);
  const [a, b] = [await read(x), await read(y)];
  let worst = 0;
  a.forEach((value, i) => {
    worst = Math.max(worst, Math.abs(value - b[i]!));
  });
  return worst;
}

async function expected(name: string): Promise<Tensor> {
  using file = await openH5(fixture(name));
  return file.read('dataset/expected');
}

describe('a 3-D acquisition', () => {
  test('becomes slices, with averages, signs, weights, cut and reversed readouts put right', async () => {
    using file = await openIsmrmrd(fixture('volume.h5'));
    expect(file.shape).toEqual([4, 2, 8, 5]);
    const truth = await expected('volume.h5');
    for (let i = 0; i < 4; i++) {
      const { kspace, mask, crop, name } = await file.slice(i);
      expect(await difference(kspace, truth.slice([i]))).toBeLessThan(2e-6);
      expect(Array.from(await read(mask))).toEqual([1, 1, 1, 1, 1]);
      expect(crop).toEqual([4, 4]);
      expect(name).toBe(`volume, slice ${i}`);
    }
  });

  test('scale and the removal of readout oversampling', async () => {
    using whole = await openIsmrmrd(fixture('volume.h5'));
    using part = await openIsmrmrd(fixture('volume.h5'), { readout: 'crop', scale: 10 });
    expect(part.shape).toEqual([4, 2, 4, 5]);
    const [full, short] = [await whole.slice(1), await part.slice(1)];
    const rows = centredIfft(full.kspace)
      .slice([null, [2, 6], null])
      .mul(10 / Math.SQRT2);
    expect(await difference(centredIfft(short.kspace).div(Math.SQRT2), rows)).toBeLessThan(1e-5);
    expect(await difference(short.reference!, full.reference!.mul(10))).toBeLessThan(1e-5);
  });
});

describe('a stack of 2-D slices', () => {
  test('lines stand where the header puts k = 0, one contrast at a time', async () => {
    const truth = await expected('stack.h5');
    for (const contrast of [0, 1]) {
      using file = await openIsmrmrd(fixture('stack.h5'), { select: { contrast } });
      expect(file.shape).toEqual([3, 2, 4, 8]);
      for (let i = 0; i < 3; i++) {
        const { kspace, mask, reference } = await file.slice(i);
        expect(await difference(kspace, truth.slice([i]).mul(1 + contrast))).toBeLessThan(1e-6);
        expect(Array.from(await read(mask))).toEqual([0, 0, 1, 1, 1, 1, 1, 0]);
        expect(reference).toBeUndefined();
      }
    }
  });

  test('a contrast that is not there is an error', async () => {
    await expect(openIsmrmrd(fixture('stack.h5'), { select: { contrast: 2 } })).rejects.toThrow(
      'a file of image readouts; got none for this selection',
    );
  });
});

describe('converting to the fastMRI layout', () => {
  test('a fully sampled volume: k-space, references, their maximum and norm', async () => {
    const path = join(folder, 'volume.h5');
    const steps: number[] = [];
    await convertIsmrmrd(fixture('volume.h5'), path, {
      attributes: { acquisition: 'FSE' },
      onProgress: ({ step }) => steps.push(step),
    });
    expect(steps).toEqual([1, 2, 3, 4]);
    using file = await openFastmri(path);
    expect(file.shape).toEqual([4, 2, 8, 5]);
    expect(file.attributes.acquisition).toBe('FSE');
    const truth = await expected('volume.h5');
    let [max, squares] = [0, 0];
    for (let i = 0; i < 4; i++) {
      const { kspace, reference, crop } = await file.slice(i);
      expect(await difference(kspace, truth.slice([i]).mul(1e-7))).toBeLessThan(1e-12);
      expect(crop).toEqual([4, 4]);
      const image = rss(centredIfft(kspace)).slice([
        [2, 6],
        [0, 4],
      ]);
      expect(await difference(reference!, image)).toBeLessThan(1e-12);
      for (const value of await read(reference!)) {
        max = Math.max(max, value);
        squares += value * value;
      }
    }
    expect(file.attributes.max).toBe(max);
    expect(file.attributes.norm).toBeCloseTo(Math.sqrt(squares), 15);
    expect(await readdir(folder)).toEqual(['volume.h5']);
  });

  test('undersampled slices carry their mask instead of references', async () => {
    const path = join(folder, 'stack.h5');
    await convertIsmrmrd(fixture('stack.h5'), path, { scale: 1 });
    using file = await openFastmri(path);
    const { mask, reference } = await file.slice(2);
    expect(Array.from(await read(mask))).toEqual([0, 0, 1, 1, 1, 1, 1, 0]);
    expect(reference).toBeUndefined();
  });
});

describe('what is no such file', () => {
  test('says what it is instead', async () => {
    await expect(openIsmrmrd(fixture('types.h5'))).rejects.toThrow(FormatError);
    await expect(openIsmrmrd(fixture('types.h5'))).rejects.toThrow(
      'an ISMRMRD file, with dataset/xml and dataset/data; got one with',
    );
  });
});
