import type { Given } from './given.js';

/** A wrong call of a public function. */
export interface BadCall {
  /** What is wrong. */
  readonly what: string;
  /** Throws, or returns a promise that rejects. */
  call(given: Given): unknown;
  /** What the message names, where that is not the function: the method called, an operator's own name. */
  readonly names?: string;
}

/** Calls that pass any value where TypeScript would not let it. */
// biome-ignore lint/suspicious/noExplicitAny: wrong arguments are the point
export type Loose = (...args: any[]) => any;

export const bad = (what: string, call: BadCall['call'], names?: string): BadCall => ({
  what,
  call,
  ...(names !== undefined && { names }),
});

/** The same wrong things in one place of a call. */
export const each = (
  values: Readonly<Record<string, unknown>>,
  call: (value: unknown, given: Given) => unknown,
): BadCall[] => Object.entries(values).map(([what, value]) => bad(what, (given) => call(value, given)));

/** Neither a tensor nor a number. */
export const notTensors = { null: null, text: 'x', 'an object': {}, 'a function': () => 0 };
/** No options object. */
export const notOptions = { 'options null': null, 'options a number': 3, 'a misspelt option': { typo: 1 } };
/** Not a count. */
export const notCounts = {
  'a fraction': 1.5,
  NaN: Number.NaN,
  infinite: Number.POSITIVE_INFINITY,
  negative: -1,
};
export const notNumbers = { NaN: Number.NaN, infinite: Number.NEGATIVE_INFINITY, text: '1', null: null };
export const notShapes = {
  'no array': 3,
  'a fraction': [1.5],
  negative: [-2],
  'too large': [2 ** 40, 2 ** 40],
};
export const notDevices = {
  'a name for a device': { device: 'wasm' },
  'an object for a device': { device: {} },
};
