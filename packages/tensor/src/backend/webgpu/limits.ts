import type { ImmediatesLimits } from './gpu.js';

/** A limit of a GPU, by its name in WebGPU. */
export interface DeviceLimit {
  readonly name: string;
  /** Up to which kernels go. */
  readonly used: number;
  /** What the hardware offers. */
  readonly offered: number;
}

/** What decides which tensors fit and how fast kernels can be. */
const names = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
  'maxImmediateSize',
] as const;

export const limitsOf = (device: GPUDevice, adapter: GPUAdapter): DeviceLimit[] => {
  const [used, offered]: ImmediatesLimits[] = [device.limits, adapter.limits];
  return names.map((name) => ({ name, used: used![name] ?? 0, offered: offered![name] ?? 0 }));
};
