import { grad, gradcheck } from '@adjoint/autograd';
import {
  abs2,
  centredFft,
  complexNormal,
  conj,
  createDevice,
  type Device,
  explain,
  init,
  type Jitted,
  jit,
  key,
  mul,
  normal,
  ones,
  sub,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
  withDevice,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  coilWeighting,
  fromHybrid,
  sampling,
  sense,
  senseHybrid,
  senseSystem,
  toHybrid,
} from '../../../packages/mri/src/operators/index.js';

let device: Device;
let reference: Device;
beforeAll(async () => {
  reference = await createDevice({ device: 'reference' });
  device = await init({ device: 'wasm', threads: 2 });
});
afterAll(() => {
  device.dispose();
  reference.dispose();
});

const [coils, height, width] = [4, 9, 12];
const maps = () => complexNormal(key(1), [coils, height, width]);
const image = () => complexNormal(key(2), [height, width]);
const kspace = () => complexNormal(key(3), [coils, height, width]);
const columns = () => tensor(Float32Array.from({ length: width }, (_, i) => Number(i % 3 !== 1)));
const pattern = () =>
  tensor(
    Float32Array.from({ length: height * width }, (_, i) => Number(i % 5 < 2)),
    { shape: [height, width] },
  );

async function expectClose(a: Tensor, b: Tensor, limit = 1e-5): Promise<void> {
  expect(a.shape).toEqual(b.shape);
  const [x, y] = [Array.from(await a.data()), Array.from(await b.data())];
  const scale = Math.max(...y.map(Math.abs));
  expect(Math.max(...x.map((value, i) => Math.abs(value - y[i]!)))).toBeLessThan(limit * scale);
}

describe('sense', () => {
  it('is mask, transform and coil weighting', async () => {
    for (const mask of [columns(), pattern()]) {
      const A = sense(maps(), mask);
      expect(A.domain).toEqual({ shape: [height, width], dtype: 'c64' });
      expect(A.range).toEqual({ shape: [coils, height, width], dtype: 'c64' });
      await expectClose(A.apply(image()), mul(centredFft(mul(maps(), image())), mask));
      await expectClose(A.normal(image()), A.adjoint(A.apply(image())));
    }
  });

  it('equals the sums of its definition', async () => {
    const A = sense(maps(), columns());
    const [s, x, y] = await Promise.all([maps().data(), image().data(), A.apply(image()).data()]);
    const [coil, row, column] = [2, 5, 3];
    let [re, im] = [0, 0];
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const [p, q] = [2 * ((coil * height + i) * width + j), 2 * (i * width + j)];
        const [u, v] = [s[p]! * x[q]! - s[p + 1]! * x[q + 1]!, s[p]! * x[q + 1]! + s[p + 1]! * x[q]!];
        const angle = -2 * Math.PI * (((i - 4) * (row - 4)) / height + ((j - 6) * (column - 6)) / width);
        re += u * Math.cos(angle) - v * Math.sin(angle);
        im += u * Math.sin(angle) + v * Math.cos(angle);
      }
    const at = 2 * ((coil * height + row) * width + column);
    expect(y[at]).toBeCloseTo(re / Math.sqrt(height * width), 4);
    expect(y[at + 1]).toBeCloseTo(im / Math.sqrt(height * width), 4);
  });

  it('shares maps among slices with the option batch', async () => {
    const images = complexNormal(key(5), [2, height, width]);
    const shared = sense(maps(), columns(), { batch: [2] });
    const own = sense(mul(ones([2, 1, 1, 1]), maps()), columns());
    expect(shared.range).toEqual(own.range);
    await expectClose(shared.apply(images), own.apply(images));
    await expectClose(shared.normal(images), own.normal(images));
  });

  it('sums several sets of maps, and gives each its adjoint', async () => {
    const sets = complexNormal(key(6), [2, coils, height, width]);
    const images = complexNormal(key(7), [2, height, width]);
    const A = sense(sets, pattern(), { sets: true });
    const weighted = sum(mul(sets, unsqueeze(images, 1)), { axes: 0 });
    await expectClose(A.apply(images), mul(centredFft(weighted), pattern()));
    expect(A.adjoint(kspace()).shape).toEqual([2, height, width]);
  });

  it('transforms along W alone in the normal operator of columns: rows do not meet', async () => {
    const row = mul(
      image(),
      tensor(
        Float32Array.from({ length: height }, (_, i) => Number(i === 3)),
        { shape: [height, 1] },
      ),
    );
    const leaks = async (mask: Tensor): Promise<boolean> => {
      const values = await sense(maps(), mask).normal(row).data();
      return values.some((value, i) => Math.floor(i / (2 * width)) !== 3 && value !== 0);
    };
    expect(await leaks(columns())).toBe(false);
    expect(await leaks(pattern())).toBe(true);
  });

  it('passes gradients to maps, mask and image', async () => {
    const fit = (s: Tensor, m: Tensor, x: Tensor): Tensor => sum(abs2(sense(s, m).apply(x)));
    const normalFit = (s: Tensor, m: Tensor, x: Tensor): Tensor => sum(abs2(sense(s, m).normal(x)));
    for (const shape of [[3], [4, 3]])
      for (const f of [fit, normalFit]) {
        const points = withDevice(reference, () => [
          complexNormal(key(1), [2, 4, 3], { dtype: 'c128' }),
          normal(key(2), shape, { dtype: 'f64' }),
          complexNormal(key(3), [4, 3], { dtype: 'c128' }),
        ]);
        await gradcheck((s: Tensor, m: Tensor, x: Tensor) => f(s, m, x), points as [Tensor, Tensor, Tensor]);
      }
  });
});

