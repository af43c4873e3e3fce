import { createDevice, type Device, type InitOptions } from '@adjoint/tensor';
import { setting } from '../environment.js';

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

/** Variants of the wasm device that must behave alike. */
export const wasmVariants: readonly { name: string; options: InitOptions }[] = [
  { name: 'wasm, calling thread', options: { device: 'wasm', threads: 0 } },
  { name: 'wasm, 1 thread', options: { device: 'wasm', threads: 1 } },
  { name: 'wasm, 2 threads', options: { device: 'wasm', threads: 2 } },
  { name: 'wasm, 4 threads', options: { device: 'wasm', threads: 4 } },
  { name: 'wasm, deterministic', options: { device: 'wasm', deterministic: true } },
];

/** Everything the op table runs on, besides the f64 reference; with ADJOINT_FULL also the variants that compute differently. */
export const backends: readonly { name: string; options: InitOptions }[] = [
  { name: 'wasm', options: { device: 'wasm' } },
  ...(setting('ADJOINT_FULL') === '1'
    ? wasmVariants.filter(({ options }) => options.threads === 0 || options.deterministic)
    : []),
];
