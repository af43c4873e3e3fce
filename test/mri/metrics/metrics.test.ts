import { gradcheck } from '@adjoint/autograd';
import {
  type ImageArray,
  type Matching,
  mse,
  msSsim,
  nmse,
  psnr,
  regionError,
  type ScoresOptions,
  scores,
  ssim,
  ssimLoss,
  ssimMap,
  vif,
} from '@adjoint/mri';
import {
  ArgumentError,
  complexNormal,
  createDevice,
  DTypeError,
  init,
  jit,
  key,
  memory,
  NumericalError,
  ShapeError,
  type Tensor,
  tensor,
  uniform,
  withDevice,
  zeros,
} from '@adjoint/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await init({ device: 'reference' });
});

/** Smooth positive images with some texture, the numbers depending on the seed. */
function picture(shape: readonly number[], seed: number): ImageArray & { data: Float64Array } {
  const width = shape.at(-1)!;
  const count = shape.reduce((product, n) => product * n, 1);
  const data = Float64Array.from({ length: count }, (_, k) => {
    const [i, j] = [Math.floor(k / width), k % width];
    return (
      1.5 + Math.sin(0.3 * i + seed) * Math.cos(0.2 * j) + 0.4 * Math.sin(12.9898 * (k + 1) * (seed + 1))
    );
  });
  return { shape, data };
}
const map = ({ shape, data }: ImageArray, f: (value: number, i: number) => number): ImageArray => ({
  shape,
  data: Float64Array.from(Array.from(data), f),
});
const f64 = ({ shape, data }: ImageArray): Tensor => tensor(Float64Array.from(data), { dtype: 'f64', shape });

const [g, r] = [picture([12, 14], 1), picture([12, 14], 2)];
const [volume, other] = [picture([3, 12, 14], 3), picture([3, 12, 14], 4)];
const slice = ({ shape, data }: ImageArray, k: number): ImageArray => {
  const plane = shape.slice(-2);
  const size = plane[0]! * plane[1]!;
  return { shape: plane, data: Array.from(data).slice(k * size, (k + 1) * size) };
};

/** SSIM by its definition, window by window, with centred moments. */
function naiveSsim(a: ImageArray, b: ImageArray, range: number): number {
  const [height, width] = a.shape as [number, number];
  const scores: number[] = [];
  for (let i = 0; i + 7 <= height; i++)
    for (let j = 0; j + 7 <= width; j++) {
      const window = ({ data }: ImageArray) =>
        Array.from({ length: 49 }, (_, k) => data[(i + Math.floor(k / 7)) * width + j + (k % 7)]!);
      const [x, y] = [window(a), window(b)];
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / 49;
      const [mx, my] = [mean(x), mean(y)];
      const cov = (p: number[], mp: number, q: number[], mq: number) =>
        p.reduce((sum, value, k) => sum + (value - mp) * (q[k]! - mq), 0) / 48;
      const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
      const shared = (2 * mx * my + c1) * (2 * cov(x, mx, y, my) + c2);
      scores.push(shared / ((mx * mx + my * my + c1) * (cov(x, mx, x, mx) + cov(y, my, y, my) + c2)));
    }
  return scores.reduce((sum, value) => sum + value, 0) / scores.length;
}

