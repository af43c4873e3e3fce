import { ArgumentError, describe } from './errors.js';

export interface IntegerRange {
  min?: number;
  max?: number;
}

export function checkInteger(fn: string, argument: string, value: unknown, range: IntegerRange = {}): number {
  const { min = -Infinity, max = Infinity } = range;
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    const low = min === -Infinity ? '' : ` >= ${min}`;
    const high = max === Infinity ? '' : `${low ? ' and' : ''} <= ${max}`;
    throw new ArgumentError({ fn, argument, expected: `an integer${low}${high}`, got: describe(value) });
  }
  return value as number;
}

export interface NumberRange {
  min?: number;
  max?: number;
  /** Excludes `min` itself. */
  positive?: boolean;
}

/** A finite number in a range: scalar parameters never take NaN or Infinity. */
export function checkNumber(fn: string, argument: string, value: unknown, range: NumberRange = {}): number {
  const { min = -Infinity, max = Infinity, positive = false } = range;
  const ok = typeof value === 'number' && Number.isFinite(value) && value >= min && value <= max;
  if (!ok || (positive && value <= 0)) {
    const bounds = [
      positive ? ' > 0' : min > -Infinity ? ` >= ${min}` : '',
      max < Infinity ? ` <= ${max}` : '',
    ].filter(Boolean);
    throw new ArgumentError({
      fn,
      argument,
      expected: `a finite number${bounds.join(' and')}`,
      got: describe(value),
    });
  }
  return value;
}

export function checkChoice<T extends string>(
  fn: string,
  argument: string,
  value: unknown,
  choices: readonly T[],
): T {
  if (!choices.includes(value as T))
    throw new ArgumentError({
      fn,
      argument,
      expected: `one of ${choices.map((c) => `'${c}'`).join(', ')}`,
      got: describe(value),
    });
  return value as T;
}

/** True or false, nothing that only behaves like it. */
export function checkBoolean(fn: string, argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean')
    throw new ArgumentError({ fn, argument, expected: 'true or false', got: describe(value) });
  return value;
}

/** An options object without unknown names: a misspelt option would silently do nothing. */
export function checkOptions<T>(fn: string, options: T, known: readonly string[], argument = 'options'): T {
  if (options === null || typeof options !== 'object' || Array.isArray(options))
    throw new ArgumentError({ fn, argument, expected: 'an object', got: describe(options) });
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new ArgumentError({
        fn,
        argument,
        expected: `made of ${known.join(', ')}`,
        got: `"${name}"`,
      });
  return options;
}

export function checkFunction(fn: string, argument: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new ArgumentError({ fn, argument, expected: 'a function', got: describe(value) });
}

/** The result of a function given by the user, which must not be asynchronous: scopes and tapes follow the call stack. */
export function refusePromise<T>(
  fn: string,
  argument: string,
  result: T,
  remedy = 'Read values (data, item) outside it.',
): T {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return result;
  // What it uses dies with the scope around it, so it will reject; nobody else would listen.
  Promise.resolve(result).catch(() => undefined);
  throw new ArgumentError({
    fn,
    argument,
    expected: 'synchronous',
    got: 'one that returns a promise',
    remedy,
  });
}
