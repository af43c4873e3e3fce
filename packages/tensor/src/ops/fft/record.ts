/**
 * A transform is a program: a list of records of `recordWords` i32 words in a table, ended by a record whose
 * operation is −1. Kernels interpret it, so one compiled module serves every length and layout.
 *
 * Elements in working memory are 32 bytes: real parts of four transforms, then their imaginary parts.
 */
export const recordWords = 17;
export const elementBytes = 32;
/** Four complex numbers in memory. */
export const columnBytes = 32;
/** One complex number in memory. */
export const complexBytes = 8;
/** In `multiply`: the parts are exchanged, the real one being the second. */
export const swapped = 16;

export type Radix = 1 | 2 | 3 | 4 | 5 | 7 | 'prime';
/** Where the pass of a radix reads and writes, and whether twiddle factors follow the butterfly. */
export type Stage = 'load' | 'twiddle' | 'last' | 'store';
export type Operation = `${Stage}${Radix}` | 'loadRows' | 'storeRows' | 'storeNarrow' | 'multiply';

const withRadix = (stage: Stage, radices: readonly Radix[]) =>
  radices.map((radix) => ({ name: `${stage}${radix}` as Operation, stage, radix }));

/** The passes of a radix. Radix 1 only copies. */
export const radixOperations = [
  ...withRadix('twiddle', [2, 3, 4, 5, 7, 'prime']),
  ...withRadix('last', [2, 3, 4, 5, 7, 'prime']),
  ...withRadix('load', [1, 2, 3, 4, 5, 7, 'prime']),
  ...withRadix('store', [1, 2, 3, 4, 5, 7, 'prime']),
];

/** All operations; a record names one by its place here. */
export const operations: readonly Operation[] = [
  ...radixOperations.map(({ name }) => name),
  'loadRows',
  'storeRows',
  'storeNarrow',
  'multiply',
];

/** Bytes of spare working memory of a prime radix: sum and difference of each pair of legs, and x_0. */
export const primeSpareBytes = (radix: number): number => radix * elementBytes;

/** Word positions. Offsets are in bytes; `x` is what a pass reads, `y` what it writes. */
export const word = {
  operation: 0,
  /** 1: x counts from the input, else from working memory. */
  xInMemory: 1,
  /** 1: y counts from the output. */
  yInMemory: 2,
  x: 3,
  y: 4,
  /** Offset in the table of roots in the order of use. */
  roots: 5,
  /** Rounds of the outer and the inner loop, at least 1 in radix passes. */
  outer: 6,
  inner: 7,
  /** What x and y move on after an inner loop; the distance of rows; see the passes. */
  xStep: 8,
  yStep: 9,
  /**
   * Between the legs of a butterfly: the distance in working memory; in memory the table offset of a list.
   * For `multiply`: 0 or `swapped`.
   */
  xLegs: 10,
  yLegs: 11,
  /** Table offset of cosines and sines of an odd radix. */
  constants: 12,
  /** The radix, for `prime`. */
  radix: 13,
  /** Offset in working memory of space a pass may overwrite. */
  spare: 14,
  /** f32 factor of what is stored. */
  scale: 15,
  /** Between the working buffers of neighbouring quads of columns. */
  quadStep: 16,
} as const;

export type Fields = { -readonly [name in keyof Omit<typeof word, 'operation'>]?: number };