describe('SSIM', () => {
  it('is its definition', async () => {
    expect(await ssim(g, r)).toBeCloseTo(naiveSsim(g, r, Math.max(...Array.from(g.data))), 12);
    expect(await ssim(g, r, { dataRange: 3 })).toBeCloseTo(naiveSsim(g, r, 3), 12);
  });

  it('takes the volume’s maximum, or that of every slice', async () => {
    const peak = Math.max(...volume.data);
    const at = (range: (k: number) => number) =>
      [0, 1, 2].map((k) => naiveSsim(slice(volume, k), slice(other, k), range(k))).reduce((a, b) => a + b) /
      3;
    expect(await ssim(volume, other)).toBeCloseTo(
      at(() => peak),
      12,
    );
    const own = at((k) => Math.max(...Array.from(slice(volume, k).data)));
    expect(await ssim(volume, other, { dataRange: 'slice' })).toBeCloseTo(own, 12);
    expect(own).not.toBeCloseTo(
      at(() => peak),
      6,
    );
  });

  it('loses no digits where values are large against their differences', async () => {
    const [a, b] = [map(g, (value) => 1000 + value), map(r, (value) => 1000 + value)];
    expect(Math.abs((await ssim(a, b, { dataRange: 3 })) - naiveSsim(a, b, 3))).toBeLessThan(1e-8);
  });

  it('has a map of which it is the mean', async () => {
    const { shape, data } = await ssimMap(volume, other);
    expect(shape).toEqual([3, 6, 8]);
    expect(data.reduce((sum, value) => sum + value, 0) / data.length).toBeCloseTo(
      await ssim(volume, other),
      12,
    );
  });

  it('takes tensors of any device and dtype, and nested arrays', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => Array.from(g.data.slice(i * 14, (i + 1) * 14)));
    expect(await ssim(rows, r)).toBe(await ssim(g, r));
    expect(await ssim(f64(g), f64(r))).toBe(await ssim(g, r));
    const wasm = await createDevice({ device: 'wasm', threads: 1 });
    const single = withDevice(wasm, () => tensor(Float32Array.from(g.data), { shape: [12, 14] }));
    expect(await ssim(single, r)).toBeCloseTo(await ssim(g, r), 5);
    expect(await mse(tensor(Uint8Array.of(1, 2), { shape: [1, 2] }), [[2, 2]])).toBe(0.5);
  });
});

describe('volumes', () => {
  it('PSNR and NMSE sum errors over them, as fastMRI', async () => {
    const [a, b] = [Array.from(volume.data), Array.from(other.data)];
    const error = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    const signal = a.reduce((sum, value) => sum + value ** 2, 0);
    expect(await nmse(volume, other)).toBeCloseTo(error / signal, 12);
    expect(await psnr(volume, other)).toBeCloseTo(
      10 * Math.log10(Math.max(...a) ** 2 / (error / a.length)),
      10,
    );
    const single = await Promise.all([0, 1, 2].map((k) => psnr(slice(volume, k), slice(other, k))));
    expect(await psnr(volume, other, { dataRange: 'slice' })).toBeCloseTo(
      single.reduce((sum, value) => sum + value, 0) / 3,
      10,
    );
  });

  it('VIF gives nothing for an inverted image', async () => {
    expect(
      await vif(
        g,
        map(g, (value) => 5 - value),
      ),
    ).toBe(0);
  });

  it('VIF is the mean over images', async () => {
    const single = await Promise.all([0, 1, 2].map((k) => vif(slice(volume, k), slice(other, k))));
    expect(await vif(volume, other)).toBeCloseTo(single.reduce((sum, value) => sum + value, 0) / 3, 12);
  });
});

