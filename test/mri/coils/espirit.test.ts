import {
  complexNormal,
  createDevice,
  type Device,
  init,
  key,
  memory,
  mul,
  ones,
  slice,
  stack,
  sub,
  type Tensor,
  tensor,
  toDevice,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { espirit, espiritEigenmaps } from '../../../packages/mri/src/coils/index.js';
import { columns, ellipse, products, scene } from './scene.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

const [coils, height, width] = [6, 64, 50];
const masked = (kspace: Tensor, mask = columns(width, 20, 3)) => ({ kspace: mul(kspace, mask), mask });
const modulus = (values: ArrayLike<number>, i: number): number =>
  Math.hypot(values[2 * i]!, values[2 * i + 1]!);

describe('espirit', () => {
  it('finds the sensitivities where there is signal, from undersampled data', async () => {
    const { maps, kspace } = scene(coils, height, width);
    const found = await espirit(masked(kspace));
    expect(found.shape).toEqual([coils, height, width]);
    const agreement = products(await found.data(), await maps.data(), coils);
    const object = ellipse(height, width);
    const inside = agreement.filter((_, i) => modulus(object, i) > 0);
    expect(Math.min(...inside)).toBeGreaterThan(0.999);
    expect(inside.reduce((a, b) => a + b, 0) / inside.length).toBeGreaterThan(0.9999);
  });

  it('has eigenvalues near 1 in the object, and maps of norm 1 or 0', async () => {
    const m = masked(scene(coils, height, width).kspace);
    const { vectors, values } = await espiritEigenmaps(m);
    expect(vectors.shape).toEqual([1, coils, height, width]);
    expect(values.shape).toEqual([1, height, width]);
    const eigenvalues = await values.data();
    const object = ellipse(height, width);
    const own = await vectors.data();
    const maps = await (await espirit(m)).data();
    const norms = products(maps, maps, coils);
    norms.forEach((norm, i) => {
      const value = eigenvalues[i]!;
      expect(value).toBeLessThan(1 + 1e-5);
      if (modulus(object, i) > 0) expect(value).toBeGreaterThan(0.99);
      expect(norm).toBeCloseTo(value > 0.8 ? 1 : 0, 5);
    });
    expect(eigenvalues.some((value) => value < 0.7)).toBe(true);
    for (const norm of products(own, own, coils)) expect(norm).toBeCloseTo(1, 5);
  });

  it('crops by the eigenvalue', async () => {
    const m = masked(scene(coils, height, width).kspace);
    const support = async (crop: number): Promise<number> => {
      const maps = await (await espirit(m, { crop })).data();
      return products(maps, maps, coils).filter((norm) => norm > 0).length;
    };
    expect(await support(0)).toBe(height * width);
    const [usual, tight] = [await support(0.8), await support(0.99)];
    expect(usual).toBeLessThan(height * width);
    expect(tight).toBeLessThan(usual);
  });

  it('takes the phase of coil 0, or of the first virtual coil', async () => {
    const { kspace } = scene(coils, height, width);
    const own = await (await espirit(masked(kspace), { rotatePhase: false })).data();
    for (let i = 0; i < height * width; i++) {
      expect(own[2 * i + 1]).toBeCloseTo(0, 5);
      expect(own[2 * i]).toBeGreaterThanOrEqual(-1e-6);
    }
    // relative to a virtual coil they are smooth: neighbours in the object agree without a phase
    const maps = await (await espirit(masked(kspace))).data();
    const object = ellipse(height, width);
    const count = height * width;
    for (let i = 0; i + 1 < count; i++) {
      if (modulus(object, i) === 0 || modulus(object, i + 1) === 0) continue;
      let re = 0;
      for (let c = 0; c < coils; c++)
        for (const part of [0, 1])
          re += maps[2 * (c * count + i) + part]! * maps[2 * (c * count + i + 1) + part]!;
      expect(re).toBeGreaterThan(0.97);
    }
  });

  it('calibrates every slice by itself', async () => {
    const first = scene(coils, height, width).kspace;
    const second = mul(slice(first, [[null, null, -1]]), 1e-6);
    const together = await espirit(masked(stack([first, second])));
    expect(together.shape).toEqual([2, coils, height, width]);
    expect(await slice(together, [0]).data()).toEqual(await (await espirit(masked(first))).data());
    expect(await slice(together, [1]).data()).toEqual(await (await espirit(masked(second))).data());
  });

  it('does not depend on the scale of the data', async () => {
    const { kspace } = scene(coils, height, width);
    const maps = await (await espirit(masked(kspace))).data();
    for (const factor of [1e-15, 1e12]) {
      const scaled = await (await espirit(masked(mul(kspace, factor)))).data();
      expect(products(maps, scaled, coils).filter((x) => x > 0 && x < 0.9999)).toHaveLength(0);
    }
  });

  it('takes bare k-space, where what is 0 was not sampled', async () => {
    const m = masked(scene(coils, height, width).kspace);
    expect(await (await espirit(m.kspace)).data()).toEqual(await (await espirit(m)).data());
    expect(await (await espirit(m.kspace, { mask: m.mask })).data()).toEqual(await (await espirit(m)).data());
  });

  it('gives one coil the map 1 where there is signal', async () => {
    const { kspace } = scene(1, 40, 36);
    const maps = await (await espirit(kspace)).data();
    const object = ellipse(40, 36);
    for (let i = 0; i < 40 * 36; i++) {
      expect(maps[2 * i + 1]).toBeCloseTo(0, 5);
      if (modulus(object, i) > 0) expect(maps[2 * i]).toBeCloseTo(1, 5);
    }
  });

  it('passes over a silent coil, also as the first', async () => {
    const { kspace } = scene(4, 40, 36);
    const silent = tensor([0, 1, 1, 1], { shape: [4, 1, 1] });
    const found = await (await espirit(mul(kspace, silent))).data();
    const alone = await (await espirit(slice(kspace, [[1, 4]]))).data();
    const count = 2 * 40 * 36;
    expect(found.subarray(0, count).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    const agreement = products(found.slice(count), alone, 3).filter((value) => value > 0);
    expect(Math.min(...agreement)).toBeGreaterThan(0.9999);
    expect(agreement.length).toBeGreaterThan(500);
  });

  it('gives a second set where an image is folded over', async () => {
    // every other column: the two halves of the field of view lie on each other, each with its own sensitivities
    const wide = scene(coils, 48, 96).kspace;
    const folded = slice(wide, [null, null, [null, null, 2]]);
    const { vectors, values } = await espiritEigenmaps(folded, { sets: 2 });
    expect(vectors.shape).toEqual([2, coils, 48, 48]);
    const eigenvalues = await values.data();
    const both = eigenvalues.slice(48 * 48).filter((value) => value > 0.9).length;
    expect(both).toBeGreaterThan(300);
    const own = await vectors.data();
    const [one, two] = [own.slice(0, own.length / 2), own.slice(own.length / 2)];
    expect(Math.max(...products(one, two, coils))).toBeLessThan(1e-3);
    for (const norm of products(two, two, coils)) expect(norm).toBeCloseTo(1, 4);
    const maps = await espirit(folded, { sets: 2 });
    expect(maps.shape).toEqual([2, coils, 48, 48]);
    // the plane of both holds the true sensitivities of a point of either half
    const { maps: truth } = scene(coils, 48, 96);
    const left = await slice(truth, [null, null, [24, 72]]).data();
    const [a, b] = [products(one, left, coils), products(two, left, coils)];
    const at = (row: number, column: number): number => row * 48 + column;
    for (const i of [at(24, 24), at(20, 20), at(30, 28)])
      expect(Math.hypot(a[i]!, b[i]!)).toBeGreaterThan(0.999);
  });

  it('works for pure noise', async () => {
    const maps = await espirit(complexNormal(key(5), [3, 30, 33]), { crop: 0 });
    expect((await maps.data()).every(Number.isFinite)).toBe(true);
  });

  it('gives the same on the reference device', async () => {
    const reference = await createDevice({ device: 'reference' });
    const { kspace } = scene(3, 32, 28);
    const there = await espirit(await toDevice(kspace, reference));
    const agreement = products(await (await espirit(kspace)).data(), await there.data(), 3);
    for (const product of agreement) if (product > 0) expect(product).toBeCloseTo(1, 4);
    reference.dispose();
  });

  it('reports progress, stops at a signal, and keeps no memory', async () => {
    const { kspace } = scene(coils, height, width);
    (await espirit(kspace)).dispose();
    const stacked = stack([kspace]);
    const before = memory().liveBytes;
    const steps: number[] = [];
    const maps = await espirit(stacked, {
      onProgress: ({ step, steps: all }) => steps.push(step / all),
    });
    maps.dispose();
    expect(steps.at(-1)).toBe(1);
    expect([...steps].sort((a, b) => a - b)).toEqual(steps);
    const stop = new AbortController();
    await expect(
      espirit(kspace, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
    expect(memory().liveBytes).toBe(before);
  });
});

describe('espirit refuses', () => {
  const kspace = (...shape: number[]) => complexNormal(key(1), shape);
  const reject = (promise: Promise<unknown>, message: string) => expect(promise).rejects.toThrow(message);

  it('data without signal', () =>
    reject(
      espirit(zeros([2, 32, 32], { dtype: 'c64' })),
      'espirit: kspace must be sampled around its centre, where coils are calibrated; got zeros. ' +
        'Measure the central lines, or give maps that are known.',
    ));

  it('NaN and infinity', async () => {
    for (const value of [Number.NaN, Infinity]) {
      const values = new Float32Array(2 * 2 * 16 * 16).fill(1);
      values[2 * (8 * 16 + 8)] = value;
      await reject(
        espirit(tensor(values, { dtype: 'c64', shape: [2, 16, 16] })),
        'espirit: kspace must be finite; got NaN or infinity.',
      );
    }
  });

  it('a centre that is not sampled, or less of it than the kernel needs', async () => {
    const outside = sub(1, columns(32, 8));
    await reject(espirit(mul(kspace(2, 32, 32), outside)), 'got no sample there');
    await reject(
      espirit(masked(kspace(2, 32, 32), columns(32, 4))),
      'espirit: kspace must be fully sampled in at least 6 x 6 points around its centre, the size of the kernel; ' +
        'got 24 x 4. Take a smaller kernel (option kernel), or lowResolutionMaps().',
    );
    expect((await espirit(masked(kspace(2, 32, 32), columns(32, 4)), { kernel: 4 })).shape).toEqual([
      2, 32, 32,
    ]);
  });

  it('wrong arguments', async () => {
    await reject(espirit(kspace(32, 32)), 'espirit: kspace must be [..., coils, H, W]; got c64 [32, 32].');
    await reject(espirit(kspace(0, 2, 32, 32)), 'espirit: kspace must be not empty');
    await reject(
      espirit({ kspace: kspace(2, 32, 32), mask: ones([30]) }),
      'espirit: mask must be [32] or [32, 32] to match kspace [2, 32, 32]; got [30].',
    );
    await reject(
      espirit(kspace(2, 32, 32), { sets: 3 }),
      'option sets must be an integer >= 1 and <= 2; got 3.',
    );
    await reject(espirit(kspace(2, 32, 32), { threshold: 0 }), 'option threshold must be a finite number');
    await reject(espirit(kspace(2, 32, 32), { crop: 2 }), 'option crop must be a finite number');
    await reject(espirit(kspace(2, 32, 32), { kernal: 5 } as object), '"kernal"');
    await reject(espirit(undefined as unknown as Tensor), 'espirit: argument 1 must be a measurement');
  });
});
