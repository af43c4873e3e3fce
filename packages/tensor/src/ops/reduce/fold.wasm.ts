import {
  type Expr,
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  type I32,
  i32,
  i32x4,
  type Local,
  type V128,
  v128,
} from '../../backend/wasm/assembler.js';

export type Scalar = Expr<'f32'> | Expr<'f64'> | Expr<'i32'>;
export type Lanes = 'f32' | 'f64' | 'i32';

/** How results leave a fold: bytes per element, one or four at a time (as accumulator vectors). */
export interface Sink {
  readonly bytes: number;
  one(f: FunctionBuilder, address: I32, value: Scalar, offset: number): void;
  four(f: FunctionBuilder, address: I32, values: readonly V128[], offset: number): void;
}

/**
 * An associative reduction that reads four elements at a time. Accumulators have `lanes` type: one
 * vector for four f32 or i32, two for four f64.
 */
export interface Fold {
  /** Identifies the generated code; includes the input dtype. */
  readonly name: string;
  /** Bytes of an input element. */
  readonly bytes: number;
  readonly lanes: Lanes;
  readonly identity: number;
  /** Four elements at an address as accumulator vectors; `group` counts quadruples of columns. */
  load(f: FunctionBuilder, address: I32, offset: number, group: number): V128[];
  loadOne(f: FunctionBuilder, address: I32, offset: number): Scalar;
  combine(a: V128, b: V128): V128;
  combineOne(a: Scalar, b: Scalar): Scalar;
  readonly sink: Sink;
}

export const lanesOf = {
  f32: {
    vectors: 1,
    bytes: 4,
    splat: (value: number) => f32x4.const(value),
    constant: (value: number): Scalar => f32.const(value),
    lane: (vectors: readonly V128[], lane: number): Scalar => f32x4.extract(vectors[0]!, lane),
    load: (address: I32): Scalar => f32.load(address),
    loadFour: (address: I32): V128[] => [v128.load(address)],
  },
  i32: {
    vectors: 1,
    bytes: 4,
    splat: (value: number) => i32x4.const(value),
    constant: (value: number): Scalar => i32.const(value),
    lane: (vectors: readonly V128[], lane: number): Scalar => i32x4.extract(vectors[0]!, lane),
    load: (address: I32): Scalar => i32.load(address),
    loadFour: (address: I32): V128[] => [v128.load(address)],
  },
  f64: {
    vectors: 2,
    bytes: 8,
    splat: (value: number) => f64x2.const(value),
    constant: (value: number): Scalar => f64.const(value),
    lane: (vectors: readonly V128[], lane: number): Scalar => f64x2.extract(vectors[lane >> 1]!, lane & 1),
    load: (address: I32): Scalar => f64.load(address),
    loadFour: (address: I32): V128[] => [v128.load(address), v128.load(address, 16)],
  },
} as const;

/** Stores accumulators as they are: partial results. */
export const rawSink = (lanes: Lanes): Sink => ({
  bytes: lanesOf[lanes].bytes,
  one: (f, address, value, offset) => f.store(lanes, address, value, offset),
  four: (f, address, values, offset) =>
    values.forEach((value, i) => {
      f.store('v128', address, value, offset + 16 * i);
    }),
});

/** The two f64x2 of four values, rounded to one f32x4. */
export const demoteFour = ([low, high]: readonly V128[]): V128 =>
  v128.shuffle(f32x4.demoteF64x2Zero(low!), f32x4.demoteF64x2Zero(high!), [0, 1, 4, 5]);

/** Four f32 at an address, widened to two f64x2 as they are loaded: no shuffle. */
export const promoteFour = (address: I32, offset: number): V128[] => [
  f64x2.promoteLowF32x4(v128.load64Zero(address, offset)),
  f64x2.promoteLowF32x4(v128.load64Zero(address, offset + 8)),
];

/**
 * Folds `count` elements lying side by side from `pointer` (which it moves) and returns `period` results:
 * element e belongs to result e mod period, period 1 or 2. `count` is a multiple of it.
 * `unroll` vectors of four are in flight, so that additions do not wait for each other; 0 for short runs,
 * where single elements are quicker.
 */
export function foldRun(
  f: FunctionBuilder,
  fold: Fold,
  pointer: Local<'i32'>,
  count: Local<'i32'>,
  period: 1 | 2,
  unroll: number,
): Local[] {
  const { constant, lane } = lanesOf[fold.lanes];
  const left = f.let(count);
  const total = unroll > 0 ? foldVectors(f, fold, pointer, left, unroll) : undefined;
  const results = Array.from({ length: period }, (_, part) => {
    const start = total
      ? [0, 1, 2, 3]
          .filter((l) => l % period === part)
          .map((l) => lane(total, l))
          .reduce((a, b) => fold.combineOne(a, b))
      : constant(fold.identity);
    return f.let(start as Expr<'f64'>) as Local;
  });
  f.while(
    () => i32.gtS(left, 0),
    () => {
      results.forEach((result, part) => {
        result.set(fold.combineOne(result as Scalar, fold.loadOne(f, pointer, part * fold.bytes)));
      });
      pointer.increase(period * fold.bytes);
      left.increase(-period);
    },
  );
  return results;
}

/** The vector part of a run: folds groups of four while there are any `left`, into one accumulator. */
function foldVectors(
  f: FunctionBuilder,
  fold: Fold,
  pointer: Local<'i32'>,
  left: Local<'i32'>,
  unroll: number,
): V128[] {
  const { vectors, splat } = lanesOf[fold.lanes];
  const accumulators = Array.from({ length: unroll }, () =>
    Array.from({ length: vectors }, () => f.let(splat(fold.identity))),
  );
  for (const inFlight of unroll > 1 ? [unroll, 1] : [1])
    f.while(
      () => i32.geS(left, 4 * inFlight),
      () => {
        for (let u = 0; u < inFlight; u++)
          fold.load(f, pointer, 4 * u * fold.bytes, 0).forEach((value, i) => {
            accumulators[u]![i]!.set(fold.combine(accumulators[u]![i]!, value));
          });
        pointer.increase(4 * inFlight * fold.bytes);
        left.increase(-4 * inFlight);
      },
    );
  return accumulators.reduce((a, b) => a.map((value, i) => f.let(fold.combine(value, b[i]!))));
}

/**
 * Folds `rows` rows of 4·groups columns from `pointer`, rows `rowBytes` apart: accumulators per group.
 * @param begin may change the accumulators of a group before.
 */
export function foldColumns(
  f: FunctionBuilder,
  fold: Fold,
  pointer: I32,
  rows: I32,
  rowBytes: I32,
  groups: number,
  begin?: (group: readonly Local<'v128'>[], g: number) => void,
): Local<'v128'>[][] {
  const { vectors, splat } = lanesOf[fold.lanes];
  const accumulators = Array.from({ length: groups }, () =>
    Array.from({ length: vectors }, () => f.let(splat(fold.identity))),
  );
  if (begin) accumulators.forEach(begin);
  const p = f.let(pointer);
  f.for(0, rows, 1, () => {
    accumulators.forEach((group, g) => {
      fold.load(f, p, 4 * g * fold.bytes, g).forEach((value, i) => {
        group[i]!.set(fold.combine(group[i]!, value));
      });
    });
    p.increase(rowBytes);
  });
  return accumulators;
}
