import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createDevice,
  decodeNpy,
  encodeNpy,
  FormatError,
  init,
  loadNpy,
  loadNpz,
  loadSafetensors,
  read,
  saveNpy,
  saveNpz,
  saveSafetensors,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  await init({ device: 'reference' });
  folder = await mkdtemp(join(tmpdir(), 'adjoint-io-'));
});
afterAll(() => rm(folder, { recursive: true }));

const contents = async (x: Tensor) => ({ dtype: x.dtype, shape: x.shape, values: Array.from(await read(x)) });

describe('files of tensors', () => {
  test('npy, npz and safetensors round trip through disk', async () => {
    const x = tensor([[1, { re: 2, im: -3 }]]);
    const y = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { dtype: 'f64' },
    );
    await saveNpy(join(folder, 'x.npy'), x);
    expect(await contents(await loadNpy(join(folder, 'x.npy')))).toEqual(await contents(x));
    await saveNpz(join(folder, 'xy.npz'), { x, y });
    const arrays = await loadNpz(join(folder, 'xy.npz'));
    expect(Object.keys(arrays)).toEqual(['x', 'y']);
    expect(await contents(arrays.y!)).toEqual(await contents(y));
    await saveSafetensors(join(folder, 'xy.safetensors'), { x, y }, { step: '12' });
    const { tensors, metadata } = await loadSafetensors(join(folder, 'xy.safetensors'));
    expect({ ...metadata }).toEqual({ step: '12' });
    expect(await contents(tensors.x!)).toEqual(await contents(x));
    expect(await contents(tensors.y!)).toEqual(await contents(y));
    expect((await readdir(folder)).sort()).toEqual(['x.npy', 'xy.npz', 'xy.safetensors']);
  });

  test('double precision becomes single where the device has none', async () => {
    const bytes = await encodeNpy(tensor([0.1], { dtype: 'f64' }));
    const device = await createDevice({ device: 'wasm', threads: 0 });
    const x = decodeNpy(bytes, { device });
    expect(await contents(x)).toEqual({ dtype: 'f32', shape: [1], values: [Math.fround(0.1)] });
    expect(x.device).toBe(device);
    device.dispose();
  });

  test('a file is replaced whole, and an error names function and file', async () => {
    const path = join(folder, 'replaced.npy');
    await writeFile(path, 'not an array');
    await expect(loadNpy(path)).rejects.toThrow(FormatError);
    await expect(loadNpy(path)).rejects.toThrow(`loadNpy: bytes of ${path} must be an npy file`);
    await saveNpy(path, tensor([7]));
    expect(new Uint8Array(await readFile(path)).slice(1, 6)).toEqual(new TextEncoder().encode('NUMPY'));
    await expect(saveNpy(join(folder, 'missing', 'x.npy'), tensor([7]))).rejects.toThrow('ENOENT');
  });
});
