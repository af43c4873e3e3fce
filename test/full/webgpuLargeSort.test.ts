import { argsort, quantile, sort } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { BothDevices, operand } from '../backend/bothDevices.js';
import { webgpu } from '../backend/devices.js';

// The op table draws short rows; here are rows of several tiles, with several rounds of merging.

describe.skipIf(webgpu.length === 0)('sorting of large arrays on webgpu', () => {
  let devices: BothDevices;
  beforeAll(async () => {
    devices = await BothDevices.create();
  });
  afterAll(() => devices.dispose());

  const normal = (uniform: number): number => 4 * uniform - 2;
  const tied = (uniform: number): number => Math.floor(uniform * 256);
  /** NaN, infinities and zeros of both signs among few different numbers. */
  const special = (uniform: number, i: number): number =>
    [Number.NaN, Infinity, -Infinity, 0, -0][i % 11] ?? Math.round(8 * uniform) - 4;

  for (const descending of [false, true]) {
    const name = descending ? 'descending' : 'ascending';
    const check = (
      shape: readonly number[],
      dtype: 'f32' | 'i32' | 'u8',
      value: (uniform: number, i: number) => number,
    ) => devices.expectSame((x) => argsort(x!, { descending }), [operand(shape, dtype, value)], 0);

    test(`rows that share a work group, ${name}`, async () => {
      await check([2000, 3], 'f32', normal);
      await check([37, 1000], 'f32', special);
      await check([5, 1024], 'i32', tied);
    });

    test(`rows of several tiles, ${name}: ties stay in order`, async () => {
      await check([3, 1025], 'i32', tied);
      await check([2, 4096], 'u8', tied);
      await check([3, 4097], 'i32', (uniform) => (uniform < 0.5 ? 2 ** 31 - 1 : -(2 ** 31)));
      await check([70_001], 'f32', special);
      await check([100_000], 'f32', normal);
    });
  }

  test('values and quantiles', async () => {
    const x = operand([4, 9001], 'f32', normal);
    await devices.expectSame((t) => sort(t!).values, [x], 0);
    await devices.expectSame((t) => quantile(t!, [0.1, 0.5, 0.99], { axes: 1 }), [x], 2 ** -23);
  });
});
