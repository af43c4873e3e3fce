import {
  equispacedFractionMask,
  equispacedMask,
  gaussianMask2d,
  type LineMaskOptions,
  type Mask,
  magicFractionMask,
  magicMask,
  randomMask,
  zeroOutside,
} from '@adjoint/mri';
import { ArgumentError } from '@adjoint/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Measured columns. */
const columns = ({ values }: Mask): number[] => Array.from(values.keys()).filter((i) => values[i] === 1);
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);

const seed = 'file1000769.h5';
const four = { acceleration: 4, centerFraction: 0.08, seed };

// Expected columns: fastMRI's mask functions on numpy 1.24.2.
describe('masks of whole columns', () => {
  it('random: the centre and columns drawn', () => {
    const small = randomMask({ width: 32, ...four });
    expect(columns(small)).toEqual([3, 6, 11, 14, 15, 16, 17, 22, 24, 30, 31]);
    expect(small).toMatchObject({ shape: [32], acceleration: 4, numLowFrequencies: 3, numSampled: 11, seed });
    const knee = randomMask({ width: 320, ...four });
    expect(knee).toMatchObject({ numLowFrequencies: 26, numSampled: 82 });
    expect(columns(knee).slice(0, 10)).toEqual([3, 6, 11, 14, 22, 24, 30, 31, 32, 38]);
    expect(columns(knee)).toEqual(expect.arrayContaining(range(147, 173)));
    expect(randomMask({ width: 368, ...four })).toMatchObject({ numLowFrequencies: 29, numSampled: 95 });
  });

  it('equispaced_fraction: distances that make room for the centre', () => {
    const small = equispacedFractionMask({ width: 32, ...four });
    expect(columns(small)).toEqual([0, 6, 12, 15, 16, 17, 23, 29]);
    const knee = equispacedFractionMask({ width: 368, ...four });
    expect(knee.numSampled).toBe(93);
    expect(columns(knee).slice(0, 10)).toEqual([0, 5, 11, 16, 22, 27, 32, 38, 43, 48]);
  });

  it('equispaced_fraction: never the last column on its own, as numpy.arange(offset, n - 1, step) ends', () => {
    const mask = equispacedFractionMask({ width: 9, acceleration: 1, centerFraction: 0.1 });
    expect(columns(mask)).toEqual(range(0, 8));
  });

  it('equispaced: a lattice with the centre on top, at a drawn or a given offset', () => {
    const mask = equispacedMask({ width: 12, acceleration: 4, centerFraction: 0.17, offset: 3 });
    expect(columns(mask)).toEqual([3, 5, 6, 7, 11]);
    const drawn = [0, 1, 2, 3].map((offset) => columns(equispacedMask({ width: 40, ...four, offset })));
    expect(drawn).toContainEqual(columns(equispacedMask({ width: 40, ...four })));
  });

  it('magic: two halves offset against each other', () => {
    const at = (width: number, acceleration: number, centerFraction: number, offset: number) =>
      columns(magicMask({ width, acceleration, centerFraction, offset }));
    expect(at(32, 4, 0.08, 0)).toEqual([1, 5, 9, 13, 15, 16, 17, 21, 25, 29]);
    expect(at(32, 4, 0.08, 1)).toEqual([3, 7, 11, 15, 16, 17, 19, 23, 27, 31]);
    expect(at(33, 5, 0.08, 3)).toEqual([3, 8, 13, 15, 16, 17, 21, 26, 31]);
  });

  it('magic_fraction: as many columns as asked for', () => {
    expect(columns(magicFractionMask({ width: 64, acceleration: 4, centerFraction: 0.08, seed: 3 }))).toEqual(
      [3, 9, 15, 21, 27, 30, 31, 32, 33, 34, 35, 41, 47, 53, 59],
    );
    const odd = magicFractionMask({ width: 45, acceleration: 4, centerFraction: 0.1, seed: 11 });
    expect(columns(odd)).toEqual([3, 9, 15, 21, 22, 23, 24, 25, 31, 37, 43]);
    // a centre as large as the target leaves no other columns
    const full = magicFractionMask({ width: 32, acceleration: 4, centerFraction: 0.5 });
    expect(columns(full)).toEqual(range(12, 20));
    expect(full.numLowFrequencies).toBe(8);
  });

  it('draws one of several pairs first: RandomState(11).randint(0, 2) is 1', () => {
    const mask = randomMask({ width: 64, acceleration: [4, 8], centerFraction: [0.08, 0.04], seed: 11 });
    expect(mask).toMatchObject({ acceleration: 8, numLowFrequencies: 3 });
    // the next double is 0.068 < p = (64/8 - 3)/61, so that column 0 is in
    expect(mask.values[0]).toBe(1);
  });

  it('says which seed it took where none was given', () => {
    const mask = randomMask({ width: 128, acceleration: 4, centerFraction: 0.08 });
    const again = randomMask({ width: 128, acceleration: 4, centerFraction: 0.08, seed: mask.seed });
    expect(again.values).toEqual(mask.values);
    expect(randomMask({ width: 128, acceleration: 4, centerFraction: 0.08 }).seed).not.toBe(mask.seed);
  });

  it('measures everything at acceleration 1', () => {
    for (const make of [randomMask, equispacedMask])
      for (const centerFraction of [0.1, 1])
        expect(make({ width: 9, acceleration: 1, centerFraction }).numSampled).toBe(9);
  });
});

