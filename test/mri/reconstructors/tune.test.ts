import { abs, add, complexNormal, type Device, init, key, mul, scope } from '@adjoint/tensor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Reconstructor } from '../../../packages/mri/src/reconstructor.js';
import { cgSense, tune } from '../../../packages/mri/src/reconstructors/index.js';
import { scene } from './scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

/** Errors grow with the distance of log λ from that of `best`. */
const distorted =
  (best: number) =>
  (lambda: number): Reconstructor => ({
    name: 'distorted',
    reconstruct: async ({ reference }) =>
      scope(() => {
        const noise = abs(complexNormal(key(1), reference!.shape));
        return add(reference!, mul(noise, 0.02 + 0.1 * Math.abs(Math.log(lambda / best))));
      }),
  });

const measured = () => {
  const at = scene({ noise: 0.05 });
  return { ...at, reference: abs(at.truth) };
};

it('tune finds the best weight between those of the grid', async () => {
  const steps: number[] = [];
  const grid = [1, 0.001, 0.01, 0.1];
  const { lambda, score, table } = await tune(distorted(0.02), grid, [measured()], {
    refine: 8,
    onProgress: ({ step }) => steps.push(step),
  });
  expect(Math.abs(Math.log(lambda / 0.02))).toBeLessThan(0.3);
  expect(table.length).toBe(12);
  expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(table.map((row) => row.lambda)).toEqual([...table.map((row) => row.lambda)].sort((a, b) => a - b));
  expect(score).toBe(Math.max(...table.map((row) => row.score)));
});

it('tune prefers a middle weight for a real method, by any metric', async () => {
  const method = (lambda: number) => cgSense({ lambda });
  for (const metric of ['ssim', 'psnr', 'psnr_foreground'] as const) {
    const { lambda, table } = await tune(method, [1e-5, 0.02, 30], [measured()], { metric, refine: 0 });
    expect(lambda).toBe(0.02);
    expect(table[1]!.score).toBe(table[1]!.scores[0]![metric]);
  }
});

it('tune refuses an empty grid, a weight of 0 and measurements without reference', async () => {
  await expect(tune(distorted(1), [], [measured()])).rejects.toThrow('tune: lambdas must be');
  await expect(tune(distorted(1), [0], [measured()])).rejects.toThrow('tune: lambdas[0] must be');
  await expect(tune(distorted(1), [1], [scene()])).rejects.toThrow('tune: the reference of measurement 0');
});
