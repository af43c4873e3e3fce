import { type InitOptions, init } from '@adjoint/tensor';
import { describe, expect, test } from 'vitest';
import { backends } from '../backend/devices.js';
import { reconstruct, trainNetwork } from './programs.js';

/** max |a − b| / max |b| */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [error, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    error = Math.max(error, Math.abs(a[i]! - b[i]!));
    size = Math.max(size, Math.abs(b[i]!));
  }
  return error / size;
}

/** What a program gives on a device of its own. */
async function on<T>(options: InitOptions, program: () => Promise<T>): Promise<T> {
  const device = await init(options);
  try {
    return await program();
  } finally {
    device.dispose();
  }
}

describe.each(backends)('$name agrees with f64', ({ options }) => {
  test('ten steps of training a network', async () => {
    const [got, expected] = [
      await on(options, trainNetwork),
      await on({ device: 'reference' }, trainNetwork),
    ];
    expect(expected.at(-1)).toBeLessThan(0.95 * expected[0]!);
    expect(distance(got, expected)).toBeLessThan(1e-4);
  });

  test('fifteen FISTA steps of a multi-coil reconstruction', async () => {
    const [got, expected] = [await on(options, reconstruct), await on({ device: 'reference' }, reconstruct)];
    expect(distance(got, expected)).toBeLessThan(1e-5);
  });
});
