import { type Device, init, linalg, NumericalError, read, type Tensor, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'reference' });
});

const values = async (x: Tensor): Promise<number[]> => Array.from(await read(x));
const rounded = async (x: Tensor): Promise<number[]> =>
  (await values(x)).map((v) => Math.round(v * 1e6) / 1e6 + 0);

describe('linalg on tensors', () => {
  test('eigh of a batch keeps shape, device and precision', async () => {
    const a = tensor([
      [
        [2, { re: 0, im: 1 }],
        [{ re: 0, im: -1 }, 2],
      ],
      [
        [5, 0],
        [0, -4],
      ],
    ]);
    const { values: w, vectors } = await linalg.eigh(a);
    expect([w.dtype, w.shape, vectors.dtype, vectors.shape]).toEqual(['f32', [2, 2], 'c64', [2, 2, 2]]);
    expect(w.device).toBe(device);
    expect(await rounded(w)).toEqual([1, 3, -4, 5]);
  });

  test('real input gives real output', async () => {
    const a = tensor(
      [
        [3, 0],
        [0, 4],
        [0, 0],
      ],
      { dtype: 'f64' },
    );
    const { u, s, vh } = await linalg.svd(a);
    expect([u.dtype, s.dtype, vh.dtype]).toEqual(['f64', 'f64', 'f64']);
    expect([u.shape, s.shape, vh.shape]).toEqual([[3, 2], [2], [2, 2]]);
    expect(await values(s)).toEqual([4, 3]);
    const { q, r } = await linalg.qr(a);
    expect(await values(r)).toEqual([3, 0, 0, 4]);
    expect(await rounded(q)).toEqual([1, 0, 0, 1, 0, 0]);
    expect(
      await rounded(
        await linalg.cholesky(
          tensor([
            [4, 2],
            [2, 5],
          ]),
        ),
      ),
    ).toEqual([2, 0, 1, 2]);
  });

  test('solve broadcasts leading axes, takes vectors and mixes dtypes', async () => {
    const a = tensor([
      [
        [2, 0],
        [0, 4],
      ],
      [
        [1, 1],
        [0, 1],
      ],
    ]);
    const x = await linalg.solve(a, tensor([2, { re: 0, im: 4 }]));
    expect([x.dtype, x.shape]).toEqual(['c64', [2, 2]]);
    expect(await rounded(x)).toEqual([1, 0, 0, 1, 2, -4, 0, 4]);
    const y = await linalg.solve(
      tensor([
        [2, 0],
        [0, 4],
      ]),
      tensor([
        [[2], [4]],
        [[4], [8]],
        [[0], [1]],
      ]),
    );
    expect(y.shape).toEqual([3, 2, 1]);
    expect(await rounded(y)).toEqual([1, 1, 2, 2, 0, 0.25]);
  });

  test('lstsq gives rank and singular values of each matrix', async () => {
    const a = tensor([
      [
        [1, 1],
        [1, 1],
      ],
      [
        [1, 0],
        [0, 2],
      ],
    ]);
    const { x, rank, singularValues } = await linalg.lstsq(a, tensor([2, 2]));
    expect([x.shape, rank.shape, rank.dtype, singularValues.shape]).toEqual([[2, 2], [2], 'i32', [2, 2]]);
    expect(await rounded(x)).toEqual([1, 1, 2, 1]);
    expect(await values(rank)).toEqual([1, 2]);
    expect(await rounded(singularValues)).toEqual([2, 0, 2, 1]);
  });

  test('empty batches and matrices', async () => {
    expect((await linalg.eigh(tensor(new Float32Array(0), { shape: [0, 3, 3] }))).values.shape).toEqual([
      0, 3,
    ]);
    expect((await linalg.svd(tensor(new Float32Array(0), { shape: [2, 0, 3] }))).u.shape).toEqual([2, 0, 0]);
    await expect(linalg.eigh(tensor(new Float32Array(0), { shape: [0, 3, 2] }))).rejects.toThrow(
      'eigh: a must be square; got [3, 2].',
    );
  });

  test('errors name the argument and the matrix of a batch', async () => {
    const singular = tensor([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 2],
        [2, 4],
      ],
    ]);
    await expect(linalg.solve(singular, tensor([1, 1]))).rejects.toThrow(NumericalError);
    await expect(linalg.solve(singular, tensor([1, 1]))).rejects.toThrow('in matrix [1] of the batch');
    await expect(linalg.solve(singular, tensor([1, 1, 1]))).rejects.toThrow(
      'solve: b must be [2] or [..., 2, k] to match a f32 [2, 2, 2]; got f32 [3].',
    );
    await expect(linalg.qr(tensor([1, 2]))).rejects.toThrow(
      'qr: a must be matrices [..., rows, columns]; got f32 [2].',
    );
    await expect(linalg.svd(tensor([[true]]))).rejects.toThrow(
      'svd: a must be of a float or complex dtype; got bool [1, 1].',
    );
    await expect(linalg.lstsq(singular, tensor([1, 1]), { rcond: -1 })).rejects.toThrow('option rcond');
  });
});
