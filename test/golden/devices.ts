import { createDevice, type Device } from '@adjoint/tensor';

/** Every backend the golden files run on, in this order. */
export const deviceNames = ['reference', 'wasm'] as const;
export type DeviceName = (typeof deviceNames)[number];

/** The devices to run on: all, or the one named. */
export async function openDevices(only: DeviceName | undefined): Promise<Device[]> {
  const devices: Device[] = [];
  for (const device of only ? [only] : deviceNames) devices.push(await createDevice({ device }));
  return devices;
}
