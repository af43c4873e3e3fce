import { backendChecks } from '@adjoint/tensor/testing';
import { describe, test } from 'vitest';
import { device, wasmVariants } from './devices.js';

const variants = [{ name: 'reference', options: { device: 'reference' as const } }, ...wasmVariants];

describe.each(variants)('conformance of $name', ({ options }) => {
  test.each(backendChecks.map((check) => [check.name, check] as const))('%s', async (_, check) => {
    await check.run(await device({ ...options, memoryBudget: 256 * 2 ** 20 }));
  });
});
