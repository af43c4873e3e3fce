import { centredFft, centredIfft, init, key, normal, pad, real, type Tensor, zeros } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  cropKspace,
  ellipsePhantom,
  kspaceSupport,
  rasterise,
} from '../../../packages/mri/src/simulation/index.js';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

/** The image interpolated: its k-space cut to [rows, columns] and filled with zeros again. */
function interpolated(image: Tensor, rows: number, columns: number): Tensor {
  const [height, width] = image.shape as [number, number];
  const low = cropKspace(centredFft(image), [rows, columns]);
  const [top, left] = [(height - rows) / 2, (width - columns) / 2];
  const filled = pad(low, [
    [top, top],
    [left, left],
  ]);
  return real(centredIfft(filled));
}

describe('kspaceSupport', () => {
  test('finds where zero filling begins, axis by axis', async () => {
    const image = rasterise(await ellipsePhantom({ subject: 1 }), [128, 128]).add(
      normal(key(1), [128, 128]).mul(0.01),
    );
    const plain = await kspaceSupport(image);
    expect([plain.rows.support, plain.columns.support]).toEqual([1, 1]);
    for (const [rows, columns] of [
      [64, 128],
      [128, 96],
      [80, 64],
    ] as const) {
      const { rows: byRow, columns: byColumn } = await kspaceSupport(interpolated(image, rows, columns));
      expect(Math.abs(byRow.support - rows / 128)).toBeLessThanOrEqual(0.05);
      expect(Math.abs(byColumn.support - columns / 128)).toBeLessThanOrEqual(0.05);
    }
  });

  test('gives finite profiles, of nothing as well', async () => {
    const { rows } = await kspaceSupport(zeros([2, 40, 41]));
    expect(rows).toEqual({ support: 1, profile: Array(20).fill(0) });
    await expect(kspaceSupport(zeros([39, 64]))).rejects.toThrow(/H and W at least 40/);
  });
});
