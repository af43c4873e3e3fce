import {
  abs2,
  add,
  centredFft,
  centredIfft,
  complex,
  complexNormal,
  conj,
  createDevice,
  type Device,
  type DType,
  explain,
  fftn,
  flip,
  ifftn,
  imag,
  type Jitted,
  jit,
  key,
  mul,
  normal,
  sin,
  sub,
  sum,
  type Tensor,
  withDevice,
} from '@adjoint/tensor';
import { type Draw, drawFrom, memoryOrders, place, sampleValues } from '@adjoint/tensor/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let device: Device;
beforeAll(async () => {
  device = await createDevice({ device: 'wasm', threads: 2 });
});
afterAll(() => device.dispose());

type F = (...args: Tensor[]) => Tensor;

/** Compiled and eager results have the same bits; how many kernels the compiled function launches. */
async function expectEqual(f: F, args: Tensor[], label: string): Promise<number> {
  const jitted = jit(f) as unknown as Jitted<Tensor[], Tensor>;
  const [got, expected] = withDevice(device, () => [jitted(...args), f(...args)] as const);
  const [a, b] = [await got.data(), await expected.data()].map(({ buffer }) => new Int32Array(buffer));
  expect(a!.length, label).toBe(b!.length);
  const different = a!.findIndex((bits, i) => bits !== b![i]);
  expect(different, `${label}: first word that differs`).toBe(-1);
  const count = withDevice(device, () => Number(explain(jitted, ...args).match(/(\d+) launches/)![1]));
  jitted.dispose();
  return count;
}

/** Element-wise work on a value of any shape, with operands of shapes that broadcast to it. */
const work: Readonly<
  Record<string, { operands: readonly DType[]; apply: (y: Tensor, ...xs: Tensor[]) => Tensor }>
> = {
  product: { operands: ['c64'], apply: (y, a) => mul(y, a!) },
  mask: { operands: ['f32'], apply: (y, a) => mul(a!, y) },
  bits: { operands: ['bool', 'i32'], apply: (y, a, b) => sub(mul(y, a!), b!) },
  scaled: { operands: [], apply: (y) => mul(conj(y), { re: 0.5, im: -2 }) },
  functions: {
    operands: ['f32', 'c64'],
    apply: (y, a, b) => add(complex(a!, sin(imag(y))), mul(y, conj(b!))),
  },
};

const transforms = { fftn, ifftn, centredFft, centredIfft };

async function checkRandom(draw: Draw): Promise<void> {
  const sizes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17, 20, 33];
  const shape = Array.from({ length: draw.int(1, 4) }, () => draw.pick(sizes));
  while (shape.reduce((a, b) => a * b) > 20_000) shape[shape.indexOf(Math.max(...shape))] = 3;
  const last = shape.length - 1;
  const axes = shape.flatMap((_, axis) => (axis === last || draw.bool() ? [axis] : []));
  const name = draw.pick(Object.keys(transforms) as (keyof typeof transforms)[]);
  const [before, after] = [draw.pick(Object.keys(work)), draw.pick(Object.keys(work))];
  const dtypes: DType[] = ['c64', ...work[before]!.operands, ...work[after]!.operands];
  const args = dtypes.map((dtype, k) => {
    const part = k === 0 ? shape : shape.slice(draw.int(0, last + 1));
    const sizes = part.map((n) => (k > 0 && draw.int(0, 3) === 0 ? 1 : n));
    const value = sampleValues({ shape: sizes }, dtype, draw.int(0, 2 ** 30));
    return place(value, dtype, device, draw.pick(memoryOrders));
  });
  const first = 1 + work[before]!.operands.length;
  const f: F = (x, ...others) => {
    const loaded = work[before]!.apply(x!, ...others.slice(0, first - 1));
    return work[after]!.apply(transforms[name](loaded, { axes }), ...others.slice(first - 1));
  };
  const label = `${name} of [${shape}] over ${axes}: ${before}, ${after}`;
  const count = await expectEqual(f, args, label);
  // an axis of one element is no transform
  if (shape[last]! > 1) expect(count, label).toBe(1);
}

describe('a Fourier transform with element-wise work before and after it', () => {
  it('has the bits of separate kernels, and is one', async () => {
    const property = fc.asyncProperty(fc.gen(), (gen) =>
      checkRandom(drawFrom((min, max) => gen(fc.integer, { min, max }))),
    );
    await fc.assert(property, { numRuns: 120, seed: Number(process.env.ADJOINT_SEED ?? 11) });
  }, 120_000);

  const both: F = (x, maps, mask) => mul(mask!, centredFft(mul(maps!, x!)));
  it.each([
    [15, 64, 48],
    [9, 127, 50],
    [2, 320, 300],
    [1, 331, 257],
    [33, 24, 25],
  ])('in many tasks: %i images of %i x %i', async (...shape) => {
    const args = withDevice(device, () => [
      complexNormal(key(1), shape.slice(1)),
      complexNormal(key(2), shape),
      normal(key(3), shape.slice(2)),
    ]);
    expect(await expectEqual(both, args, String(shape))).toBe(1);
  });

  it.each([
    { shape: [900, 64], axes: [1] },
    { shape: [2, 40_000], axes: [1] },
    { shape: [5, 60, 40, 33], axes: [1, 2, 3] },
  ])('in rows, in long rows, over three axes: %j', async ({ shape, axes }) => {
    const args = withDevice(device, () => [complexNormal(key(1), shape), normal(key(2), shape.slice(-1))]);
    const f: F = (x, mask) => mul(mask!, fftn(mul(x!, mask!), { axes }));
    expect(await expectEqual(f, args, String(shape))).toBe(1);
  });

  it.each([
    [500, 96],
    [4096, 3],
    [700, 16],
    [300, 17],
    [3, 200, 35],
    [50_000, 2],
    [5000, 19],
  ])('in columns, where only the store takes part: %j', async (...shape) => {
    const args = withDevice(device, () => [
      complexNormal(key(1), shape),
      complexNormal(key(2), shape.slice(1)),
    ]);
    const axes = [shape.length - 2];
    expect(await expectEqual((x, y) => mul(y!, ifftn(x!, { axes })), args, String(shape))).toBe(1);
    expect(await expectEqual((x, y) => ifftn(mul(y!, x!), { axes }), args, String(shape))).toBe(2);
  });
});

