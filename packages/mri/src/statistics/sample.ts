import { ArgumentError, checkNumber, describe } from '@adjoint/tensor';

/** Numbers of a sample: an array or a typed array. */
export type Sample = ArrayLike<number>;

/** A sample as an array: finite numbers, at least `least` of them. */
export function checkSample(fn: string, argument: string, sample: Sample, least = 1): number[] {
  const isList = sample !== null && typeof sample === 'object' && typeof sample.length === 'number';
  if (!isList)
    throw new ArgumentError({ fn, argument, expected: 'an array of numbers', got: describe(sample) });
  const values = Array.from(sample);
  if (values.length < least)
    throw new ArgumentError({ fn, argument, expected: `at least ${least} numbers`, got: `${values.length}` });
  values.forEach((value, i) => {
    checkNumber(fn, `${argument}[${i}]`, value);
  });
  return values;
}

/** Two samples of which entries belong together. */
export function checkPairs(
  fn: string,
  names: readonly [string, string],
  x: Sample,
  y: Sample,
  least = 1,
): [number[], number[]] {
  const [a, b] = [checkSample(fn, names[0], x, least), checkSample(fn, names[1], y, least)];
  checkCount(fn, names[1], b.length, names[0], a.length);
  return [a, b];
}

/** Entries that belong to those of another argument: as many. */
export function checkCount(fn: string, argument: string, count: number, of: string, wanted: number): void {
  if (count !== wanted)
    throw new ArgumentError({ fn, argument, expected: `as long as ${of}, ${wanted}`, got: `${count}` });
}

/** Entries of another kind than numbers that belong to those of a sample. */
export function checkEntries(fn: string, argument: string, list: unknown, type: 'string' | 'boolean'): void {
  if (Array.isArray(list) && list.every((entry) => typeof entry === type)) return;
  throw new ArgumentError({ fn, argument, expected: `an array of ${type}s`, got: describe(list) });
}

/** A confidence level in (0, 1). */
export const checkLevel = (fn: string, level: number): number =>
  checkNumber(fn, 'option level', level, { min: Number.EPSILON, max: 1 - Number.EPSILON });

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Σ (x − mean x)(y − mean y). */
export function coproduct(x: readonly number[], y: readonly number[]): number {
  const [mx, my] = [meanOf(x), meanOf(y)];
  return x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
}

/** Sample standard deviation, divisor n − 1; 0 for one value. */
export const deviationOf = (values: readonly number[]): number =>
  Math.sqrt(coproduct(values, values) / Math.max(values.length - 1, 1));
