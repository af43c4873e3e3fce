import {
  argmax,
  argmin,
  cumsum,
  type DType,
  max,
  min,
  moments,
  norm,
  type ReduceOptions,
  sum,
  type Tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BothDevices, type Operand, operand } from '../backend/bothDevices.js';
import { webgpu } from '../backend/devices.js';

// The op table draws small arrays; here are those that take several work groups and several stages.

/** One rounding of each of two values. */
const rounding = 2 ** -23;

const cases: readonly { readonly shape: readonly number[]; readonly axis: number; readonly why: string }[] = [
  { shape: [100_003], axis: 0, why: 'one long row in blocks' },
  { shape: [3, 5000, 7], axis: 1, why: 'narrow columns in blocks' },
  { shape: [20_000, 32], axis: 0, why: 'three stages' },
  { shape: [65, 33, 129], axis: 0, why: 'many columns' },
  { shape: [30_000, 5], axis: 1, why: 'many short rows' },
  { shape: [37, 1100], axis: 1, why: 'some longer rows' },
];

/** The cases that take all kinds of stages; the others differ in how columns and rows are shared out. */
const staged = cases.slice(0, 3);

const normal = (uniform: number): number => 4 * uniform - 2;
const small = (uniform: number): number => Math.floor(uniform * 9) - 4;

const valuesOf: Partial<Record<DType, (uniform: number) => number>> = {
  f32: normal,
  c64: normal,
  i32: small,
  u8: (uniform) => Math.floor(uniform * 256),
  bool: (uniform) => Math.round(uniform),
};

describe.skipIf(webgpu.length === 0)('reductions of large arrays on webgpu', () => {
  let devices: BothDevices;
  beforeAll(async () => {
    devices = await BothDevices.create();
  });
  afterAll(() => devices.dispose());

  const draw = (shape: readonly number[], dtype: DType): Operand => operand(shape, dtype, valuesOf[dtype]!);

  /** The same on every case of shape and axis. */
  const onCases = async (
    dtype: DType,
    tolerance: number,
    f: (x: Tensor, options: Required<Pick<ReduceOptions, 'axes'>> & { axis: number }) => Tensor,
  ): Promise<void> => {
    for (const { shape, axis } of dtype === 'f32' ? cases : staged)
      await devices.expectSame((x) => f(x!, { axes: axis, axis }), [draw(shape, dtype)], tolerance);
  };

  for (const dtype of ['f32', 'c64', 'i32', 'u8', 'bool'] as const) {
    const isExact = dtype !== 'f32' && dtype !== 'c64';
    test(`sum of ${dtype}`, () => onCases(dtype, isExact ? 0 : rounding, (x, { axes }) => sum(x, { axes })));
    for (const reverse of [false, true])
      test(`cumsum of ${dtype}${reverse ? ' from the end' : ''}`, () =>
        onCases(dtype, isExact ? 0 : rounding, (x, { axis }) => cumsum(x, { axis, reverse })));
  }

  for (const dtype of ['f32', 'i32', 'u8', 'bool'] as const)
    test(`extrema of ${dtype} and where they are`, async () => {
      for (const f of [max, min, argmax, argmin]) await onCases(dtype, 0, (x, { axes }) => f(x, { axes }));
    });

  for (const dtype of ['f32', 'c64'] as const) {
    test(`norm of ${dtype}`, () => onCases(dtype, 4 * rounding, (x, { axes }) => norm(x, { axes })));
    test(`moments of ${dtype}`, async () => {
      await onCases(dtype, rounding, (x, { axes }) => moments(x, { axes }).mean);
      await onCases(dtype, 4 * rounding, (x, { axes }) => moments(x, { axes }).variance);
    });
  }

  test('a sum keeps what the rounding of partial sums loses', async () => {
    // all but a few small numbers cancel, far apart from each other
    const n = 50_000;
    const x = operand(
      [n],
      'f32',
      (_, i) => (i < n / 2 ? 1 : -1) * (1e8 + 8 * (i % (n / 2))) + (i % 7 === 0 ? 16 : 0),
    );
    const [total] = await devices.run(devices.gpu, (t) => sum(t!), [x]);
    expect(total).toBe(Array.from(x.data).reduce((a, b) => a + b, 0));
  });

  test('infinite and undefined numbers', async () => {
    for (const special of [[Infinity], [-Infinity], [Infinity, -Infinity], [Number.NaN], [-0]]) {
      const x = operand([9000], 'f32', (uniform, i) => special[(i - 4000) / 3000] ?? uniform);
      for (const f of [sum, norm, max, min, argmax, argmin])
        await devices.expectSame((t) => f(t!), [x], rounding);
      await devices.expectSame((t) => cumsum(t!), [x], rounding);
      for (const part of ['mean', 'variance'] as const)
        await devices.expectSame((t) => moments(t!)[part], [x], rounding);
    }
  });

  test('a NaN and a zero of either sign in an order of their own', async () => {
    const x = operand([6000], 'f32', (_, i) => [0, -0][i % 2]! + (i === 5000 || i === 5900 ? Number.NaN : 0));
    for (const f of [argmax, argmin])
      expect([...(await devices.run(devices.gpu, (t) => f(t!), [x]))]).toEqual([5000]);
    const zeros = operand([6000], 'f32', (_, i) => (i % 2 === 0 ? -0 : 0));
    for (const f of [argmax, argmin])
      expect([...(await devices.run(devices.gpu, (t) => f(t!), [zeros]))]).toEqual([0]);
  });

  test('norms whose squares are out of range', async () => {
    for (const size of [1e-30, 1e30]) {
      const x = operand([5000], 'f32', (uniform, i) => (i % 3 === 0 ? uniform : size * (1 + uniform)));
      const [got] = await devices.run(devices.gpu, (t) => norm(t!), [x]);
      expect(Math.abs(got! / Math.hypot(...x.data) - 1)).toBeLessThan(4 * rounding);
    }
    const tiny = operand([5000], 'f32', (uniform) => 1e-30 * uniform);
    const [got] = await devices.run(devices.gpu, (t) => norm(t!), [tiny]);
    expect(Math.abs(got! / Math.hypot(...tiny.data) - 1)).toBeLessThan(4 * rounding);
  });

  test('the variance of numbers with a large mean', async () => {
    const x = operand([40_000], 'f32', (uniform) => 1e6 + uniform);
    const [got] = await devices.run(devices.gpu, (t) => moments(t!).variance, [x]);
    const mean = Array.from(x.data).reduce((a, b) => a + b, 0) / x.data.length;
    const variance = Array.from(x.data).reduce((a, b) => a + (b - mean) ** 2, 0) / x.data.length;
    expect(Math.abs(got! / variance - 1)).toBeLessThan(4 * rounding);
  });

  test('more work groups than one dimension of a dispatch takes', async () => {
    const x = operand([16_800_000, 1], 'f32', (_, i) => i % 1000);
    const y = await devices.run(devices.gpu, (t) => sum(t!, { axes: 1 }), [x]);
    expect(y.length).toBe(x.data.length);
    expect(y.every((value, i) => value === x.data[i])).toBe(true);
  });
});