describe('transforms of rows inside other kernels', () => {
  const values = (...shapes: number[][]) =>
    withDevice(device, () => shapes.map((shape, k) => complexNormal(key(k), shape)));
  const rows = { axes: [-1] };
  /** A filter of rows in the frequency domain. */
  const filtered = (x: Tensor, mask: Tensor): Tensor => centredIfft(mul(mask, centredFft(x, rows)), rows);

  it('random chains of up to three transforms and a sum have the bits of separate kernels', async () => {
    const property = fc.asyncProperty(fc.gen(), (gen) =>
      checkChain(drawFrom((min, max) => gen(fc.integer, { min, max }))),
    );
    await fc.assert(property, { numRuns: 80, seed: Number(process.env.ADJOINT_SEED ?? 12) });
  }, 120_000);

  async function checkChain(draw: Draw): Promise<void> {
    const sizes = [2, 3, 4, 5, 7, 8, 9, 17, 20, 33, 67];
    const shape = Array.from({ length: draw.int(1, 4) }, () => draw.pick([1, ...sizes]));
    shape[shape.length - 1] = draw.pick(sizes);
    const last = shape.length - 1;
    const names = Array.from({ length: draw.int(2, 3) }, () => draw.pick(Object.keys(transforms)));
    const between = names.map(() => draw.pick(['product', 'mask', 'scaled', 'functions']));
    const reduced = draw.bool() ? shape.flatMap((_, axis) => (axis < last && draw.bool() ? [axis] : [])) : [];
    const dtypes: DType[] = ['c64', ...between.flatMap((name) => work[name]!.operands)];
    const args = dtypes.map((dtype, k) => {
      const part = k === 0 ? shape : shape.slice(draw.int(0, last + 1));
      const value = sampleValues({ shape: part }, dtype, draw.int(0, 2 ** 30));
      return place(value, dtype, device, draw.pick(memoryOrders));
    });
    const f: F = (x, ...others) => {
      const made = names.reduce((y, name, k) => {
        const { operands, apply } = work[between[k]!]!;
        return transforms[name as keyof typeof transforms](
          apply(y, ...others.splice(0, operands.length)),
          rows,
        );
      }, x!);
      return reduced.length > 0 ? sum(mul(conj(x!), made), { axes: reduced }) : made;
    };
    await expectEqual(f, args, `${names} of [${shape}] with ${between}, sum over ${reduced}`);
  }

  it.each([
    { shape: [15, 64, 48], axes: [0] },
    { shape: [3, 5, 31, 50], axes: [1] },
    { shape: [2, 3, 130, 37], axes: [0, 1] },
    { shape: [4, 2, 2050], axes: [0] },
    { shape: [200, 9, 16], axes: [0] },
  ])('are added up in one kernel: %j', async ({ shape, axes }) => {
    const args = values(shape, shape.slice(-1), shape.slice(-2));
    const f: F = (x, mask, weight) => sum(mul(weight!, filtered(x!, mul(mask!, 2))), { axes });
    expect(await expectEqual(f, args, String(shape))).toBe(1);
  });

  it.each([[[7, 31, 36]], [[1000, 20]], [[2, 4, 3000]]])('filter rows in one kernel: %j', async (shape) => {
    const f: F = (x, mask) => mul(filtered(mul(x!, mask!), mask!), { re: 0, im: 1 });
    expect(await expectEqual(f, values(shape, shape.slice(-1)), String(shape))).toBe(1);
  });

  it('go before a transform of whole images, too', async () => {
    const f: F = (x, mask) => fftn(mul(mask!, ifftn(x!, rows)), { axes: [1, 2] });
    expect(await expectEqual(f, values([9, 30, 28], [28]), 'images')).toBe(1);
  });

  it('are not computed twice: what has another reader is stored', async () => {
    const f: F = (x, mask) => {
      const spectrum = fftn(x!, rows);
      return add(ifftn(mul(mask!, spectrum), rows), spectrum);
    };
    expect(await expectEqual(f, values([9, 28], [28]), 'two readers')).toBe(2);
  });

  it('stay outside where rows are added up, seen through a view, or as another dtype', async () => {
    const args = values([6, 10, 12], [12]);
    const weighted = (x: Tensor, mask: Tensor) => mul(mask, fftn(x, rows));
    expect(await expectEqual((x, m) => sum(weighted(x!, m!)), args, 'all')).toBe(2);
    expect(await expectEqual((x, m) => sum(weighted(x!, m!), { axes: -1 }), args, 'rows')).toBe(2);
    expect(await expectEqual((x, m) => sum(abs2(weighted(x!, m!)), { axes: 0 }), args, 'real')).toBe(2);
    const flipped: F = (x, m) => ifftn(mul(m!, flip(fftn(x!, rows), 1)), rows);
    expect(await expectEqual(flipped, args, 'a view')).toBe(2);
  });
});
