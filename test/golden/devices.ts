import { createDevice, type Device } from '@adjoint/tensor';
import { print, setting } from '../environment.js';

/** Every backend the golden files run on, in this order. */
export const deviceNames = ['reference', 'wasm', 'webgpu'] as const;
export type DeviceName = (typeof deviceNames)[number];

/**
 * The devices to run on: all, or the one named. WebGPU is left out where there is none, and that is said; where CI is
 * set it must be present.
 */
export async function openDevices(only: DeviceName | undefined): Promise<Device[]> {
  const devices: Device[] = [];
  for (const device of only ? [only] : deviceNames) {
    try {
      devices.push(await createDevice({ device }));
    } catch (error) {
      if (only || device !== 'webgpu' || setting('CI')) throw error;
      print(`!!! WebGPU is NOT tested: ${(error as Error).message}`);
    }
  }
  return devices;
}
