import type { MemoryUse } from './backend/backend.js';
import { ReferenceBackend } from './backend/reference/reference.js';
import { WasmBackend } from './backend/wasm/wasm.js';
import { findAdapter } from './backend/webgpu/adapter.js';
import type { DeviceLimit } from './backend/webgpu/limits.js';
import type { WgslTarget } from './backend/webgpu/plan.js';
import { WebGpuBackend, type WebGpuOptions } from './backend/webgpu/webgpu.js';
import {
  checkBoolean,
  checkChoice,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  refusePromise,
} from './check.js';
import { Device } from './device.js';
import { ArgumentError, DeviceError, describe } from './errors.js';
import { setTrackOrigins } from './tensor.js';

export interface InitOptions {
  /**
   * `auto` (default): the GPU if there is one, else every core; never a GPU that software stands in for, which only
   * `webgpu` takes. `reference`: slow f64 loops, for checking.
   */
  device?: 'auto' | 'wasm' | 'webgpu' | 'reference';
  /**
   * Worker threads of the wasm device, which `auto` then takes; default one per core. 0 runs kernels on the calling
   * thread, as happens by itself where threads are not allowed.
   */
  threads?: number;
  /** Equal bits on every machine: wasm without fused multiply-add. Default false. */
  deterministic?: boolean;
  /** Errors about disposed tensors say at which line these were made; slows every op by 5-10 µs. Default false. */
  trackOrigins?: boolean;
  /** Bytes of live tensors above which allocation throws BudgetError. Default 3 GiB. */
  memoryBudget?: number;
  /**
   * Of `webgpu`: kernels exchange values within subgroups where the GPU has them, which changes no result. Default
   * true; false in case a driver gets them wrong.
   */
  subgroups?: boolean;
  /**
   * Of `webgpu`: convolutions by Winograd's algorithm keep the transformed image in half precision, and add up in f32:
   * less memory and traffic, errors up to 1e-2 of the largest result, and pixels must be below 600. Default false.
   */
  f16?: boolean;
  /**
   * Of `webgpu`: `adapter` lets kernels use work groups as large as the GPU takes, up to 1024 invocations and 32 KiB;
   * `default` what every GPU has.
   */
  limits?: 'default' | 'adapter';
}

export interface DeviceInfo {
  readonly device: 'reference' | 'wasm' | 'webgpu';
  readonly description: string;
  /** Why `auto` took no GPU; undefined if it did, or was not asked. */
  readonly fallback: string | undefined;
  /** Name of the GPU, of the webgpu device. */
  readonly adapter: string | undefined;
  /** The GPU is none: software computes what it would. */
  readonly isSoftware: boolean;
  /** Of the webgpu device; empty elsewhere. */
  readonly limits: readonly DeviceLimit[];
  /** What the GPU offers beyond every GPU, by WebGPU's names; kernels need none of it. Empty elsewhere. */
  readonly features: readonly string[];
  /** What kernels use, of the webgpu device. */
  readonly kernels: WgslTarget | undefined;
  /** That compute; 0 where the calling thread or the GPU does. */
  readonly threads: number;
  readonly deterministic: boolean;
  /** Fused multiply-add is in use. */
  readonly fma: boolean;
  readonly memoryBudget: number;
  readonly dtypes: readonly string[];
}

const defaultBudget = 3 * 2 ** 30;

let current: Device | undefined;

/**
 * Makes a device ready and current: tensors created from now on live there. Await it once, before
 * anything else; call it again to change devices (tensors stay where they are).
 *
 * @throws ArgumentError on an unknown option value, DeviceError when `webgpu` is asked for and there is none: the
 *   message says what is missing.
 * @example await init();                                   // the GPU if there is one, else every core
 * @example await init({ device: 'reference' });            // f64, for gradient checks
 * @example await init({ threads: 1, deterministic: true });
 */
export async function init(options: InitOptions = {}): Promise<Device> {
  current = await makeDevice('init', options);
  return current;
}

/** A device that does not become current: use it with `withDevice` or as a creation option. */
export const createDevice = async (options: InitOptions = {}): Promise<Device> =>
  makeDevice('createDevice', options);

async function makeDevice(fn: string, options: InitOptions): Promise<Device> {
  const general = ['device', 'threads', 'deterministic', 'trackOrigins', 'memoryBudget'] as const;
  checkOptions(fn, options, [...general, ...gpuOptionNames]);
  const device = checkChoice(fn, 'option device', options.device ?? 'auto', [
    'auto',
    'wasm',
    'webgpu',
    'reference',
  ] as const);
  const { deterministic = false, trackOrigins = false } = options;
  for (const [name, value] of Object.entries({ deterministic, trackOrigins }))
    checkBoolean(fn, `option ${name}`, value);
  setTrackOrigins(trackOrigins);
  const budget = checkNumber(fn, 'option memoryBudget', options.memoryBudget ?? defaultBudget, {
    positive: true,
  });
  const threads =
    options.threads === undefined
      ? undefined
      : checkInteger(fn, 'option threads', options.threads, { min: 0, max: 64 });
  if (device === 'reference') return new Device(new ReferenceBackend(budget));
  if (device === 'webgpu') {
    if (deterministic) throw noEqualBits(fn);
    return new Device(await demandedGpu(fn, { ...gpuOptions(fn, options), memoryBudget: budget }));
  }
  const misplaced = gpuOptionNames.find((name) => options[name] !== undefined);
  if (misplaced) throw onlyOfWebGpu(fn, misplaced);
  const mayTakeGpu = device === 'auto' && threads === undefined && !deterministic;
  const gpu = mayTakeGpu ? await hardwareGpu(budget) : undefined;
  if (gpu instanceof WebGpuBackend) return new Device(gpu);
  const wasm = await WasmBackend.create({ threads, deterministic, memoryBudget: budget });
  return new Device(wasm, gpu?.why);
}