describe('properties of line masks', () => {
  const makers = { randomMask, equispacedMask, equispacedFractionMask, magicMask, magicFractionMask };
  const options = fc.record({
    width: fc.integer({ min: 16, max: 400 }),
    acceleration: fc.integer({ min: 2, max: 8 }),
    centerFraction: fc.double({ min: 0, max: 0.1, noNaN: true }),
    seed: fc.oneof(fc.nat(), fc.string({ minLength: 1 })),
  });

  it.each(Object.entries(makers))('%s keeps the centre, and equal seeds give equal masks', (_, make) => {
    fc.assert(
      fc.property(options, (given) => {
        const mask = make(given);
        const { width } = given;
        expect(mask.values.every((value) => value === 0 || value === 1)).toBe(true);
        expect(mask.numSampled).toBe(columns(mask).length);
        const first = Math.floor((width - mask.numLowFrequencies + 1) / 2);
        expect(columns(mask)).toEqual(expect.arrayContaining(range(first, first + mask.numLowFrequencies)));
        expect(make(given)).toEqual(mask);
      }),
      { numRuns: 60 },
    );
  });

  it('random: W/R columns on average', () => {
    const [width, draws] = [128, 2000];
    let total = 0;
    for (let i = 0; i < draws; i++)
      total += randomMask({ width, acceleration: 4, centerFraction: 0.08, seed: i }).numSampled;
    // one mask's standard deviation is sqrt(118 p (1 - p)) = 4.35, that of the mean 0.097
    expect(Math.abs(total / draws - 32)).toBeLessThan(0.4);
  });

  it('equispaced_fraction: W/R columns up to a few', () => {
    fc.assert(
      fc.property(options, (given) => {
        const { numSampled } = equispacedFractionMask(given);
        expect(Math.abs(numSampled - given.width / given.acceleration)).toBeLessThanOrEqual(2);
      }),
      { numRuns: 100 },
    );
  });
});