describe('regions', () => {
  const box = { row: 2, column: 4, height: 5, width: 6 };
  const inside = (i: number) => {
    const [row, column] = [Math.floor(i / 14) % 12, i % 14];
    return row >= 2 && row < 7 && column >= 4 && column < 10;
  };

  it('a box scores its pixels, with the data range of the whole image', async () => {
    const errors = Array.from(g.data).flatMap((value, i) => (inside(i) ? [(value - r.data[i]!) ** 2] : []));
    const mean = errors.reduce((sum, value) => sum + value, 0) / 30;
    expect(errors).toHaveLength(30);
    expect(await mse(g, r, { region: box })).toBeCloseTo(mean, 12);
    const peak = Math.max(...g.data);
    expect(await psnr(g, r, { region: box })).toBeCloseTo(10 * Math.log10(peak ** 2 / mean), 10);
  });

  it('SSIM takes windows whose centres lie in it', async () => {
    const { data } = await ssimMap(g, r);
    // window [i, j] has its centre at pixel [i + 3, j + 3]
    const scores = Array.from(data).filter((_, k) => inside((Math.floor(k / 8) + 3) * 14 + (k % 8) + 3));
    expect(scores).toHaveLength(4 * 6);
    const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
    expect(await ssim(g, r, { region: box })).toBeCloseTo(mean, 12);
  });

  it('a pattern and the box it draws score alike, in volumes too', async () => {
    const pattern = map(g, (_, i) => (inside(i) ? 2 : 0));
    expect(await ssim(g, r, { region: pattern })).toBe(await ssim(g, r, { region: box }));
    expect(await psnr(volume, other, { region: pattern })).toBe(await psnr(volume, other, { region: box }));
    const all = map(volume, (_, i) => (inside(i) ? 1 : 0));
    expect(await nmse(volume, other, { region: f64(all) })).toBe(await nmse(volume, other, { region: box }));
  });

  it('images without a pixel in the region do not count', async () => {
    const second = map(volume, (_, i) => (Math.floor(i / 168) === 1 && inside(i) ? 1 : 0));
    const options = { dataRange: 'slice' } as const;
    for (const metric of [psnr, ssim]) {
      const alone = await metric(slice(volume, 1), slice(other, 1), { ...options, region: box });
      expect(await metric(volume, other, { ...options, region: second })).toBeCloseTo(alone, 12);
    }
  });

  it('the foreground is what exceeds 8 % of the maximum', async () => {
    const reference = map(g, (value, i) => (i === 0 ? 100 : i < 84 ? 8.0001 + 0.01 * value : 7.9));
    const image = map(reference, (value, i) => (i < 84 ? value + 1 : value + 1000));
    expect(await mse(reference, image, { region: 'foreground' })).toBeCloseTo(1, 10);
    expect(await psnr(reference, image, { region: 'foreground' })).toBeCloseTo(40, 8);
  });

  it('its threshold is the volume’s, or the slice’s where slices are scored one by one', async () => {
    // the second slice is all below 8 % of the first
    const reference: ImageArray = {
      shape: [2, 7, 7],
      data: Array.from({ length: 98 }, (_, i) => (i < 49 ? 100 : 1)),
    };
    const image = map(reference, (value, i) => value + (i < 49 ? 1 : 0.1));
    expect(await psnr(reference, image, { region: 'foreground' })).toBeCloseTo(40, 10);
    const each = await psnr(reference, image, { region: 'foreground', dataRange: 'slice' });
    expect(each).toBeCloseTo((40 + 20) / 2, 10);
  });

  it('the foreground is that of the reference as it came, whatever it is matched with', async () => {
    const reference = map(g, (value, i) => (i % 14 < 8 ? value + 1 : 0.01));
    // matched to this, everything would be above 8 % of the maximum
    const bright = map(r, (value) => value + 100);
    const pattern = map(g, (_, i) => (i % 14 < 8 ? 1 : 0));
    const matching = 'gt_to_rec';
    expect(await psnr(reference, bright, { matching, region: 'foreground' })).toBe(
      await psnr(reference, bright, { matching, region: pattern }),
    );
  });

  it('a win in the background alone is none in the foreground', async () => {
    const reference = map(g, (value, i) => (i % 14 < 8 ? value + 1 : 0.01));
    const noisy = map(reference, (value, i) => value + (i % 14 < 8 ? 0.1 : 0.3) * Math.sin(7 * i));
    const clean = map(reference, (value, i) => value + (i % 14 < 8 ? 0.2 * Math.sin(7 * i) : 0));
    const [before, after] = [await scores(reference, noisy), await scores(reference, clean)];
    expect(after.psnr).toBeGreaterThan(before.psnr);
    expect(after.psnr_foreground).toBeLessThan(before.psnr_foreground);
    expect(after.ssim_foreground).toBeLessThan(before.ssim_foreground);
  });

  it('regionError normalises whole images first, with sample deviations', async () => {
    const normal = ({ data }: ImageArray) => {
      const values = Array.from(data);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const deviation = Math.sqrt(
        values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
      );
      return values.map((value) => (value - mean) / (deviation + 1e-11));
    };
    const [a, b] = [normal(g), normal(r)];
    const errors = a.flatMap((value, i) => (inside(i) ? [(value - b[i]!) ** 2] : []));
    const expected = errors.reduce((sum, value) => sum + value, 0) / errors.length;
    expect(await regionError(g, r, box)).toBeCloseTo(expected, 12);
    expect(
      await regionError(
        g,
        map(r, (value) => 40 * value - 7),
        box,
      ),
    ).toBeCloseTo(expected, 9);
  });

  it('refuses regions outside the image, or without pixels', async () => {
    await expect(mse(g, r, { region: { ...box, row: 8 } })).rejects.toThrow('region.height');
    await expect(mse(g, r, { region: { ...box, column: -1 } })).rejects.toThrow('region.column');
    await expect(mse(g, r, { region: zeros([12, 14]) })).rejects.toThrow(NumericalError);
    await expect(mse(g, r, { region: zeros([14, 12]) })).rejects.toThrow(ShapeError);
    const corner = { row: 0, column: 0, height: 3, width: 14 };
    expect(await mse(g, r, { region: corner })).toBeGreaterThan(0);
    await expect(ssim(g, r, { region: corner })).rejects.toThrow(NumericalError);
  });
});

