import { disposeTree } from '@adjoint/autograd';
import { headSplit } from '@adjoint/mri';
import { centredFft, type Device, init, key, memory, scope, type Tensor, uniform } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SimulatedDataOptions, simulatedTrainingData } from '../../packages/models/src/data/index.js';
import { valuesOf } from './nets.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
});
afterAll(() => device.dispose());

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data());

/** Three pictures of noise. */
const pictures = (): Tensor => scope(() => uniform(key(4), [3, 20, 16]));

const make = (more: Partial<SimulatedDataOptions> = {}) =>
  simulatedTrainingData({
    ...('images' in more ? {} : { images: pictures() }),
    shape: [10, 8],
    coils: 2,
    coilRings: 2,
    ...more,
  } as SimulatedDataOptions);

describe('simulatedTrainingData', () => {
  it('gives normalised pairs that depend on the key alone', async () => {
    const data = await make();
    expect(data.size).toBe(3);
    const sample = async (index: number, seed: number) =>
      valuesOf({ ...(await data.sample(index, key(seed))) });
    const one = await sample(0, 1);
    expect(Object.keys(one).sort()).toEqual(['input', 'mean', 'std', 'target']);
    expect(await sample(0, 1)).toEqual(one);
    expect((await sample(0, 2)).input).not.toEqual(one.input);
    expect((await sample(1, 1)).input).not.toEqual(one.input);
    const mean = one.input!.reduce((a, b) => a + b, 0) / 80;
    expect(mean).toBeCloseTo(0, 4);
    expect(one.input!.reduce((a, b) => a + b * b, 0) / 79).toBeCloseTo(1, 3);
  });

  it('moves input and target alike, and leaves the same image where everything is measured', async () => {
    const everything = (width: number) => ({
      values: new Float32Array(width).fill(1),
      shape: [width],
      acceleration: 1,
      numLowFrequencies: width,
      numSampled: width,
    });
    const data = await make({ mask: everything });
    const seen = new Set<string>();
    for (let seed = 0; seed < 12; seed++) {
      const { input, target } = await valuesOf({ ...(await data.sample(0, key(seed))) });
      input!.forEach((value, i) => {
        expect(value).toBeCloseTo(target![i]!, 4);
      });
      seen.add(input!.map((v) => v.toFixed(3)).join());
    }
    expect(seen.size).toBeGreaterThan(6); // flips and shifts of one picture
    const still = await make({ mask: everything, augment: false });
    const plain = async (seed: number) => (await valuesOf({ ...(await still.sample(0, key(seed))) })).input;
    expect(await plain(1)).toEqual(await plain(2));
  });

  it('masks whole columns, another choice for every key', async () => {
    const data = await make({
      shape: [16, 16],
      images: uniform(key(4), [1, 32, 32]),
      coilRings: 1,
      coils: 1,
      augment: false,
    });
    const columnsOf = async (seed: number) => {
      const { input, mean, std } = await data.sample(0, key(seed));
      // one coil: the phase is lost in the magnitude, so only that different masks give different images shows
      const image = await values(centredFft(input.mul(std).add(mean)));
      return image.map((v) => v.toFixed(3)).join();
    };
    const different = new Set(await Promise.all([1, 2, 3, 4].map(columnsOf)));
    expect(different.size).toBe(4);
  });

  it('frees what it made', async () => {
    using images = pictures();
    const run = async (): Promise<number> => {
      const data = await make({ images });
      const own = key(3);
      disposeTree({ ...(await data.sample(2, own)) });
      own.dispose();
      data.dispose();
      return memory().liveBytes;
    };
    const once = await run();
    await run();
    expect(await run()).toBe(once);
  });

  it.each<[Partial<SimulatedDataOptions>, RegExp]>([
    [{ images: undefined as never }, /option images/],
    [{ acceleration: 0.5 }, /option acceleration/],
    [{ acceleration: 4, mask: (() => undefined) as never }, /without acceleration/],
    [{ augment: { flip: true } as never }, /made of flips, transposes, shifts/],
    [{ coilRing: 2 } as never, /made of images/],
    [{ shape: [64, 64] }, /option shape/],
  ])('refuses %o', async (options, message) => {
    await expect(make(options)).rejects.toThrow(message);
  });

  it('refuses examples that are not there', async () => {
    const data = await make();
    await expect(data.sample(3, key(0))).rejects.toThrow(/index must be an integer >= 0 and <= 2/);
  });
});

describe('headSplit', () => {
  it.each(['axial', 'coronal', 'sagittal'] as const)(
    'keeps 10 mm and more between both sides: %s',
    (plane) => {
      const { training, test, wording } = headSplit(plane);
      const nearest = Math.min(...training.flatMap((a) => test.map((b) => Math.abs(a - b))));
      expect(nearest).toBe(10);
      expect(test.length).toBeGreaterThanOrEqual(20);
      expect(training.length).toBeGreaterThan(2 * test.length);
      expect(wording).toBe('within-subject');
    },
  );
});
