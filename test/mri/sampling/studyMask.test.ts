import { type StudyMaskOptions, studyMask } from '@adjoint/mri';
import { NumericalError } from '@adjoint/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const columns = (values: Float32Array): number[] => Array.from(values.keys()).filter((i) => values[i] === 1);
const types = ['random', 'equispaced_fraction'] as const;

describe.each(types)('studyMask, %s, corrected', (type) => {
  it('has exactly round(W/4) columns for every seed, 7 % of them in the centre', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 400 }), fc.nat(), (width, seed) => {
        const mask = studyMask({ width, type, seed });
        // Python's round: halves to even
        const target = width % 4 === 2 ? 2 * Math.round(width / 8) : Math.round(width / 4);
        expect(mask.numSampled).toBe(target);
        expect(columns(mask.values)).toHaveLength(target);
        const n = mask.numLowFrequencies;
        expect(Math.abs(n - 0.07 * width)).toBeLessThanOrEqual(0.5);
        const first = Math.floor((width - n + 1) / 2);
        expect(mask.values.slice(first, first + n).every((value) => value === 1)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('draws within the acquired columns only', () => {
    const mask = studyMask({ width: 368, type, seed: 5, acquiredColumns: 320 });
    const measured = columns(mask.values);
    expect(mask.numSampled).toBe(80);
    expect(measured[0]).toBeGreaterThanOrEqual(24);
    expect(measured.at(-1)).toBeLessThan(344);
  });
});

describe('studyMask, corrected', () => {
  it('random: every outer column is as probable as any other', () => {
    const [width, draws] = [40, 3000];
    const counts = new Array<number>(width).fill(0);
    for (let seed = 0; seed < draws; seed++)
      for (const column of columns(studyMask({ width, seed }).values)) counts[column]!++;
    // 10 of 40 columns, 3 in the centre: 7/37 of the draws, with standard deviation 21
    const outer = counts.filter((count) => count < draws);
    expect(outer).toHaveLength(37);
    for (const count of outer) expect(Math.abs(count - (draws * 7) / 37)).toBeLessThan(110);
  });

  it('equispaced_fraction: distances of the outer columns differ by one at most', () => {
    const mask = studyMask({ width: 320, type: 'equispaced_fraction', seed: 9 });
    const outer = columns(mask.values).filter((column) => column < 149);
    const steps = new Set(outer.slice(1).map((column, i) => column - outer[i]!));
    // 298 outer columns, 58 of them measured
    expect([...steps].sort()).toEqual([5, 6]);
  });
});

describe.each(types)('studyMask, %s, faithful', (type) => {
  it('has an acceleration of 3.97 to 4.03 before columns outside the acquired ones are cleared', () => {
    for (let seed = 0; seed < 30; seed++) {
      const options: StudyMaskOptions = { width: 368, type, seed, mode: 'faithful' };
      const whole = studyMask(options);
      const acceleration = 368 / whole.numSampled;
      expect(acceleration).toBeGreaterThanOrEqual(3.97);
      expect(acceleration).toBeLessThanOrEqual(4.03);
      const cleared = studyMask({ ...options, acquiredColumns: 320 });
      const expected = columns(whole.values).filter((column) => column >= 24 && column < 344);
      expect(columns(cleared.values)).toEqual(expected);
      expect(368 / cleared.numSampled).toBeGreaterThan(4.1);
    }
  });

  it('says that a width admits no such mask', () => {
    // 21 columns: 5 give 4.2, 6 give 3.5
    const call = () => studyMask({ width: 21, type, seed: 1, mode: 'faithful' });
    expect(call).toThrow(NumericalError);
    expect(call).toThrow(/option width .* got 21: none in 10000 draws\. Take mode corrected/);
  });
});

describe('studyMask', () => {
  it('gives equal masks for equal seeds, and others for others', () => {
    for (const mode of ['corrected', 'faithful'] as const)
      for (const type of types) {
        const options = { width: 368, type, mode };
        expect(studyMask({ ...options, seed: 3 })).toEqual(studyMask({ ...options, seed: 3 }));
        const others = [4, 5, 6, 7, 8, 9].map((seed) => studyMask({ ...options, seed }).values.join(''));
        expect(new Set(others).size).toBeGreaterThan(1);
      }
  });

  it.each([
    [{ mode: 'exact' }, 'option mode'],
    [{ type: 'magic' }, 'option type'],
    [{ acquiredColumns: 369 }, 'option acquiredColumns'],
    [{ acquiredColumns: 60 }, 'option centerFraction'],
    [{ centerFraction: 0.3 }, 'option centerFraction'],
    [{ width: undefined }, 'option width'],
  ])('refuses %j', (change, message) => {
    expect(() => studyMask({ width: 368, ...change } as StudyMaskOptions)).toThrow(message);
  });
});
