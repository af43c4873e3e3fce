import { espirit, rss, senseCombine, simulate } from '@adjoint/mri';
import { abs, centredIfft, init, max, read, sub, type Tensor, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureInserter } from '../../../packages/robustness/src/study/units/feature.js';

const window = 3;
const [row, column] = [20, 9];
const inside = (i: number): boolean => {
  const [y, x] = [Math.floor((i % (40 * 40)) / 40), i % 40];
  return y >= row && y < row + window && x >= column && x < column + window;
};

let kspace: Tensor;
let measurement: { kspace: Tensor; mask: Tensor };

describe('featureInserter', () => {
  beforeAll(async () => {
    await init({ device: 'wasm', threads: 0 });
    const values = Float32Array.from({ length: 80 * 80 }, (_, i) => {
      const [y, x] = [Math.floor(i / 80) - 40, (i % 80) - 40];
      return y * y + x * x < 900 ? 1 + 0.5 * Math.sin(y / 5) : 0;
    });
    const images = tensor(values, { shape: [80, 80] });
    const full = await simulate({ images, shape: [40, 40], coils: 4, snr: 40, seed: 3 });
    kspace = full.kspace;
    measurement = { kspace, mask: full.mask };
  });

  it('faithful: one real value in every coil image, a sixth of the largest pixel, and nothing elsewhere', async () => {
    const inserter = await featureInserter(measurement, 'faithful', window);
    const change = await read(sub(centredIfft(inserter.insert(row, column)), centredIfft(kspace)));
    const value = ((await max(rss(centredIfft(kspace))).item()) as number) / 6;
    for (let i = 0; i < change.length / 2; i++) {
      expect(change[2 * i]).toBeCloseTo(inside(i) ? value : 0, 4);
      expect(change[2 * i + 1]).toBeCloseTo(0, 4);
    }
    inserter.dispose();
  });

  it('corrected: what all coils see together becomes as bright as the brightest pixel', async () => {
    const inserter = await featureInserter(measurement, 'corrected', window);
    const maps = await espirit(kspace, { crop: 0 });
    const before = senseCombine(centredIfft(kspace), maps);
    const after = senseCombine(centredIfft(inserter.insert(row, column)), maps);
    const [brightest, old, now] = [
      (await max(abs(before)).item()) as number,
      await read(abs(before)),
      await read(abs(after)),
    ];
    for (let i = 0; i < now.length; i++) expect(now[i]).toBeCloseTo(inside(i) ? brightest : old[i]!, 3);
    inserter.dispose();
  });
});
