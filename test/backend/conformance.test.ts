import { createDevice, Device, type InitOptions } from '@adjoint/tensor';
import { backendChecks } from '@adjoint/tensor/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebGpuBackend } from '../../packages/tensor/src/backend/webgpu/webgpu.js';
import { isWanted, wasmVariants, webgpu } from './devices.js';

const memoryBudget = 256 * 2 ** 20;

interface Variant {
  readonly name: string;
  open(): Promise<Device>;
}

const withOptions = ({ name, options }: { name: string; options: InitOptions }): Variant => ({
  name,
  open: () => createDevice({ ...options, memoryBudget }),
});

/** As on GPUs, and in browsers, whose commands carry no parameters. */
const uniformParameters: Variant = {
  name: 'webgpu, parameters in a uniform buffer',
  open: async () => new Device(await WebGpuBackend.create({ memoryBudget, immediates: false })),
};

const variants: readonly Variant[] = [
  ...[{ name: 'reference', options: { device: 'reference' as const } }, ...wasmVariants]
    .filter(({ name }) => isWanted(name.split(',')[0]!))
    .map(withOptions),
  ...webgpu.flatMap((choice) => [withOptions(choice), uniformParameters]),
];

describe.each(variants)('conformance of $name', ({ open }) => {
  let device: Device;
  beforeAll(async () => {
    device = await open();
  });
  afterAll(() => device.dispose());

  test.each(backendChecks.map((check) => [check.name, check] as const))('%s', async (_, check) => {
    await check.run(device);
  });
});

test.runIf(webgpu.length > 0)('where parameters travel is part of the description', async () => {
  const device = await uniformParameters.open();
  expect(device.backend.description).toContain('parameters in a uniform buffer');
  device.dispose();
});
