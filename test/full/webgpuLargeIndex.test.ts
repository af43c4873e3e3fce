import { concat, embed, gather, scatterAdd, take, takeAdjoint } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { difference } from '../../packages/tensor/src/testing/compare.js';
import { BothDevices, type Operand, operand } from '../backend/bothDevices.js';
import { webgpu } from '../backend/devices.js';

// The op table draws small arrays; here are those that take several work groups, and long runs of equal indices.

describe.skipIf(webgpu.length === 0)('indexing of large arrays on webgpu', () => {
  let devices: BothDevices;
  beforeAll(async () => {
    devices = await BothDevices.create();
  });
  afterAll(() => devices.dispose());

  const normal = (uniform: number): number => 4 * uniform - 2;
  /** Indices of an axis, and some beyond both of its ends. */
  const indices = (shape: readonly number[], size: number): Operand =>
    operand(shape, 'i32', (uniform) => Math.floor(uniform * (size + 4)) - 2);
  /** Three of four updates go to one place. */
  const crowded = (shape: readonly number[], size: number): Operand =>
    operand(shape, 'i32', (uniform) => (uniform < 0.75 ? size >> 1 : Math.floor(uniform * size)));
  /** Whole numbers, whose sums are exact in any order. */
  const counts = (shape: readonly number[], dtype: 'f32' | 'c64' | 'i32'): Operand =>
    operand(shape, dtype, (uniform) => Math.floor(9 * uniform) - 4);

  test('gather and take', async () => {
    for (const dtype of ['f32', 'c64', 'i32'] as const) {
      const x = operand([7, 300, 33], dtype, normal);
      await devices.expectSame((t, k) => gather(t!, k!, 1), [x, indices([7, 211, 33], 300)], 0);
      await devices.expectSame((t, k) => take(t!, k!, 1), [x, indices([5, 43], 300)], 0);
    }
    const bytes = operand([100, 77], 'u8', (uniform) => Math.floor(256 * uniform));
    await devices.expectSame((t, k) => take(t!, k!, 0), [bytes, indices([301], 100)], 0);
  });

  for (const dtype of ['f32', 'c64', 'i32'] as const) {
    test(`scatterAdd of ${dtype}`, async () => {
      for (const [shape, size] of [
        [[60, 40, 30], 90],
        [[3, 700, 5], 50],
      ] as const)
        await devices.expectSame(
          (x, k, u) => scatterAdd(x!, k!, u!, 1),
          [counts([shape[0], size, shape[2]], dtype), indices(shape, size), counts(shape, dtype)],
          0,
        );
    });

    test(`adjoint of take of ${dtype}`, async () => {
      for (const [outer, picks, inner, size] of [
        [3, 50, 200, 80],
        [2, 9000, 3, 100],
      ] as const)
        await devices.expectSame(
          (k, u) => takeAdjoint(k!, u!, 1, size),
          [indices([picks], size), counts([outer, picks, inner], dtype)],
          0,
        );
    });
  }

  test('many updates of one place: the levels of sums', async () => {
    // 100,000 updates make sums of 64 and of 64 · 64 neighbours
    const n = 100_000;
    for (const k of [crowded([n], 1000), operand([n], 'i32', () => 3)]) {
      await devices.expectSame(
        (x, at, u) => scatterAdd(x!, at!, u!, 0),
        [counts([1000], 'f32'), k, counts([n], 'f32')],
        0,
      );
      // fractions round, on both devices: these are compared with sums in double precision
      const u = operand([n], 'f32', normal);
      const expected = new Float64Array(1000);
      for (let j = 0; j < n; j++) expected[k.data[j]!]! += u.data[j]!;
      const got = await devices.run(devices.gpu, (at, t) => takeAdjoint(at!, t!, 0, 1000), [k, u]);
      expect(difference(got, expected).error).toBeLessThan(2e-7);
    }
  });

  test('concat and embed', async () => {
    const parts = [37, 1, 200].map((n) => operand([90, n, 11], 'f32', normal));
    await devices.expectSame((a, b, c) => concat([a!, b!, c!], 1), parts, 0);
    const x = operand([50, 60, 7], 'c64', normal);
    const options = { start: [3, 190, 0], step: [2, -3, 1], value: { re: 0.5, im: -Infinity } };
    await devices.expectSame((t) => embed(t!, [110, 200, 7], options), [x], 0);
  });

  test('more work groups than one dimension of a dispatch takes', async () => {
    const k = operand([16_800_000], 'i32', (_, i) => i % 1000);
    const x = operand([999], 'f32', (_, i) => i);
    const y = await devices.run(devices.gpu, (t, at) => take(t!, at!, 0), [x, k]);
    expect(y.length).toBe(k.data.length);
    expect(y.every((value, i) => (i % 1000 === 999 ? Number.isNaN(value) : value === i % 1000))).toBe(true);
  });
});
