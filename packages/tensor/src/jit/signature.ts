import { ArgumentError, describe } from '../errors.js';
import { isPlain } from '../scope.js';
import { Tensor } from '../tensor.js';

/** Trees: nested plain objects and arrays. The leaves of arguments are tensors, numbers and other primitive values. */

/** The arguments of one call, taken apart. */
export interface Signature {
  /** Equal for calls that one trace serves: structure, types, element orders, other primitive values. */
  readonly key: string;
  readonly tensors: readonly Tensor[];
  readonly numbers: readonly number[];
}

/**
 * Takes arguments apart.
 * @throws ArgumentError for anything but nested plain objects and arrays of tensors and primitive values.
 */
export function signatureOf(fn: string, args: readonly unknown[]): Signature {
  const tensors: Tensor[] = [];
  const numbers: number[] = [];
  const keyOf = (value: unknown, path: string): string => {
    if (value instanceof Tensor) {
      value.check(fn, path);
      tensors.push(value);
      return `${value.dtype}[${value.shape}]${value.isContiguous ? '' : `/${value.strides}`}`;
    }
    if (typeof value === 'number') {
      numbers.push(value);
      return '#';
    }
    if (Array.isArray(value)) return `(${value.map((item, i) => keyOf(item, `${path}[${i}]`)).join()})`;
    if (value === null || ['string', 'boolean', 'undefined', 'bigint'].includes(typeof value))
      return typeof value === 'string' ? JSON.stringify(value) : String(value);
    if (typeof value !== 'object' || !isPlain(value))
      throw new ArgumentError({
        fn,
        argument: path,
        expected: 'made of tensors, numbers, strings and booleans in plain objects and arrays',
        got: describe(value),
        remedy: 'Let the function close over anything else.',
      });
    const entries = Object.entries(value).map(
      ([name, item]) => `${JSON.stringify(name)}:${keyOf(item, `${path}.${name}`)}`,
    );
    return `{${entries}}`;
  };
  const key = args.map((arg, i) => keyOf(arg, `argument ${i + 1}`)).join(';');
  return { key, tensors, numbers };
}

/** A copy of a tree with other tensors and numbers. */
export function replaceLeaves(
  tree: unknown,
  tensor: (leaf: Tensor) => unknown,
  number: (leaf: number) => unknown = (leaf) => leaf,
): unknown {
  const replace = (value: unknown): unknown => {
    if (value instanceof Tensor) return tensor(value);
    if (typeof value === 'number') return number(value);
    if (Array.isArray(value)) return value.map(replace);
    if (value === null || typeof value !== 'object' || !isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replace(item)]));
  };
  return replace(tree);
}
