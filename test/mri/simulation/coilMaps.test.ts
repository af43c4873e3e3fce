import { abs2, init, slice, sum } from '@adjoint/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ellipticIntegrals, loopCoil } from '../../../packages/mri/src/simulation/coilField.js';
import { coilMaps } from '../../../packages/mri/src/simulation/index.js';
import { numbers, relativeError } from './numbers.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('coilMaps', () => {
  test('have unit root sum of squares on any grid, for any number of coils', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('gaussian' as const, 'loops' as const),
        fc.integer({ min: 0, max: 1e6 }),
        async (height, width, coils, model, seed) => {
          const maps = await coilMaps({ shape: [height, width], coils, model, seed });
          expect([maps.dtype, maps.shape]).toEqual(['c64', [coils, height, width]]);
          for (const power of await numbers(sum(abs2(maps), { axes: 0 }))) expect(power).toBeCloseTo(1, 5);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('are the same field on every grid: pixel ⌊n/2⌋ is the centre', async () => {
    const fine = await coilMaps({ shape: [32, 20], coils: 3, seed: 5 });
    const coarse = await coilMaps({ shape: [16, 10], coils: 3, seed: 5 });
    const every = slice(fine, [null, [0, null, 2], [0, null, 2]]);
    expect(await relativeError(every, coarse)).toBeLessThan(1e-6);
  });

  test('depend on the seed and on nothing else', async () => {
    const options = { shape: [8, 8], coils: 4 };
    const first = await numbers(await coilMaps({ ...options, seed: 1 }));
    expect(await numbers(await coilMaps({ ...options, seed: 1 }))).toEqual(first);
    expect(await numbers(await coilMaps({ ...options, seed: 2 }))).not.toEqual(first);
  });

  test('fall off away from their coil, so that coils differ', async () => {
    const maps = await coilMaps({ shape: [33, 33], coils: 4, seed: 0 });
    const power = await numbers(abs2(maps));
    const peaks = [0, 1, 2, 3].map((c) => {
      const one = power.slice(c * 1089, (c + 1) * 1089);
      const peak = one.indexOf(Math.max(...one));
      // a quarter turn further the same coil is weaker
      expect(Math.max(...one) / Math.min(...one)).toBeGreaterThan(2);
      return peak;
    });
    expect(new Set(peaks).size).toBe(4);
  });

  test.each([
    [{ shape: [8] }, /coilMaps: option shape must be \[H, W\]/],
    [{ shape: [8, 0] }, /option shape must be \[H, W\]/],
    [{ shape: [8, 8], coils: 0 }, /option coils must be an integer >= 1/],
    [{ shape: [8, 8], model: 'birdcage' }, /option model must be one of/],
    [{ shape: [8, 8], width: -1 }, /option width must be a finite number > 0/],
    [{ shape: [8, 8], model: 'loops', radius: 0.5 }, /option radius must be > 0.7071 for loops/],
    [{ shape: [8, 8], coil: 4 }, /options must be made of/],
  ])('refuse %j', async (options, message) => {
    await expect(coilMaps(options as never)).rejects.toThrow(message);
  });
});

describe('loopCoil', () => {
  test('is the law of Biot and Savart, summed over the wire', () => {
    const [cy, cx, radius] = [0.6, -0.5, 0.3];
    const field = loopCoil({ y: cy, x: cx, offset: 0, slopeY: 0, slopeX: 0 }, radius);
    const scale = biotSavart(cy, cx, radius, 0, 0)[0]! / at(field, 0, 0)[0]!;
    for (const [y, x] of [
      [0, 0],
      [0.4, -0.3],
      [-0.45, 0.2],
      [0.1, 0.5],
    ] as const) {
      const [bx, by] = biotSavart(cy, cx, radius, y, x) as [number, number];
      const [re, im] = at(field, y, x) as [number, number];
      expect(scale * re).toBeCloseTo(bx, 6);
      expect(scale * im).toBeCloseTo(-by, 6);
    }
  });

  test('elliptic integrals: E(0) = K(0) = π/2, and a tabulated value', () => {
    expect(ellipticIntegrals(0)).toEqual([Math.PI / 2, Math.PI / 2]);
    const [k, e] = ellipticIntegrals(0.5);
    expect(k).toBeCloseTo(1.8540746773013719, 14);
    expect(e).toBeCloseTo(1.3506438810476755, 14);
  });
});

const at = (field: ReturnType<typeof loopCoil>, y: number, x: number): number[] => {
  const out = new Float64Array(2);
  field(y, x, out);
  return Array.from(out);
};

/** B_x, B_y of a loop around (cy, cx, 0) whose axis lies in the plane and points to the origin: ∮ dl × r / r³. */
function biotSavart(cy: number, cx: number, radius: number, y: number, x: number): number[] {
  const distance = Math.hypot(cy, cx);
  const [ny, nx] = [-cy / distance, -cx / distance];
  const steps = 4000;
  let [bx, by] = [0, 0];
  for (let i = 0; i < steps; i++) {
    const t = (2 * Math.PI * i) / steps;
    // e1 = (-ny, nx) in the plane, e2 = z: e1 × e2 points along (nx, ny)
    const [wx, wy, wz] = [-ny * radius * Math.cos(t), nx * radius * Math.cos(t), radius * Math.sin(t)];
    const [lx, ly, lz] = [ny * radius * Math.sin(t), -nx * radius * Math.sin(t), radius * Math.cos(t)];
    const [rx, ry, rz] = [x - cx - wx, y - cy - wy, -wz];
    const cube = Math.hypot(rx, ry, rz) ** 3;
    bx += ((ly * rz - lz * ry) / cube) * ((2 * Math.PI) / steps);
    by += ((lz * rx - lx * rz) / cube) * ((2 * Math.PI) / steps);
  }
  return [bx, by];
}
