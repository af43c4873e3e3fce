import { DeviceError } from '../../errors.js';
import type { FoundAdapter } from './adapter.js';
import { type ImmediatesLimits, immediateBytes } from './gpu.js';
import { defaultTarget, type WgslTarget } from './plan.js';

/** What kernels may use beyond what every GPU has. */
export interface KernelOptions {
  /** Subgroups, where the GPU has them. Default true. */
  subgroups?: boolean;
  /** Half precision for temporaries; the GPU must have it. Default false. */
  f16?: boolean;
  /** `adapter`: work groups as large as the GPU takes, up to 1024 invocations and 32 KiB. Default `default`. */
  limits?: 'default' | 'adapter';
  /** False: parameters go through a uniform buffer, as on devices that have no immediates. */
  immediates?: boolean;
}

/** What is asked of a GPU, and what kernels then may use. */
export interface Capabilities {
  readonly request: GPUDeviceDescriptor;
  readonly target: WgslTarget;
  /** Parameters can travel within commands. */
  readonly hasImmediates: boolean;
}

/** Larger work groups than these leave too few of them on a GPU at a time. */
const mostInvocations = 1024;
const mostWorkgroupBytes = 32768;

/**
 * The one place that turns a GPU and options into what is asked of it and what kernels use. Large tensors are always
 * wanted; every other limit stays what all devices have unless `limits` says otherwise.
 *
 * @throws DeviceError when half precision is asked for and the GPU has none.
 */
export function capabilitiesOf(found: FoundAdapter, options: KernelOptions): Capabilities {
  const { subgroups = true, f16 = false, immediates = true } = options;
  const { features, limits } = found.adapter;
  if (f16 && !features.has('shader-f16'))
    throw new DeviceError(
      `The GPU (${found.title}) has no half precision (shader-f16), which the option f16 needs.`,
    );
  const subgroupSize = subgroups ? leastSubgroup(found) : 1;
  const hasImmediates = immediates && offersImmediates(found);
  const workgroups = options.limits === 'adapter' ? largeWorkgroups(limits) : {};
  return {
    request: {
      requiredFeatures: [
        ...(subgroupSize > 1 ? (['subgroups'] as const) : []),
        ...(f16 ? (['shader-f16'] as const) : []),
      ],
      requiredLimits: {
        maxBufferSize: limits.maxBufferSize,
        maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
        ...(hasImmediates ? { maxImmediateSize: immediateBytes } : {}),
        ...workgroups,
      },
    },
    target: {
      workgroupBytes: workgroups.maxComputeWorkgroupStorageSize ?? defaultTarget.workgroupBytes,
      maxWorkgroupSize: workgroups.maxComputeWorkgroupSizeX ?? defaultTarget.maxWorkgroupSize,
      subgroupSize,
      f16,
    },
    hasImmediates,
  };
}

/** Words for people about what differs from the default. */
export function capabilityNotes({ target, hasImmediates }: Capabilities): string[] {
  const { subgroupSize, f16, workgroupBytes, maxWorkgroupSize } = target;
  const isLarge =
    workgroupBytes > defaultTarget.workgroupBytes || maxWorkgroupSize > defaultTarget.maxWorkgroupSize;
  return [
    ...(hasImmediates ? [] : ['parameters in a uniform buffer']),
    ...(subgroupSize > 1 ? [`subgroups of ${subgroupSize}`] : []),
    ...(isLarge ? [`work groups of ${maxWorkgroupSize} invocations and ${workgroupBytes / 1024} KiB`] : []),
    ...(f16 ? ['temporaries in half precision'] : []),
  ];
}

/** Smallest subgroup of the GPU; 1 where kernels cannot count invocations by subgroups. */
function leastSubgroup({ gpu, adapter }: FoundAdapter): number {
  const isUsable = adapter.features.has('subgroups') && gpu.wgslLanguageFeatures.has('subgroup_id');
  return isUsable ? Math.max(1, adapter.info.subgroupMinSize ?? 1) : 1;
}

/** Whether parameters can travel within commands: newer than most of WebGPU. */
function offersImmediates({ gpu, adapter }: FoundAdapter): boolean {
  const { maxImmediateSize = 0 } = adapter.limits as ImmediatesLimits;
  return maxImmediateSize >= immediateBytes && gpu.wgslLanguageFeatures.has('immediate_address_space');
}

function largeWorkgroups(limits: GPUSupportedLimits): Record<string, number> {
  const { maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX, maxComputeWorkgroupStorageSize } =
    limits;
  const invocations = Math.min(maxComputeInvocationsPerWorkgroup, maxComputeWorkgroupSizeX, mostInvocations);
  return {
    maxComputeInvocationsPerWorkgroup: invocations,
    maxComputeWorkgroupSizeX: invocations,
    maxComputeWorkgroupStorageSize: Math.min(maxComputeWorkgroupStorageSize, mostWorkgroupBytes),
  };
}
