/** The numbers of WebGPU that TypeScript's library does not declare. */
export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyDestination: 0x8,
  uniform: 0x40,
  storage: 0x80,
};
export const mapRead = 1;
export const computeStage = 4;

/** Bytes of parameters that travel within a command, where the device can do that. */
export const immediateBytes = 64;

/** What is newer than TypeScript's declarations: parameters within a command. */
export type ImmediatesPass = GPUComputePassEncoder & {
  setImmediates(offset: number, data: ArrayBuffer): undefined;
};
export type ImmediatesLimits = GPUSupportedLimits & { readonly maxImmediateSize?: number };
export type ImmediatesLayout = GPUPipelineLayoutDescriptor & { readonly immediateSize?: number };
