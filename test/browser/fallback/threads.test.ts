import { createDevice, info } from '@adjoint/tensor';
import { backendChecks } from '@adjoint/tensor/testing';
import { describe, expect, test } from 'vitest';

describe('a page that is not cross-origin isolated', async () => {
  const device = await createDevice({ device: 'wasm', memoryBudget: 256 * 2 ** 20 });

  test('runs wasm on the calling thread and says why', () => {
    expect(globalThis.crossOriginIsolated).toBe(false);
    expect(info(device)).toMatchObject({ device: 'wasm', threads: 0 });
    expect(info(device).description).toMatch(/on the calling thread.*isolat/);
  });

  test.each(backendChecks.map((check) => [check.name, check] as const))('%s', (_, check) =>
    check.run(device),
  );
});
