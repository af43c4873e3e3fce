import { init, type Tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  brainPhantom,
  type KneeOptions,
  kneePhantom,
  kspaceSupport,
} from '../../../packages/mri/src/simulation/index.js';
import { numbers, relativeError } from './numbers.js';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

interface FamilyCase {
  readonly name: string;
  readonly make: (options?: object) => Promise<Tensor>;
  readonly contrasts: readonly [string, string];
}

const families: FamilyCase[] = [
  { name: 'knee', make: (options) => kneePhantom(options as KneeOptions), contrasts: ['pd', 'pdfs'] },
  { name: 'brain', make: (options) => brainPhantom(options), contrasts: ['t1', 't2'] },
];

describe.each(families)('$name', ({ name, make, contrasts }) => {
  test('slices of the asked size, in the stated range, dark outside', async () => {
    const images = await make({ slices: 2, size: 48 });
    expect([images.dtype, images.shape]).toEqual(['f32', [2, 48, 48]]);
    const values = await numbers(images);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeGreaterThan(0.7);
    expect(Math.max(...values)).toBeLessThan(1.25);
    // the middle of the left and of the right edge
    for (const column of [0, 47]) expect(values[24 * 48 + column]).toBe(0);
    expect(values.filter((value) => value > 0.05).length).toBeGreaterThan(0.3 * values.length);
  });

  test('a subject is always the same and no other one', async () => {
    const first = await numbers(await make({ subject: 11, size: 32 }));
    expect(await numbers(await make({ subject: 11, size: 32 }))).toEqual(first);
    const others = await Promise.all([12, 13, 14].map(async (subject) => make({ subject, size: 32 })));
    for (const other of others) expect(await numbers(other)).not.toEqual(first);
  });

  test('slices of a subject are neighbours, subjects are strangers', async () => {
    const five = await make({ subject: 2, slices: 5, size: 64 });
    const [second, third] = [five.slice([1]), five.slice([2])];
    const stranger = (await make({ subject: 3, slices: 5, size: 64 })).slice([2]);
    const near = await relativeError(second, third);
    expect(near).toBeGreaterThan(0.02);
    expect(near).toBeLessThan(await relativeError(stranger, third));
  });

  test('both contrasts show the same outline with other intensities', async () => {
    const [a, b] = await Promise.all(
      contrasts.map(async (contrast) => numbers(await make({ contrast, size: 64 }))),
    );
    let [apart, outline] = [0, 0];
    for (let i = 0; i < a!.length; i++) {
      if ((a![i] === 0) !== (b![i] === 0)) outline++;
      if (Math.abs(a![i]! - b![i]!) > 0.1) apart++;
    }
    expect(outline).toBe(0);
    expect(apart).toBeGreaterThan(a!.length / 10);
    expect(await numbers(await make({ size: 64 }))).toEqual(a);
  });

  test('the anatomy does not depend on the grid', async () => {
    const fine = await numbers(await make({ subject: 5, size: 256 }));
    const coarse = await numbers(await make({ subject: 5, size: 128 }));
    let [difference, total] = [0, 0];
    for (let y = 0; y < 128; y++)
      for (let x = 0; x < 128; x++) {
        difference += (fine[2 * y * 256 + 2 * x]! - coarse[y * 128 + x]!) ** 2;
        total += coarse[y * 128 + x]! ** 2;
      }
    // edges are softened over a pixel, which differs
    expect(Math.sqrt(difference / total)).toBeLessThan(0.15);
  });

  test('fills k-space to the edge on its native grid', async () => {
    for (const contrast of contrasts) {
      const { rows, columns } = await kspaceSupport(await make({ contrast, size: 256 }));
      expect([rows.support, columns.support]).toEqual([1, 1]);
    }
  });

  test.each([
    [{ subject: -1 }, /option subject must be an integer >= 0/],
    [{ contrast: 'flair' }, /option contrast must be one of/],
    [{ slices: 0 }, /option slices must be an integer >= 1/],
    [{ size: 8 }, /option size must be an integer >= 16/],
    [{ shape: [64, 64] }, /options must be made of/],
  ])('refuses %j', async (options, message) => {
    await expect(make(options)).rejects.toThrow(message);
    await expect(make(options)).rejects.toThrow(`${name}Phantom: `);
  });
});

test('knees differ more than brains in how their scores can: brightness between contrasts', async () => {
  const mean = async (images: Tensor): Promise<number> => {
    const values = await numbers(images);
    return values.reduce((a, b) => a + b) / values.length;
  };
  const knee =
    (await mean(await kneePhantom({ size: 64 }))) /
    (await mean(await kneePhantom({ size: 64, contrast: 'pdfs' })));
  const [t1, t2] = [
    await mean(await brainPhantom({ size: 64 })),
    await mean(await brainPhantom({ size: 64, contrast: 't2' })),
  ];
  expect(knee).toBeGreaterThan(Math.max(t1 / t2, t2 / t1));
});