describe('matching', () => {
  const affine = fc.record({
    a: fc.double({ min: 0.01, max: 100, noNaN: true }),
    b: fc.double({ min: -50, max: 50, noNaN: true }),
  });

  it('rec_to_gt: no score changes under a r + b', async () => {
    const plain = await scores(volume, other);
    await fc.assert(
      fc.asyncProperty(affine, async ({ a, b }) => {
        const {
          nmse: _,
          mse: __,
          ...moved
        } = await scores(
          volume,
          map(other, (value) => a * value + b),
        );
        for (const [name, value] of Object.entries(moved))
          expect(value, name).toBeCloseTo(plain[name as keyof typeof plain], 7);
      }),
      { numRuns: 20 },
    );
  });

  it('gt_to_rec: no PSNR changes under a r, but it does under r + b', async () => {
    const at = (a: number, b: number) =>
      psnr(
        g,
        map(r, (value) => a * value + b),
        { matching: 'gt_to_rec' },
      );
    expect(await at(3, 0)).toBeCloseTo(await at(1, 0), 9);
    expect(Math.abs((await at(1, 1)) - (await at(1, 0)))).toBeGreaterThan(0.1);
  });

  it('matches every image by its own statistics', async () => {
    const factors = [2, 5, 0.3];
    const scaled = map(
      volume,
      (value, i) => factors[Math.floor(i / 168)]! * value + i / 168 - (i % 168) / 168,
    );
    expect(await psnr(volume, scaled, { matching: 'rec_to_gt' })).toBeGreaterThan(200);
    expect(await ssim(volume, scaled, { matching: 'rec_to_gt' })).toBeCloseTo(1, 10);
  });

  it('matches constant images by their mean', async () => {
    const flat = map(g, () => 7);
    const mean = Array.from(g.data).reduce((sum, value) => sum + value, 0) / 168;
    const expected = await mse(
      g,
      map(g, () => mean),
    );
    const peak = Math.max(...g.data);
    expect(await psnr(g, flat, { matching: 'rec_to_gt' })).toBeCloseTo(
      10 * Math.log10(peak ** 2 / expected),
      9,
    );
    expect(await psnr(flat, g, { matching: 'gt_to_rec' })).toBeCloseTo(
      10 * Math.log10(mean ** 2 / expected),
      9,
    );
  });
});

