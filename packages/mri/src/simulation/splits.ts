import {
  ArgumentError,
  checkInteger,
  checkNumber,
  checkOptions,
  describe,
  foldIn,
  key,
  permutation,
  read,
} from '@adjoint/tensor';

/** Indices on both sides of a split. */
export interface Split {
  readonly training: readonly number[];
  readonly test: readonly number[];
  /** How reports must call it. */
  readonly wording: 'by subject' | 'within-subject';
}

export interface SubjectSplitOptions {
  /** Part of the subjects that becomes test; default 0.25. At least one subject is left on each side. */
  readonly testFraction?: number | undefined;
  /** Which subjects; default 0. */
  readonly seed?: number | undefined;
}

/**
 * Splits items so that no subject is on both sides.
 *
 * @param subjects the subject of every item
 * @throws ArgumentError with fewer than two subjects
 * @example const { training, test } = await splitBySubject(items.map((item) => item.subject));
 */
export async function splitBySubject(
  subjects: readonly string[],
  options: SubjectSplitOptions = {},
): Promise<Split> {
  const fn = 'splitBySubject';
  const { testFraction = 0.25, seed = 0 } = checkOptions(fn, options, ['testFraction', 'seed']);
  checkNumber(fn, 'option testFraction', testFraction, { min: 0, max: 1 });
  checkInteger(fn, 'option seed', seed);
  if (!Array.isArray(subjects) || subjects.some((subject) => typeof subject !== 'string'))
    throw new ArgumentError({
      fn,
      argument: 'subjects',
      expected: 'an array of names',
      got: describe(subjects),
    });
  const found = [...new Set(subjects)];
  if (found.length < 2)
    throw new ArgumentError({
      fn,
      argument: 'subjects',
      expected: 'of at least two subjects',
      got: describe(found),
      remedy: 'Slices of one subject can only be split with splitWithinSubject, which says so.',
    });
  const count = Math.min(found.length - 1, Math.max(1, Math.round(testFraction * found.length)));
  using root = key(seed);
  using own = foldIn(root, 'split');
  using order = permutation(own, found.length);
  const chosen = new Set(
    Array.from(await read(order))
      .slice(0, count)
      .map((i) => found[i]!),
  );
  const all = subjects.map((_, i) => i);
  return {
    training: all.filter((i) => !chosen.has(subjects[i]!)),
    test: all.filter((i) => chosen.has(subjects[i]!)),
    wording: 'by subject',
  };
}

/** Training and test slices of one volume are at least this far apart, in both measures. */
const gapSlices = 8;
const gapMillimetres = 10;

/** Slices from the last one of one side to the first of the other, for `spacing` mm between neighbours. @internal */
export const splitGap = (spacing: number): number => Math.max(gapSlices, Math.ceil(gapMillimetres / spacing));

export interface WithinSubjectOptions {
  /** mm between neighbouring slices. */
  readonly spacing: number;
  /** Part of all slices that becomes test, from the end of the volume; default 0.25. */
  readonly testFraction?: number | undefined;
}

/**
 * Splits the slices of one volume, which is a weak test: neighbours look alike, so the two sides are at least 8 slices
 * and 10 mm apart and what lies between is dropped. Results must be worded "within-subject".
 *
 * @param count slices of the volume
 * @throws ArgumentError where nothing is left for one side
 * @example const { training, test } = splitWithinSubject(160, { spacing: 1 });
 */
export function splitWithinSubject(count: number, options: WithinSubjectOptions): Split {
  const fn = 'splitWithinSubject';
  checkInteger(fn, 'count', count, { min: 1 });
  const { spacing, testFraction = 0.25 } = checkOptions(fn, options, ['spacing', 'testFraction']);
  checkNumber(fn, 'option spacing', spacing, { positive: true });
  checkNumber(fn, 'option testFraction', testFraction, { min: 0, max: 1 });
  const gap = splitGap(spacing);
  const firstTest = count - Math.max(1, Math.round(testFraction * count));
  const trainingCount = firstTest - gap + 1;
  if (trainingCount < 1)
    throw new ArgumentError({
      fn,
      argument: 'count',
      expected: `enough for a gap of ${gap} slices`,
      got: String(count),
      remedy: 'Use more slices or a smaller testFraction.',
    });
  return {
    training: Array.from({ length: trainingCount }, (_, i) => i),
    test: Array.from({ length: count - firstTest }, (_, i) => firstTest + i),
    wording: 'within-subject',
  };
}
