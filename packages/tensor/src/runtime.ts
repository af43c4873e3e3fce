import type { MemoryUse } from './backend/backend.js';
import { ReferenceBackend } from './backend/reference/reference.js';
import { WasmBackend } from './backend/wasm/wasm.js';
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
  /** `auto` (default): the fastest hardware device there is. `reference`: slow f64 loops, for checking. */
  device?: 'auto' | 'wasm' | 'reference';
  /**
   * Worker threads of the wasm device; default one per core. 0 runs kernels on the calling thread, as
   * happens by itself where threads are not allowed.
   */
  threads?: number;
  /** Equal bits on every machine: no fused multiply-add. Default false. */
  deterministic?: boolean;
  /** Errors about disposed tensors say at which line these were made; slows every op by 5-10 µs. Default false. */
  trackOrigins?: boolean;
  /** Bytes of live tensors above which allocation throws BudgetError. Default 3 GiB. */
  memoryBudget?: number;
}

export interface DeviceInfo {
  readonly device: 'reference' | 'wasm' | 'webgpu';
  readonly description: string;
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
 * @throws ArgumentError on an unknown option value.
 * @example await init();                                   // every core
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
  checkOptions(fn, options, ['device', 'threads', 'deterministic', 'trackOrigins', 'memoryBudget']);
  const device = checkChoice(fn, 'option device', options.device ?? 'auto', [
    'auto',
    'wasm',
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
  return new Device(await WasmBackend.create({ threads, deterministic, memoryBudget: budget }));
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
  const { backend } = checkDevice('info', 'the argument', device);
  const wasm = backend instanceof WasmBackend ? backend : undefined;
  return {
    device: backend.name,
    description: backend.description,
    threads: wasm?.threads ?? 1,
    deterministic: wasm ? wasm.deterministic : true,
    fma: wasm?.target.fma ?? false,
    memoryBudget: backend.memory().budgetBytes,
    dtypes: [...backend.dtypes],
  };
}

/** Bytes live, reserved and at the peak; default: of the current device. */
export function memory(device: Device = currentDevice('memory')): MemoryUse {
  return checkDevice('memory', 'the argument', device).memory();
}