describe('equal images', () => {
  it('have the best scores there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 7, max: 20 }),
        fc.integer({ min: 7, max: 20 }),
        fc.nat(50),
        async (h, w, seed) => {
          const image = picture([h, w], seed);
          expect(await scores(image, image, { matching: 'none' })).toEqual({
            ssim: expect.closeTo(1, 12),
            psnr: Infinity,
            nmse: 0,
            mse: 0,
            vif: expect.closeTo(1, 6),
            ssim_foreground: expect.closeTo(1, 12),
            psnr_foreground: Infinity,
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('are better than any others, and SSIM is symmetric for one data range', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), fc.nat(1000), async (one, two) => {
        const [a, b] = [picture([9, 11], one), picture([9, 11], two + 1001)];
        const score = await ssim(a, b, { dataRange: 2 });
        expect(score).toBeLessThan(1);
        expect(await ssim(b, a, { dataRange: 2 })).toBeCloseTo(score, 12);
      }),
      { numRuns: 30 },
    );
  });
});

describe('ssimLoss', () => {
  it('is differentiable in both images, in both precisions of data range', async () => {
    const [a, b] = [f64(picture([2, 8, 9], 5)), f64(picture([2, 8, 9], 6))];
    await gradcheck((x: Tensor, y: Tensor) => ssimLoss(x, y, { dataRange: 2 }), [a, b]);
    const perImage = tensor([2, 3], { dtype: 'f64' });
    await gradcheck((y: Tensor) => ssimLoss(a, y, { dataRange: perImage }), [b]);
  });

  it('takes one data range for all images, or one for each', async () => {
    const loss = async (dataRange?: number | Tensor) =>
      Number(await ssimLoss(f64(volume), f64(other), { dataRange }).item());
    expect(await loss()).toBeCloseTo(1 - (await ssim(volume, other)), 12);
    expect(await loss(tensor([2, 2, 2], { dtype: 'f64' }))).toBeCloseTo(await loss(2), 12);
    expect(await loss(tensor(2, { dtype: 'f64' }))).toBeCloseTo(await loss(2), 12);
    const own = [0, 1, 2].map((k) => Math.max(...Array.from(slice(volume, k).data)));
    const expected = 1 - (await ssim(volume, other, { dataRange: 'slice' }));
    expect(await loss(tensor(own, { dtype: 'f64' }))).toBeCloseTo(expected, 12);
  });

  it('runs compiled, in single precision, at the scales of raw data', async () => {
    const device = await createDevice({ device: 'wasm', threads: 1 });
    const place = ({ shape, data }: ImageArray) =>
      withDevice(device, () => tensor(Float32Array.from(data), { shape }));
    for (const scale of [1, 1e-7, 1e7]) {
      const [a, b] = [map(volume, (value) => scale * value), map(other, (value) => scale * value)];
      const compiled = jit((x: Tensor, y: Tensor) => ssimLoss(x, y));
      const loss = Number(await compiled(place(a), place(b)).item());
      expect(loss).toBeCloseTo(1 - (await ssim(a, b)), 5);
    }
  });

  it('leaves nothing behind but its result', async () => {
    const device = await createDevice({ device: 'wasm', threads: 1 });
    const place = () => withDevice(device, () => uniform(key(1), [2, 16, 16]));
    const [a, b] = [place(), place()];
    ssimLoss(a, b).dispose();
    const before = memory(device).liveBytes;
    ssimLoss(a, b, { dataRange: 2 }).dispose();
    expect(memory(device).liveBytes).toBe(before);
  });

  it('refuses what SSIM refuses', () => {
    expect(() => ssimLoss(zeros([6, 9]), zeros([6, 9]))).toThrow('at least 7 x 7');
    expect(() => ssimLoss(zeros([9, 9]), zeros([9, 8]))).toThrow(ShapeError);
    expect(() => ssimLoss(zeros([9]), zeros([9]))).toThrow(ShapeError);
    expect(() => ssimLoss(zeros([9, 9]), complexNormal(key(1), [9, 9]))).toThrow(DTypeError);
    expect(() => ssimLoss(zeros([9, 9]), zeros([9, 9]), { dataRange: 0 })).toThrow(ArgumentError);
    expect(() => ssimLoss(zeros([2, 9, 9]), zeros([2, 9, 9]), { dataRange: zeros([3]) })).toThrow(ShapeError);
  });
});

