import {
  ArgumentError,
  checkBoolean,
  checkFunction,
  checkInteger,
  checkOptions,
  DTypeError,
  describe,
  formatType,
  full,
  isComplex,
  isDifferentiable,
  ShapeError,
  scope,
  Tensor,
} from '@adjoint/tensor';
import { matchTypes, record } from './recording.js';
import { vjpNamed } from './vjp.js';

export interface GradOptions {
  /** Which arguments to differentiate, counted from 0; default the first. A list gives a list back. */
  readonly argnums?: number | readonly number[];
  /** `f` returns `[loss, aux]`; `aux` (any tree) is handed through. Default false. */
  readonly hasAux?: boolean;
}

/** Gradients have the structure, shapes and dtypes of the arguments they belong to. */
type GradientOf<A extends readonly unknown[], O> = O extends { argnums: infer N }
  ? N extends number
    ? A[N & keyof A]
    : N extends readonly number[]
      ? { -readonly [K in keyof N]: N[K] extends keyof A ? A[N[K]] : never }
      : A[0]
  : A[0];

type Aux<R> = R extends readonly [Tensor, infer X] ? X : never;
type WithAux = { readonly hasAux: true };
type Loss<O> = O extends WithAux ? readonly [Tensor, unknown] : Tensor;

type ValueAndGrad<A extends readonly unknown[], R, O> = {
  value: Tensor;
  gradient: GradientOf<A, O>;
} & (O extends WithAux ? { aux: Aux<R> } : unknown);

/**
 * The function that computes value and gradient of a real scalar loss.
 *
 * Gradient with respect to complex z = x + iy: ∂L/∂x + i ∂L/∂y, PyTorch's convention (descend with
 * z − lr·g; JAX returns the conjugate). Arguments are trees of tensors; numbers among them pass
 * through. The result has its own scope: temporaries are freed, value and gradients belong to the caller.
 * May be nested to any order.
 *
 * @param f synchronous; returns a real floating tensor with one element (or `[loss, aux]`).
 * @throws ArgumentError, ShapeError, DTypeError naming what is wrong with `f`, its result or the arguments.
 * @example const { value, gradient } = valueAndGrad((x: Tensor) => sum(abs2(sub(fft(x), y))))(x);
 */
export function valueAndGrad<A extends unknown[], const O extends GradOptions, R extends Loss<O>>(
  f: (...args: A) => R,
  options?: O,
): (...args: A) => ValueAndGrad<A, R, O> {
  return differentiated('valueAndGrad', f, options) as unknown as (...args: A) => ValueAndGrad<A, R, O>;
}

/**
 * The gradient function of a real scalar loss: `grad(f)(x)` has the structure of `x`. Conventions,
 * options and errors as `valueAndGrad`; with `hasAux` it returns `{ gradient, aux }`.
 *
 * @example const d3 = grad(grad(grad((x: Tensor) => sin(x))))(tensor(0.3));
 */
export function grad<A extends unknown[], const O extends GradOptions, R extends Loss<O>>(
  f: (...args: A) => R,
  options?: O,
): (...args: A) => O extends WithAux ? { gradient: GradientOf<A, O>; aux: Aux<R> } : GradientOf<A, O> {
  const run = differentiated('grad', f, options);
  return ((...args: A) =>
    scope(() => {
      const { gradient, aux } = run(...args);
      return options?.hasAux ? { gradient, aux } : gradient;
    })) as unknown as ReturnType<typeof grad<A, O, R>>;
}

/**
 * Hessian-vector product of a real scalar loss: d/dε ∇f(x + ε v) at ε = 0. The Hessian over real and
 * imaginary parts is symmetric, so this is the pullback of the gradient: reverse over reverse.
 *
 * @param v a tree like `x`.
 * @throws ArgumentError, ShapeError, DTypeError when `v` does not fit.
 */
export function hvp<X>(f: (x: X) => Tensor, x: X, v: X): X {
  checkFunction('hvp', 'the function', f);
  matchTypes('hvp', 'v', x, v);
  const gradient = differentiated('hvp', f);
  return scope(() => {
    using gradientAt = vjpNamed('hvp', (at: X) => gradient(at).gradient as X, [x]);
    return gradientAt.pullback(v)[0];
  });
}

interface Result {
  value: Tensor;
  gradient: unknown;
  aux?: unknown;
}

function differentiated(
  fn: string,
  f: (...args: never[]) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => Result {
  checkFunction(fn, 'the function', f);
  const { argnums, hasAux = false } = checkGradOptions(fn, options);
  return (...args) =>
    scope(() => {
      const list = argnumList(fn, argnums, args.length);
      const { tape, value: result, backward } = record(fn, f, args, list);
      try {
        const [loss, aux] = hasAux ? splitAux(fn, result) : [result];
        const value = checkLoss(fn, loss);
        const one = full(value.shape, 1, { dtype: value.dtype, device: value.device });
        const gradients = backward([[value.id, one]], false);
        const gradient = Array.isArray(argnums) ? gradients : gradients[0];
        return hasAux ? { value, gradient, aux } : { value, gradient };
      } finally {
        tape.dispose();
      }
    });
}

function checkGradOptions(fn: string, options: GradOptions): GradOptions {
  const { argnums = 0, hasAux = false } = checkOptions(fn, options, ['argnums', 'hasAux']);
  checkBoolean(fn, 'option hasAux', hasAux);
  const list: readonly unknown[] = Array.isArray(argnums) ? argnums : [argnums];
  for (const argnum of list) checkInteger(fn, 'option argnums', argnum, { min: 0 });
  if (list.length === 0 || new Set(list).size !== list.length)
    throw new ArgumentError({
      fn,
      argument: 'option argnums',
      expected: 'one or several different indices',
      got: describe(argnums),
    });
  return { argnums, hasAux };
}

function argnumList(fn: string, argnums: GradOptions['argnums'], count: number): readonly number[] {
  const list = typeof argnums === 'number' ? [argnums] : argnums!;
  for (const argnum of list)
    if (argnum >= count)
      throw new ArgumentError({
        fn,
        argument: 'option argnums',
        expected: `less than the number of arguments, ${count}`,
        got: String(argnum),
      });
  return list;
}

function splitAux(fn: string, result: unknown): readonly [unknown, unknown] {
  if (Array.isArray(result) && result.length === 2) return [result[0], result[1]];
  const expected = '[loss, aux], because hasAux is set';
  throw new ArgumentError({ fn, argument: 'the result of the function', expected, got: describe(result) });
}

function checkLoss(fn: string, loss: unknown): Tensor {
  const argument = 'the result of the function';
  if (!(loss instanceof Tensor))
    throw new ArgumentError({
      fn,
      argument,
      expected: 'a scalar Tensor',
      got: describe(loss),
      remedy: 'Return the loss itself; set hasAux to return more beside it.',
    });
  loss.check(fn, argument);
  const parts = { fn, argument, expected: 'a real floating scalar', got: formatType(loss) };
  if (isComplex(loss.dtype))
    throw new DTypeError({
      ...parts,
      remedy: 'Take real(), abs2() or another real function of it, or use vjp().',
    });
  if (!isDifferentiable(loss.dtype))
    throw new DTypeError({ ...parts, remedy: 'Integers carry no gradient.' });
  if (loss.size !== 1)
    throw new ShapeError({ ...parts, remedy: 'Reduce it with sum() or mean(), or use vjp().' });
  return loss;
}
