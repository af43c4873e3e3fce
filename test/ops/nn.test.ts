import {
  batchNorm,
  createDevice,
  type Device,
  dropout,
  instanceNorm,
  key,
  logSoftmax,
  mul,
  normal,
  read,
  softmax,
  tensor,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await createDevice({ device: 'wasm' });
});
afterAll(() => device.dispose());

const onDevice = <T>(fn: () => T): T => withDevice(device, fn);
const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

describe('dropout', () => {
  test('drops the stated share, scales the rest, and repeats itself for the same key', async () => {
    const drop = (seed: number) =>
      onDevice(() => dropout(tensor(new Float32Array(100_000).fill(3)), key(seed), 0.2));
    const values = await read(drop(1));
    expect(new Set(values)).toEqual(new Set([0, 3.75]));
    // five standard deviations of the share of 100,000 draws
    expect(Math.abs(values.filter((value) => value === 0).length / 1e5 - 0.2)).toBeLessThan(0.0064);
    expect(await read(drop(1))).toEqual(values);
    expect(await read(drop(2))).not.toEqual(values);
  });
});

describe('batchNorm', () => {
  test('running statistics approach those of the data, and evaluation then agrees with training', async () => {
    const results = onDevice(() => {
      const x = mul(normal(key(3), [50, 2, 20]), 3);
      const zero = tensor([0, 0]);
      let [runningMean, runningVar] = [zero, tensor([1, 1])];
      for (let step = 0; step < 200; step++) {
        const next = batchNorm(x, { training: true, runningMean, runningVar });
        [runningMean, runningVar] = [next.runningMean!, next.runningVar!];
      }
      const evaluated = batchNorm(x, { runningMean, runningVar });
      expect(evaluated.runningMean).toBe(runningMean);
      return { evaluated: evaluated.output, trained: batchNorm(x, { training: true }).output };
    });
    const [evaluated, trained] = await Promise.all([read(results.evaluated), read(results.trained)]);
    // the running variance is the unbiased one, 1000/999 times the other
    const worst = Math.max(
      ...evaluated.map((value, i) => Math.abs(value * Math.sqrt(1000 / 999) - trained[i]!)),
    );
    expect(worst).toBeLessThan(1e-5);
  });
});

describe('instanceNorm', () => {
  test('data far from 0 keep their digits', async () => {
    const pixels = 64 * 64;
    // 4096 + k/16 is exact in f32: the result must be that of k/16
    const small = Float32Array.from({ length: pixels }, (_, i) => ((i * 37) % 64) / 16);
    const norm = (values: Float32Array) =>
      onDevice(() => instanceNorm(tensor(values, { shape: [1, 1, 64, 64] })));
    const [far, near] = await Promise.all([
      read(norm(small.map((value) => value + 4096))),
      read(norm(small)),
    ]);
    expect(Math.max(...far.map((value, i) => Math.abs(value - near[i]!)))).toBeLessThan(2e-4);
    expect(Math.abs(meanOf(near))).toBeLessThan(1e-6);
    expect(meanOf(near.map((value) => value * value))).toBeCloseTo(1, 4);
  });
});

describe('softmax', () => {
  test('neither overflows nor underflows', async () => {
    const x = onDevice(() => tensor([1000, 0, -1000]));
    const [p, logP] = onDevice(() => [softmax(x), logSoftmax(x)]) as [typeof x, typeof x];
    expect([...(await read(p))]).toEqual([1, 0, 0]);
    expect([...(await read(logP))]).toEqual([0, -1000, -2000]);
  });
});
