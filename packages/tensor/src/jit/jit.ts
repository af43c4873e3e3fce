import { checkBoolean, checkFunction, checkInteger, checkOptions } from '../check.js';
import { ArgumentError, describe } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { Compiler } from './compiler.js';
import { explanation } from './explanation.js';

export interface JitOptions {
  /**
   * Arguments, counted from 0, that the caller gives up: a result may take their memory, and using the old
   * handles afterwards throws. For weights, optimiser state and iterates. No effect where the function is
   * inlined.
   */
  readonly donate?: readonly number[];
  /** Traces at every call and throws if the function computes something else than before. For tests. Default false. */
  readonly check?: boolean;
}

/** Where the function takes tensors, calls may pass numbers too. */
export type JitArgument<T> = T extends Tensor
  ? T | number
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { [K in keyof T]: JitArgument<T[K]> }
      : T;

/** A function compiled by `jit`. */
export interface Jitted<A extends unknown[], R> {
  (...args: { [K in keyof A]: JitArgument<A[K]> }): R;
  // last, so that it is what `grad` and others infer types from
  (...args: A): R;
  /** Frees what was compiled; the next call compiles again. */
  dispose(): void;
}

const compilers = new WeakMap<object, Compiler>();
/** Frees what was compiled for functions that were dropped without `dispose`. */
const dropped = new FinalizationRegistry<Compiler>((compiler) => compiler.dispose());

/**
 * Compiles a function of tensors. The first call with arguments of new types runs `f` once on symbolic
 * tensors and notes what it computes, derivatives included; that is simplified, its memory planned, and every
 * call replays it without running `f`.
 *
 * - Arguments and result: nested plain objects and arrays. Tensors may change values freely; another
 *   structure, shape, dtype, order of elements or device is traced anew (32 traces are kept).
 * - Numbers among the arguments become 0-d f32 tensors (f64 beside tensors of double precision) and may change
 *   without a new trace. As tensors they are not weak: with i32 they give f32. Strings and booleans are part of
 *   the trace.
 * - What `f` closes over: numbers are constants of the trace, whatever they become later (`check` finds
 *   that). Tensors are captured; once one is disposed, the next call traces again.
 * - `f` must not change JavaScript state, nor read values; it is synchronous.
 * - Under another trace or under a tape (`grad`, `vjp`) `f` itself runs, and its operations are recorded there.
 *
 * Results are new tensors of the caller.
 *
 * @throws ArgumentError for a function or arguments of the wrong kind, TraceError for a value that is read.
 * @example
 * const step = jit((x: Tensor, lr: Tensor) => sub(x, mul(grad(loss)(x), lr)), { donate: [0] });
 * for (let k = 0; k < 100; k++) x = step(x, 0.1 / (k + 1));
 */
export function jit<A extends unknown[], R>(f: (...args: A) => R, options: JitOptions = {}): Jitted<A, R> {
  checkFunction('jit', 'the function', f);
  const { donate = [], check = false } = checkOptions('jit', options, ['donate', 'check']);
  checkBoolean('jit', 'option check', check);
  if (!Array.isArray(donate))
    throw new ArgumentError({
      fn: 'jit',
      argument: 'option donate',
      expected: 'an array of argument indices',
      got: describe(donate),
    });
  for (const index of donate) checkInteger('jit', 'option donate', index, { min: 0 });
  const compiler = new Compiler(f as unknown as (...args: never[]) => unknown, new Set(donate), check);
  const jitted = Object.assign((...args: unknown[]) => compiler.call(args), {
    dispose: () => compiler.dispose(),
  });
  compilers.set(jitted, compiler);
  dropped.register(jitted, compiler);
  return jitted as unknown as Jitted<A, R>;
}

/**
 * What a call of a jitted function with these arguments does: its kernel launches with the bytes each reads
 * and writes, and the memory it plans. Nothing is run.
 *
 * @throws ArgumentError unless `jitted` comes from `jit`.
 * @example console.log(explain(step, x, 0.1))
 */
export function explain<A extends unknown[], R>(
  jitted: Jitted<A, R>,
  ...args: { [K in keyof A]: JitArgument<A[K]> }
): string {
  const compiler = typeof jitted === 'function' ? compilers.get(jitted) : undefined;
  if (!compiler)
    throw new ArgumentError({
      fn: 'explain',
      argument: 'argument 1',
      expected: 'a function made by jit',
      got: describe(jitted),
    });
  return explanation(compiler.planFor('explain', args));
}
