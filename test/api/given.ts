import { createDevice, type Device, encodeNpy, init, key, type Tensor, tensor } from '@adjoint/tensor';

/** What the wrong calls are made with, so that they need not make tensors themselves. */
export interface Given {
  /** The current device, of a small budget. */
  readonly device: Device;
  readonly disposedDevice: Device;
  /** On another device than everything else. */
  readonly elsewhere: Tensor;
  readonly disposed: Tensor;
  /** f32 [2, 3]. */
  readonly x: Tensor;
  /** c64 [2, 3]. */
  readonly z: Tensor;
  /** f32 [2, 2], not symmetric, not positive definite. */
  readonly square: Tensor;
  /** f32 [2, 2] of rank 1. */
  readonly singular: Tensor;
  /** f32 [2, 2] with a NaN. */
  readonly nan: Tensor;
  /** i32 [2, 3]. */
  readonly integers: Tensor;
  readonly scalar: Tensor;
  readonly key: Tensor;
  /** Bytes of an npy file. */
  readonly npy: Uint8Array;
}

/** Bytes of live tensors that the device allows. */
export const budget = 2 ** 22;

export async function makeGiven(): Promise<Given> {
  const disposedDevice = await createDevice({ device: 'reference' });
  const other = await createDevice({ device: 'reference' });
  const device = await init({ device: 'wasm', threads: 1, memoryBudget: budget });
  const matrix = (...rows: number[][]) => tensor(rows);
  const x = matrix([1, 2, 3], [4, 5, 6]);
  const disposed = tensor([1, 2]);
  disposed.dispose();
  disposedDevice.dispose();
  return {
    device,
    disposedDevice,
    elsewhere: tensor([[1, 2, 3]], { device: other }),
    disposed,
    x,
    z: tensor(new Float32Array(12).fill(1), { dtype: 'c64', shape: [2, 3] }),
    square: matrix([1, 2], [-3, -4]),
    singular: matrix([1, 2], [2, 4]),
    nan: matrix([1, Number.NaN], [2, 3]),
    integers: tensor(new Int32Array(6), { shape: [2, 3] }),
    scalar: tensor(0.5),
    key: key(7),
    npy: await encodeNpy(x),
  };
}
