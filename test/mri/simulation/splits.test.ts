import { init } from '@adjoint/tensor';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { splitBySubject, splitWithinSubject } from '../../../packages/mri/src/simulation/index.js';

beforeAll(async () => {
  await init({ device: 'wasm', threads: 1 });
});

describe('splitBySubject', () => {
  test('no subject is on both sides, nothing is lost, neither side is empty', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 2, maxLength: 30 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 1000 }),
        async (subjects, testFraction, seed) => {
          fc.pre(new Set(subjects).size > 1);
          const { training, test, wording } = await splitBySubject(subjects, { testFraction, seed });
          const inTest = new Set(test.map((i) => subjects[i]));
          expect(training.some((i) => inTest.has(subjects[i]!))).toBe(false);
          expect([...training, ...test].sort((a, b) => a - b)).toEqual(subjects.map((_, i) => i));
          expect([training.length > 0, test.length > 0, wording]).toEqual([true, true, 'by subject']);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('one subject cannot be split', async () => {
    await expect(splitBySubject(['a', 'a'])).rejects.toThrow(/at least two subjects.*within-?Subject/i);
  });
});

describe('splitWithinSubject', () => {
  test('the sides are 8 slices and 10 mm apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 300 }),
        fc.double({ min: 0.5, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        (count, spacing, testFraction) => {
          const { training, test, wording } = splitWithinSubject(count, { spacing, testFraction });
          const gap = test[0]! - training.at(-1)!;
          expect(gap).toBe(Math.max(8, Math.ceil(10 / spacing)));
          expect([training[0], test.at(-1), wording]).toEqual([0, count - 1, 'within-subject']);
        },
      ),
    );
  });

  test('too few slices are refused', () => {
    expect(() => splitWithinSubject(8, { spacing: 1 })).toThrow(/enough for a gap of 10 slices/);
    expect(() => splitWithinSubject(20, { spacing: 0 })).toThrow(/option spacing/);
  });
});
