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
  /** c64 [2, 8, 8]: samples of two coils. */
  readonly kspace: Tensor;
  /** `kspace` with NaN everywhere, and with zeros. */
  readonly broken: Tensor;
  readonly silent: Tensor;
  /** f32 [8], all 1. */
  readonly mask: Tensor;
  /** f32 [8], all 0. */
  readonly noMask: Tensor;
  /** c64 [2, 8, 8]. */
  readonly maps: Tensor;
  /** f32 [8, 8]. */
  readonly image: Tensor;
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
    kspace: tensor(
      Float32Array.from({ length: 256 }, (_, i) => Math.sin(i)),
      { dtype: 'c64', shape: [2, 8, 8] },
    ),
    broken: tensor(new Float32Array(256).fill(Number.NaN), { dtype: 'c64', shape: [2, 8, 8] }),
    silent: tensor(new Float32Array(256), { dtype: 'c64', shape: [2, 8, 8] }),
    mask: tensor(new Float32Array(8).fill(1)),
    noMask: tensor(new Float32Array(8)),
    maps: tensor(new Float32Array(256).fill(0.5), { dtype: 'c64', shape: [2, 8, 8] }),
    image: tensor(
      Float32Array.from({ length: 64 }, (_, i) => i),
      { shape: [8, 8] },
    ),
  };
}
