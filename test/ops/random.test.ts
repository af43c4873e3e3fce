import {
  complexNormal,
  createDevice,
  type Device,
  foldIn,
  init,
  key,
  normal,
  permutation,
  randint,
  splitKey,
  type Tensor,
  uniform,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bitsRow } from '../../packages/tensor/src/ops/random/distributions.js';
import { hostThreefry } from '../../packages/tensor/src/ops/random/threefry.js';
import { runKernels } from './runKernels.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const values = async (x: Tensor): Promise<number[]> => [...(await x.data())];
const words = (...list: number[]): number[] => list.map((word) => word | 0);

/** Key, counter and block of Threefry-2x32 with 20 rounds, from the Random123 distribution. */
const knownAnswers = [
  { key: words(0, 0), counter: words(0, 0), block: words(0x6b200159, 0x99ba4efe) },
  { key: words(-1, -1), counter: words(-1, -1), block: words(0x1cb996fc, 0xbb002be7) },
  {
    key: words(0x13198a2e, 0x03707344),
    counter: words(0x243f6a88, 0x85a308d3),
    block: words(0xc4923a9c, 0x483df7a0),
  },
];

describe('threefry', () => {
  test.each(knownAnswers)('known answer $block', ({ key: k, counter, block }) => {
    expect(hostThreefry(k as [number, number], counter as [number, number])).toEqual(block);
    const inputs = [...k, ...counter].map((word) => ({
      shape: [],
      dtype: 'i32' as const,
      data: Int32Array.of(word),
    }));
    const which = { shape: [2], dtype: 'i32' as const, data: Int32Array.of(0, 1) };
    const { outputs } = runKernels(bitsRow.op, [...inputs, which], undefined);
    expect([...outputs[0]!.data]).toEqual(block);
  });
});

describe('keys', () => {
  test('split, index and name give different streams, the same ones each time', async () => {
    const root = key(3);
    const keys = [
      ...splitKey(root, 3),
      foldIn(root, 0),
      foldIn(root, 1),
      foldIn(root, 'a'),
      foldIn(root, 'b'),
    ];
    const seen = await Promise.all(keys.map(async (k) => String(await values(k))));
    expect(new Set(seen).size).toBe(keys.length);
    expect(await values(foldIn(key(3), 'a'))).toEqual(await values(foldIn(root, 'a')));
  });

  test('seeds beyond 32 bits differ', async () => {
    expect(await values(key(5))).not.toEqual(await values(key(5 + 2 ** 32)));
  });
});

describe('distributions', () => {
  const n = 100_000;

  test('uniform: range, mean and variance', async () => {
    const x = await values(uniform(key(1), [n], { low: -1, high: 3 }));
    const mean = x.reduce((sum, v) => sum + v, 0) / n;
    const variance = x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
    expect(x.every((v) => v >= -1 && v < 3)).toBe(true);
    expect(mean).toBeCloseTo(1, 1);
    expect(variance).toBeCloseTo(16 / 12, 1);
  });

  test('normal: moments; parts of complexNormal independent with variance 1/2', async () => {
    const x = await values(normal(key(2), [n]));
    const moment = (p: number) => x.reduce((sum, v) => sum + v ** p, 0) / n;
    expect(Math.abs(moment(1))).toBeLessThan(0.02);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.2);
    const z = await values(complexNormal(key(2), [n]));
    let [re, im, cross] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      re += z[2 * i]! ** 2 / n;
      im += z[2 * i + 1]! ** 2 / n;
      cross += (z[2 * i]! * z[2 * i + 1]!) / n;
    }
    expect(Math.abs(re - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(im - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(cross)).toBeLessThan(0.01);
  });

  test('randint covers its range evenly; permutation is one', async () => {
    const counts = new Array<number>(7).fill(0);
    for (const v of await values(randint(key(4), [n], -3, 4))) counts[v + 3]!++;
    for (const count of counts) expect(Math.abs(count / n - 1 / 7)).toBeLessThan(0.005);
    const p = await values(permutation(key(5), 1000));
    expect([...p].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  });

  test('devices agree: bits exactly, normals to 1e-6', async () => {
    const reference = await createDevice({ device: 'reference' });
    const onBoth = async (draw: () => Tensor) => [
      await values(draw()),
      await values(withDevice(reference, draw)),
    ];
    const [u, v] = await onBoth(() => uniform(key(6), [5000]));
    expect(u).toEqual(v);
    const [x, y] = await onBoth(() => normal(key(6), [5000]));
    expect(Math.max(...x!.map((a, i) => Math.abs(a - y![i]!)))).toBeLessThan(1e-6);
    reference.dispose();
  });
});