describe('gaussianMask2d', () => {
  const given = { height: 60, width: 48, acceleration: 6, seed: 3 };

  it('has exactly round(H W/R) entries, the centred rectangle among them', () => {
    const mask = gaussianMask2d(given);
    expect(mask).toMatchObject({ shape: [60, 48], numSampled: 480, numLowFrequencies: 4 });
    // 5 of 60 rows, 4 of 48 columns
    for (const i of range(28, 33))
      for (const j of range(22, 26)) expect(mask.values[i * 48 + j], `entry ${i}, ${j}`).toBe(1);
  });

  it('has the density it was asked for, in both axes', () => {
    const [height, width] = [40, 64];
    // few entries of a plane: hardly any is drawn twice, so that without replacement is nearly with
    const options = { height, width, acceleration: 80, centerFraction: 0, standardDeviation: 0.1 };
    let [rows, cols, count] = [0, 0, 0];
    for (let draw = 0; draw < 200; draw++)
      for (const entry of columns(gaussianMask2d({ ...options, seed: draw }))) {
        rows += ((Math.floor(entry / width) - height / 2) / (0.1 * height)) ** 2;
        cols += ((entry % width) - width / 2) ** 2 / (0.1 * width) ** 2;
        count++;
      }
    expect(count).toBe(200 * 32);
    // 6400 squares of standard normals: 1 ± 0.018; a tenth of the dense middle is taken already when it comes up
    // again
    expect(rows / count).toBeGreaterThan(0.95);
    expect(rows / count).toBeLessThan(1.2);
    expect(Math.abs(rows / count - cols / count)).toBeLessThan(0.08);
  });

  it('is equal for equal seeds', () => {
    expect(gaussianMask2d(given)).toEqual(gaussianMask2d(given));
    expect(gaussianMask2d({ ...given, seed: 4 }).values).not.toEqual(gaussianMask2d(given).values);
  });

  it('takes a narrow density in a large plane, where weights underflow', () => {
    const mask = gaussianMask2d({
      height: 64,
      width: 64,
      acceleration: 2,
      standardDeviation: 0.005,
      seed: 1,
    });
    expect(mask.numSampled).toBe(2048);
  });
});

describe('zeroOutside', () => {
  it('clears columns before the first and from the end, in planes too', () => {
    const line = zeroOutside(randomMask({ width: 8, acceleration: 1, centerFraction: 0.5 }), 2, 7);
    expect([...line.values]).toEqual([0, 0, 1, 1, 1, 1, 1, 0]);
    expect(line.numSampled).toBe(5);
    const plane = zeroOutside(gaussianMask2d({ height: 2, width: 4, acceleration: 1 }), 1, 3);
    expect([...plane.values]).toEqual([0, 1, 1, 0, 0, 1, 1, 0]);
  });
});

describe('refusals', () => {
  const good: LineMaskOptions = { width: 64, acceleration: 4, centerFraction: 0.08, seed: 1 };
  it.each<[string, object]>([
    ['width', { width: 0 }],
    ['width', { width: 6.5 }],
    ['acceleration', { acceleration: 0.5 }],
    ['acceleration', { acceleration: Number.NaN }],
    ['acceleration', { acceleration: 65 }],
    ['centerFraction', { centerFraction: 1.1 }],
    ['centerFraction', { centerFraction: 0.5 }],
    ['centerFraction', { centerFraction: [0.1, 0.2] }],
    ['centerFraction', { centerFraction: [], acceleration: [] }],
    ['"centreFraction"', { centreFraction: 0.1 }],
    ['seed', { seed: -1 }],
  ])('names the option %s: %j', (name, change) => {
    for (const make of [randomMask, equispacedFractionMask]) {
      const call = () => make({ ...good, ...change });
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(name);
    }
  });

  it('refuses fractional lattices and offsets outside the width', () => {
    expect(() => equispacedMask({ ...good, acceleration: 4.5 })).toThrow('acceleration');
    expect(() => magicMask({ ...good, acceleration: 4.5 })).toThrow('acceleration');
    for (const make of [equispacedMask, equispacedFractionMask, magicMask, magicFractionMask])
      expect(() => make({ ...good, offset: 64 }), make.name).toThrow('offset');
  });

  it('refuses a centre larger than the plane’s target', () => {
    expect(() => gaussianMask2d({ height: 8, width: 8, acceleration: 8, centerFraction: 0.5 })).toThrow(
      ArgumentError,
    );
    expect(() => gaussianMask2d({ height: 8, width: 8, acceleration: 8, standardDeviation: 0 })).toThrow(
      ArgumentError,
    );
  });
});