describe('bad images', () => {
  it('NaN in either makes every score NaN', async () => {
    const broken = map(g, (value, i) => (i === 40 ? Number.NaN : value));
    for (const matching of ['none', 'rec_to_gt', 'gt_to_rec'] as Matching[])
      for (const [a, b] of [
        [broken, r],
        [g, broken],
      ] as const) {
        const values = Object.entries(await scores(a, b, { matching }));
        expect(values.filter(([, value]) => !Number.isNaN(value))).toEqual([]);
      }
  });

  it('NaN outside the region counts where it hides the data range', async () => {
    const broken = map(g, (value, i) => (i === 0 ? Number.NaN : value));
    const region = { row: 4, column: 4, height: 4, width: 4 };
    expect(await mse(broken, r, { region })).toBe(await mse(g, r, { region }));
    expect(
      await psnr(
        g,
        map(r, (value, i) => (i === 0 ? Number.NaN : value)),
        { region },
      ),
    ).toBe(await psnr(g, r, { region }));
    expect(await psnr(broken, r, { region })).toBeNaN();
    expect(await psnr(broken, r, { region, dataRange: 3 })).toBe(await psnr(g, r, { region, dataRange: 3 }));
  });

  it('shapes must be equal, and large enough for a window', async () => {
    await expect(ssim(g, picture([14, 12], 1))).rejects.toThrow('of the reference');
    await expect(ssim(picture([6, 20], 1), picture([6, 20], 1))).rejects.toThrow(
      'ssim: the reference must be at least 7 x 7, one window of SSIM; got 6 x 20.',
    );
    await expect(msSsim(picture([175, 180], 1), picture([175, 180], 2))).rejects.toThrow(
      'at least 176 x 176',
    );
    await expect(mse([1, 2], [1, 2])).rejects.toThrow(ShapeError);
    await expect(mse(zeros([0, 4, 4]), zeros([0, 4, 4]))).rejects.toThrow(ShapeError);
    expect(await psnr([[1, 2]], [[1, 3]])).toBeCloseTo(10 * Math.log10(4 / 0.5), 12);
  });

  it('must be real numbers', async () => {
    const complex = complexNormal(key(1), [12, 14]);
    await expect(ssim(g, complex)).rejects.toThrow('Take abs() of complex images');
    await expect(ssim(g, { shape: [12, 14], data: [1, 2] })).rejects.toThrow(ArgumentError);
    await expect(mse([[1], ['2' as unknown as number]], [[1], [2]])).rejects.toThrow(ArgumentError);
    await expect(mse([[1, 2], [3]], [[1], [2]])).rejects.toThrow(ArgumentError);
    await expect(
      mse(
        [[1, 2], [3], [4, 5, 6]],
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      ),
    ).rejects.toThrow(ArgumentError);
    await expect(mse(undefined as unknown as Tensor, g)).rejects.toThrow(ArgumentError);
  });

  it('a reference of zeros has no data range, no NMSE and no VIF', async () => {
    const black = map(g, () => 0);
    for (const metric of [ssim, psnr, nmse, vif, scores])
      await expect(metric(black, r), metric.name).rejects.toThrow(NumericalError);
    expect(await ssim(black, black, { dataRange: 1 })).toBe(1);
    expect(await mse(black, black)).toBe(0);
    await expect(
      vif(
        map(g, () => 2),
        r,
      ),
    ).rejects.toThrow('not constant');
  });

  it('options must be known', async () => {
    await expect(ssim(g, r, { match: 'none' } as object)).rejects.toThrow('match');
    await expect(ssim(g, r, { matching: 'both' as Matching })).rejects.toThrow('matching');
    await expect(psnr(g, r, { dataRange: 'max' as 'volume' })).rejects.toThrow('dataRange');
    await expect(psnr(g, r, { dataRange: -1 })).rejects.toThrow('dataRange');
    await expect(vif(g, r, { noiseVariance: 0 })).rejects.toThrow('noiseVariance');
    await expect(scores(g, r, { region: 'foreground' } as ScoresOptions)).rejects.toThrow('region');
  });
});
