import type { DType } from '../dtype.js';
import type { HostValue, Op } from '../op.js';
import type { TensorType } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** What a pullback may read. Asking for a value the pullback did not declare in `saves` throws. */
export interface PullbackContext<A> {
  readonly attrs: A;
  input(index: number): Tensor;
  output(index: number): Tensor;
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** Which inputs need a cotangent; the others may be returned as undefined. */
  readonly needs: readonly boolean[];
}

/**
 * Maps cotangents of the outputs to cotangents of the inputs, written with public ops so that it can be
 * differentiated again. For a real loss the cotangent of complex z = x + iy is ∂L/∂x + i ∂L/∂y: a
 * C-linear op has its adjoint (conjugate transpose) as pullback. A cotangent has the shape and dtype of
 * its input (real inputs get the real part); `undefined` means zero.
 */
export type Pullback<A> = (
  cotangents: readonly (Tensor | undefined)[],
  context: PullbackContext<A>,
) => readonly (Tensor | undefined)[];

/** Inputs and outputs, by index, that a tape keeps for the pullback. */
export interface Saves {
  readonly inputs?: readonly number[] | 'all';
  readonly outputs?: readonly number[] | 'all';
}

/** What a product needs: each operand only if another one is differentiated. */
export const savesOfProduct = (needs: readonly boolean[]): Saves => ({
  inputs: needs.flatMap((_, i) => (needs.some((need, other) => need && other !== i) ? [i] : [])),
});

/** A primitive and its derivative rule, beside each other. */
// biome-ignore lint/suspicious/noExplicitAny: rows of all attribute types stand in one table
export interface Primitive<A = any> {
  readonly op: Op<A>;
  /** Absent where no derivative exists: then `why` says so. */
  readonly pullback?: Pullback<A>;
  /** Values the pullback reads; everything else can be freed early. Default: nothing. */
  readonly saves?: Saves | ((needs: readonly boolean[]) => Saves);
  /** The reason for a missing pullback, e.g. "integer result". */
  readonly why?: string;
}

export const primitive = <A>(row: Primitive<A>): Primitive<A> => row;

/** Random choices of a sampler: shrinkable under a property test, a seeded generator elsewhere. */
export interface Draw {
  int(min: number, max: number): number;
  pick<T>(choices: readonly T[]): T;
  bool(): boolean;
  /** A shape; sizes from 0 (`empty`, default true) or 1 to `maxSize` (default 5). */
  shape(options?: { minRank?: number; maxRank?: number; maxSize?: number; empty?: boolean }): number[];
  /** `count` shapes that broadcast together. */
  broadcastable(count: number, options?: { maxRank?: number; maxSize?: number }): number[][];
}

/** How the values of a sample input are drawn. Complex values use the rule for both parts or the modulus. */
export type ValueRule =
  /** Standard normal (integers: −4…4, u8: 0…9, bool: either). */
  | 'normal'
  /** Magnitude in [0.5, 2]: away from singularities and kinks at 0; any sign or phase. */
  | 'awayFromZero'
  /** In [0.5, 2]; complex: that real part, so right of the imaginary axis. */
  | 'positive'
  /** Normal, all values at least 0.05 apart, so that order has no ties (max, sort). */
  | 'distinct'
  /** ±(offset + k step), k = 0 … count − 1: never near a kink that lies between these. */
  | { readonly step: number; readonly offset: number; readonly count: number }
  /** Integers in [low, high): indices. */
  | { readonly low: number; readonly high: number };

export interface InputSample {
  readonly shape: readonly number[];
  readonly values?: ValueRule;
}

// biome-ignore lint/suspicious/noExplicitAny: rows of all parameter types stand in one table
export interface BadCall<P = any> {
  /** What is wrong, for the test's name. */
  readonly what: string;
  /** Must throw an error of this library before anything is computed. */
  call(inputs: readonly Tensor[], params: P): unknown;
}

/**
 * One public function in the op table: generic tests and documentation come from its row.
 * Expected values: `reference` if given (composites must give it: an independent f64 formula), else the
 * function itself on the reference device in f64.
 */
// biome-ignore lint/suspicious/noExplicitAny: rows of all parameter types stand in one table
export interface FunctionRow<P = any> {
  /** Name of the public function, with a variant behind a colon where it has several rows: `pad:reflect`. */
  readonly name: string;
  call(inputs: readonly Tensor[], params: P): Tensor | readonly Tensor[];
  /** f64 / c128 / i32 … host values in, host values out (`data` a Float64Array for floats). */
  reference?(inputs: readonly HostValue[], params: P): HostValue | readonly HostValue[];
  /** Accepted combinations of input dtypes, single precision; tests widen them for f64 runs. */
  readonly dtypes: readonly (readonly DType[])[];
  sample(draw: Draw, dtypes: readonly DType[]): { inputs: InputSample[]; params: P };
  /**
   * Gradient checks: `true` (default) for all floating inputs, a list of input indices, or the reason
   * why there is no gradient.
   */
  readonly gradient?: true | readonly number[] | string;
  /** Set for maps that are linear in all their floating inputs together: `complex` C-linear, `real` R-linear. */
  readonly linear?: 'complex' | 'real';
  /** Largest max|a − b| / max(1, max|b|) against f64 in f32; default 2e-6. State why if larger. */
  readonly tolerance?: number;
  /** Wrong calls beyond the generic ones (disposed, not a tensor, NaN parameters). */
  readonly bad?: readonly BadCall<P>[];
}

export const functionRow = <P>(row: FunctionRow<P>): FunctionRow<P> => row;