describe('hybrid space', () => {
  it('is reached by a unitary transform along the readout', async () => {
    await expectClose(fromHybrid(toHybrid(kspace())), kspace());
    const energy = async (x: Tensor) => (await sum(abs2(x)).data())[0]!;
    expect((await energy(toHybrid(kspace()))) / (await energy(kspace()))).toBeCloseTo(1, 5);
  });

  it('holds what sense gives, moved there', async () => {
    const [A, B] = [sense(maps(), columns()), senseHybrid(maps(), columns())];
    await expectClose(B.apply(image()), toHybrid(A.apply(image())));
    await expectClose(B.adjoint(toHybrid(kspace())), A.adjoint(kspace()));
    await expectClose(B.normal(image()), A.normal(image()));
  });

  it('is where a column mask puts a least-squares problem, with the same residual', async () => {
    const residual = async (x: Tensor) => (await sum(abs2(x)).data())[0]!;
    for (const mask of [columns(), pattern()]) {
      const { operator, data } = senseSystem(maps(), mask, kspace());
      const A = sense(maps(), mask);
      const expected = await residual(sub(A.apply(image()), mul(kspace(), mask)));
      expect((await residual(sub(operator.apply(image()), data))) / expected).toBeCloseTo(1, 5);
      await expectClose(operator.adjoint(data), A.adjoint(kspace()));
    }
  });

  it('refuses 2-D patterns, and k-space of another size', () => {
    expect(() => senseHybrid(maps(), pattern())).toThrow(
      'senseHybrid: mask must be [W]: whole columns; got f32 [9, 12]. Use sense() or senseSystem() for 2-D patterns.',
    );
    expect(() => senseSystem(maps(), columns(), ones([2, 9, 12]))).toThrow(
      'senseSystem: kspace must be [4, 9, 12] to match the maps; got [2, 9, 12].',
    );
  });
});

describe('compiled', () => {
  /** The launches of a compiled function, as `explain` names them; its result is that of the eager ops. */
  async function launches<A extends Tensor[]>(f: (...args: A) => Tensor, ...args: A): Promise<string[]> {
    const jitted = jit(f) as unknown as Jitted<Tensor[], Tensor>;
    expect(await jitted(...args).data()).toEqual(await f(...args).data());
    return explain(jitted, ...args)
      .split('\n')
      .flatMap((line) => line.match(/^ *\d+ {2}(.+) -> /)?.[1] ?? []);
  }

  it('apply is one launch', async () => {
    for (const mask of [heldMask, heldPattern]) {
      const made = await launches((x: Tensor) => sense(heldMaps, mask).apply(x), image());
      expect(made).toEqual(['fft[load: mul; store: mul]']);
    }
  });

  it('normal is at most two transforms and a sum', async () => {
    const made = await launches((x: Tensor) => sense(heldMaps, heldPattern).normal(x), image());
    expect(made.map((name) => name.replace(/\[.*/, ''))).toEqual(['fft', 'fft', 'sum']);
    const ofColumns = await launches((x: Tensor) => sense(heldMaps, heldMask).normal(x), image());
    expect(ofColumns.length).toBeLessThanOrEqual(3);
  });

  it('the gradient of the data term is as long as the normal operator', async () => {
    const y = kspace();
    const slope = (x: Tensor): Tensor =>
      grad((v: Tensor) => sum(abs2(sub(sense(heldMaps, heldMask).apply(v), y))))(x);
    expect((await launches(slope, image())).length).toBeLessThanOrEqual(3);
  });

  let heldMaps: Tensor;
  let heldMask: Tensor;
  let heldPattern: Tensor;
  beforeAll(() => {
    heldMaps = maps();
    heldMask = columns();
    heldPattern = pattern();
  });
});

describe('refused', () => {
  it('maps of another size, with what to do about it', () => {
    expect(() => sense(ones([8, 256, 320]), ones([256, 256]))).toThrow(
      'sense: maps must be [coils, 256, 256] to match mask [256, 256]; got [8, 256, 320]. Crop or re-estimate the maps.',
    );
    expect(() => sense(ones([2, 8, 16, 20]), ones([24]))).toThrow(
      'sense: maps must be [..., coils, H, 24] to match mask [24]; got [2, 8, 16, 20].',
    );
    expect(() => sense(ones([2, 8, 16, 20]), ones([24]), { sets: true })).toThrow('[sets, coils, H, 24]');
  });

  it('maps without coils, complex masks, wrong options', () => {
    expect(() => sense(ones([8, 8]), ones([8]))).toThrow(
      'sense: maps must be [..., coils, H, W]; got f32 [8, 8].',
    );
    expect(() => sense(maps(), conj(image()))).toThrow('sense: mask must be real; got c64 [9, 12].');
    expect(() => sense(maps(), ones([1, 9, 12]))).toThrow(
      'sense: mask must be [W] or [H, W]; got f32 [1, 9, 12].',
    );
    expect(() => sense(maps(), columns(), { set: true } as object)).toThrow('"set"');
    expect(() => coilWeighting(maps(), { batch: [2], sets: true })).toThrow('coilWeighting: ');
    expect(() => sense(ones([3, 2, 4, 4]), ones([4]), { batch: [2] })).toThrow('broadcast');
  });

  it('images and masks that do not fit', () => {
    expect(() => sense(maps(), columns()).apply(ones([9, 12]))).toThrow(
      'sense: the argument must be c64 [9, 12]; got f32 [9, 12].',
    );
    expect(() => sampling(ones([7]), { shape: [4, 9, 12], dtype: 'c64' })).toThrow(
      'sampling: mask must be [12] or [9, 12] to match the space [4, 9, 12]; got [7].',
    );
  });
});
