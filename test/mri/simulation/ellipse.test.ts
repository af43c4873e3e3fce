import { centredFft, centredIfft, init } from '@adjoint/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { besselJ1 } from '../../../packages/mri/src/simulation/besselJ1.js';
import {
  cropKspace,
  type EllipsePhantom,
  ellipseKspace,
  ellipsePhantom,
  rasterise,
  sheppLogan,
} from '../../../packages/mri/src/simulation/index.js';
import { numbers, relativeError } from './numbers.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('besselJ1', () => {
  test.each([
    [0.001, 0.0004999999375000026],
    [0.5, 0.2422684576748739],
    [10, 0.04347274616886141],
    [24.9, -0.1348556995314088],
    [25.1, -0.1146347841344225],
    [560.3, 0.01033993048514364],
    [-3, -0.33905895852593654],
  ])('of %d', (x, expected) => {
    expect(Math.abs(besselJ1(x) - expected)).toBeLessThan(2e-15);
  });
});

const tilted: EllipsePhantom = [
  { y: 0.1, x: -0.05, along: 0.3, across: 0.12, angle: 0.6, value: 1 },
  { y: -0.1, x: 0.2, along: 0.05, across: 0.09, value: -0.4 },
];

describe('ellipseKspace', () => {
  test('is what the transform of ever finer rasters tends to', async () => {
    const exact = ellipseKspace(tilted, [24, 32]);
    const errors = [];
    for (const fine of [4, 16]) {
      const raster = centredFft(rasterise(tilted, [24 * fine, 32 * fine], 4));
      const scaled = cropKspace(raster, [24, 32]).mul(1 / fine);
      errors.push(await relativeError(scaled, exact));
    }
    expect(errors[0]).toBeLessThan(0.02);
    expect(errors[1]).toBeLessThan(0.001);
  });

  test('at DC is the area times √(HW)', async () => {
    const one: EllipsePhantom = [{ y: 0.2, x: 0.1, along: 0.2, across: 0.1, value: 3 }];
    const [re, im] = (await numbers(ellipseKspace(one, [5, 8]))).slice(2 * (2 * 8 + 4), 2 * (2 * 8 + 4) + 2);
    expect(re).toBeCloseTo(3 * Math.PI * 0.02 * Math.sqrt(40), 6);
    expect(im).toBeCloseTo(0, 12);
  });

  test('is conjugate symmetric, as the object is real', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (subject) => {
        const [height, width] = [9, 7];
        const k = await numbers(
          ellipseKspace(await ellipsePhantom({ subject, details: 4 }), [height, width]),
        );
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++) {
            const [a, b] = [2 * (y * width + x), 2 * ((height - 1 - y) * width + width - 1 - x)];
            expect(k[a]).toBeCloseTo(k[b]!, 6);
            expect(k[a + 1]).toBeCloseTo(-k[b + 1]!, 6);
          }
      }),
      { numRuns: 10 },
    );
  });

  test('gives the image back in its own intensities and place', async () => {
    const image = await numbers(centredIfft(ellipseKspace(tilted, [64, 64])));
    const value = (y: number, x: number): number => image[2 * (y * 64 + x)]!;
    // y = 0.1, x = -0.05: the middle of the large ellipse; top right: the small one; a corner: nothing
    expect(value(32 + 6, 32 - 3)).toBeCloseTo(1, 1);
    expect(value(32 - 6, 32 + 13)).toBeCloseTo(-0.4, 1);
    expect(value(2, 2)).toBeCloseTo(0, 1);
  });

  test('a phantom that is none is refused', () => {
    expect(() => ellipseKspace([], [8, 8])).toThrow(/phantom must be a list of ellipses/);
    expect(() => ellipseKspace([{ ...tilted[0]!, along: 0 }], [8, 8])).toThrow(/phantom\[0\]\.along/);
    expect(() => ellipseKspace([{ ...tilted[0]!, y: Number.NaN }], [8, 8])).toThrow(/phantom\[0\]\.y/);
    expect(() => ellipseKspace(tilted, [8])).toThrow(/shape must be \[H, W\]/);
  });
});

describe('phantoms', () => {
  test('Shepp-Logan: values inside skull, brain and ventricle', async () => {
    const image = await numbers(rasterise(sheppLogan(), [101, 101], 1));
    const at = (y: number, x: number): number =>
      image[Math.round(50 - 50.5 * y) * 101 + Math.round(50 + 50.5 * x)]!;
    expect(at(0.9, 0)).toBeCloseTo(1, 6);
    expect(at(-0.8, 0)).toBeCloseTo(0.2, 6);
    expect(at(0, 0.22)).toBeCloseTo(0, 6);
    expect(at(0.35, 0)).toBeCloseTo(0.3, 6);
    expect(at(0.99, 0.99)).toBe(0);
    const original = await numbers(rasterise(sheppLogan('original'), [101, 101], 1));
    expect(Math.max(...original)).toBeCloseTo(2, 6);
    expect(() => sheppLogan('toft' as never)).toThrow(/contrast must be one of/);
  });

  test('random ellipses: the same for a subject, inside the body, different for another', async () => {
    const first = await ellipsePhantom({ subject: 3 });
    expect(await ellipsePhantom({ subject: 3 })).toEqual(first);
    expect(await ellipsePhantom({ subject: 4 })).not.toEqual(first);
    expect(first).toHaveLength(17);
    const [body, ...inside] = first;
    const reach = Math.min(body!.along, body!.across);
    for (const { y, x, along, across } of inside)
      expect(Math.hypot(y - body!.y, x - body!.x) + Math.max(along, across)).toBeLessThanOrEqual(
        reach + 1e-12,
      );
  });

  test('rasterise averages over the pixel', async () => {
    const disc: EllipsePhantom = [{ y: 0, x: 0, along: 0.25, across: 0.25, value: 1 }];
    const total = (await numbers(rasterise(disc, [8, 8], 32))).reduce((a, b) => a + b, 0) / 64;
    expect(total).toBeCloseTo(Math.PI / 16, 3);
    expect(() => rasterise(disc, [8, 8], 0)).toThrow(/supersampling/);
  });
});