const gpuOptionNames = ['subgroups', 'f16', 'limits'] as const;

/** The options of `webgpu` alone, checked. */
function gpuOptions(
  fn: string,
  { subgroups, f16, limits }: InitOptions,
): Omit<WebGpuOptions, 'memoryBudget'> {
  return {
    subgroups: checkBoolean(fn, 'option subgroups', subgroups ?? true),
    f16: checkBoolean(fn, 'option f16', f16 ?? false),
    limits: checkChoice(fn, 'option limits', limits ?? 'default', ['default', 'adapter'] as const),
  };
}

const onlyOfWebGpu = (fn: string, name: string): ArgumentError =>
  new ArgumentError({
    fn,
    argument: `option ${name}`,
    expected: "absent unless the device is 'webgpu'",
    got: 'one',
    remedy: "Add device: 'webgpu', or leave it out.",
  });

/** Whatever WebGPU there is. */
async function demandedGpu(fn: string, options: WebGpuOptions): Promise<WebGpuBackend> {
  try {
    return await WebGpuBackend.create(options);
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    throw new DeviceError(
      `${fn}: ${error.message} Without the option device, the processor's cores are used.`,
    );
  }
}

const noEqualBits = (fn: string): ArgumentError =>
  new ArgumentError({
    fn,
    argument: 'option deterministic',
    expected: 'absent for webgpu',
    got: 'true',
    remedy: "GPUs round differently: use device: 'wasm' where equal bits on every machine are needed.",
  });

/** Looked for once: a machine does not get a GPU while a program runs. */
let whyNoGpu: string | undefined;

/** A backend on a real GPU, or one sentence that says why there is none. */
async function hardwareGpu(memoryBudget: number): Promise<WebGpuBackend | { readonly why: string }> {
  if (whyNoGpu === undefined) {
    try {
      const found = await findAdapter();
      if (!found.isSoftware) return await WebGpuBackend.create({ memoryBudget }, found);
      whyNoGpu = `The only WebGPU here computes in software (${found.title}), slower than wasm.`;
    } catch (error) {
      if (!(error instanceof DeviceError)) throw error;
      whyNoGpu = error.message;
    }
  }
  return { why: whyNoGpu };
}

/** The device new tensors are made on. Throws DeviceError before the first `init`. */
export function currentDevice(fn: string): Device {
  if (current && !current.isDisposed) return current;
  throw new DeviceError(`${fn}: no device is ready. Call \`await init()\` first.`);
}

/** Requires a device that was not disposed. */
export function checkDevice(fn: string, argument: string, device: unknown): Device {
  if (!(device instanceof Device))
    throw new ArgumentError({
      fn,
      argument,
      expected: 'a device',
      got: describe(device),
      remedy: 'Make one with init() or createDevice().',
    });
  if (device.isDisposed)
    throw new DeviceError({ fn, argument, expected: 'a live device', got: 'one that was disposed' });
  return device;
}

/** The device that an option names; default the current one. */
export const deviceOption = (fn: string, device: Device | undefined): Device =>
  device === undefined ? currentDevice(fn) : checkDevice(fn, 'option device', device);

/**
 * Runs synchronous code with another current device.
 *
 * @throws ArgumentError when `fn` is asynchronous: the device would change back before it is done.
 */
export function withDevice<T>(device: Device, fn: () => T): T {
  const name = 'withDevice';
  checkDevice(name, 'argument 1', device);
  checkFunction(name, 'argument 2', fn);
  const outer = current;
  current = device;
  try {
    return refusePromise(name, 'argument 2', fn());
  } finally {
    current = outer;
  }
}

/** What a device is and can do; default: the current one. */
export function info(device: Device = currentDevice('info')): DeviceInfo {
  const { backend, fallback } = checkDevice('info', 'the argument', device);
  const wasm = backend instanceof WasmBackend ? backend : undefined;
  const webgpu = backend instanceof WebGpuBackend ? backend : undefined;
  return {
    device: backend.name,
    description: backend.description,
    fallback,
    adapter: webgpu?.adapter,
    isSoftware: webgpu?.isSoftware ?? false,
    limits: webgpu?.limits ?? [],
    features: webgpu?.features ?? [],
    kernels: webgpu?.target,
    threads: wasm?.threads ?? (webgpu ? 0 : 1),
    deterministic: wasm?.deterministic ?? backend.name === 'reference',
    fma: wasm?.target.fma ?? false,
    memoryBudget: backend.memory().budgetBytes,
    dtypes: [...backend.dtypes],
  };
}

/** Bytes live, reserved and at the peak; default: of the current device. */
export function memory(device: Device = currentDevice('memory')): MemoryUse {
  return checkDevice('memory', 'the argument', device).memory();
}
