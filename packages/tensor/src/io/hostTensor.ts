import { tensor } from '../creation.js';
import type { Device } from '../device.js';
import { checkTensor } from '../dispatch.js';
import type { DType } from '../dtype.js';
import { ArgumentError, describe } from '../errors.js';
import { read } from '../read.js';
import { deviceOption } from '../runtime.js';
import type { Tensor } from '../tensor.js';
import type { HostArray } from './hostArray.js';

export interface DecodeOptions {
  /** Where the tensors go. Default: the current device. */
  readonly device?: Device;
}

const singlePrecision: Partial<Record<DType, DType>> = { f64: 'f32', c128: 'c64' };

/** An array as a tensor. f64 becomes f32, and c128 c64, where the device has no double precision. */
export function toTensor(fn: string, { dtype, shape, data }: HostArray, options: DecodeOptions): Tensor {
  const device = deviceOption(fn, options.device);
  const held = device.backend.dtypes.has(dtype) ? dtype : (singlePrecision[dtype] ?? dtype);
  device.admit(fn, { shape, dtype: held });
  return tensor(data, { dtype: held, shape, device });
}

/** Tensors by name, in an object without prototype, so that any name is safe. */
export function toTensors(
  fn: string,
  arrays: Iterable<readonly [string, HostArray]>,
  options: DecodeOptions,
): Record<string, Tensor> {
  const result: Record<string, Tensor> = Object.create(null);
  try {
    for (const [name, array] of arrays) result[name] = toTensor(fn, array, options);
  } catch (error) {
    for (const x of Object.values(result)) x.dispose();
    throw error;
  }
  return result;
}

/** Host copy of a tensor. */
export async function toHost(fn: string, argument: string, x: Tensor): Promise<HostArray> {
  const { dtype, shape } = checkTensor(fn, argument, x);
  return { dtype, shape: [...shape], data: await read(x) };
}

/** Host copies of named tensors; every read starts before the first wait. */
export async function toHosts(
  fn: string,
  tensors: Readonly<Record<string, Tensor>>,
): Promise<[string, HostArray][]> {
  if (tensors === null || typeof tensors !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'tensors',
      expected: 'an object of tensors by name',
      got: describe(tensors),
    });
  return Promise.all(
    Object.entries(tensors).map(
      async ([name, x]): Promise<[string, HostArray]> => [name, await toHost(fn, `tensors.${name}`, x)],
    ),
  );
}
