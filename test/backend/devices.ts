import { createDevice, type Device, type InitOptions } from '@adjoint/tensor';
import { print, setting } from '../environment.js';

const devices = new Map<string, Promise<Device>>();

/** A device shared by the tests of one file. */
export function device(options: InitOptions): Promise<Device> {
  const key = JSON.stringify(options);
  let made = devices.get(key);
  if (!made) {
    made = createDevice(options);
    devices.set(key, made);
  }
  return made;
}

export interface DeviceChoice {
  readonly name: string;
  readonly options: InitOptions;
}

/** Variants of the wasm device that must behave alike. */
export const wasmVariants: readonly DeviceChoice[] = [
  { name: 'wasm, calling thread', options: { device: 'wasm', threads: 0 } },
  { name: 'wasm, 1 thread', options: { device: 'wasm', threads: 1 } },
  { name: 'wasm, 2 threads', options: { device: 'wasm', threads: 2 } },
  { name: 'wasm, 4 threads', options: { device: 'wasm', threads: 4 } },
  { name: 'wasm, deterministic', options: { device: 'wasm', deterministic: true } },
];

/** Whether the names in ADJOINT_DEVICES, separated by commas, include this one; without it all are wanted. */
export const isWanted = (name: string): boolean => {
  const wanted = setting('ADJOINT_DEVICES');
  return !wanted || wanted.split(',').includes(name);
};

/**
 * The WebGPU device, a software one included. Where there is none the tests go on without it and say so, but
 * fail where CI is set: there it must be present.
 */
export const webgpu: readonly DeviceChoice[] = isWanted('webgpu') ? await findWebGpu() : [];

async function findWebGpu(): Promise<DeviceChoice[]> {
  const options: InitOptions = { device: 'webgpu' };
  try {
    (await createDevice(options)).dispose();
    return [{ name: 'webgpu', options }];
  } catch (error) {
    if (setting('CI')) throw error;
    print(`\n!!! WebGPU is NOT tested: ${(error as Error).message}\n`);
    return [];
  }
}

/** Everything the op table runs on, besides the f64 reference; with ADJOINT_FULL also the variants that compute differently. */
export const backends: readonly DeviceChoice[] = [
  ...[
    { name: 'wasm', options: { device: 'wasm' as const } },
    ...(setting('ADJOINT_FULL') === '1'
      ? wasmVariants.filter(({ options }) => options.threads === 0 || options.deterministic)
      : []),
  ].filter(({ name }) => isWanted(name)),
  ...webgpu,
];
