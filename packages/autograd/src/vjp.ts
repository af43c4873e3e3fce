import { ArgumentError, checkFunction, describe, scope } from '@adjoint/tensor';
import { matchTypes, record, zeroOf } from './recording.js';
import { mapTree } from './tree.js';

/** Value of a function and its derivative at a point, transposed. */
export interface Vjp<P extends readonly unknown[], V> extends Disposable {
  readonly value: V;
  /**
   * Cotangents of the arguments for a cotangent of the value (a tree like the value). May be called
   * many times until `dispose`; differentiable itself.
   */
  pullback(cotangent: V): { -readonly [K in keyof P]: P[K] };
  /** Frees what the pullback keeps for the sweep. The value stays. */
  dispose(): void;
}

/**
 * Vector-Jacobian product: runs `f` and returns its value with the pullback ȳ ↦ J^H ȳ.
 *
 * For complex values J is the real-linear derivative and ^H its adjoint for Re⟨·,·⟩: the pullback of a
 * cotangent ∂L/∂u + i ∂L/∂v of the value w = u + iv is ∂L/∂x + i ∂L/∂y. A C-linear `f` has its
 * conjugate transpose as pullback.
 *
 * @param f synchronous function of trees of tensors; returns a tree of tensors.
 * @param primals the point; every tensor in it is differentiated and must be floating or complex.
 * @throws ArgumentError, DTypeError for wrong arguments, ShapeError for a cotangent of another shape.
 * @example
 * using at = vjp((x) => fft(x), x);
 * const [xBar] = at.pullback(yBar);
 */
export function vjp<P extends unknown[], V>(f: (...primals: P) => V, ...primals: P): Vjp<P, V> {
  return vjpNamed('vjp', f, primals);
}

/** `vjp` under the name of the public function that uses it. @internal */
export function vjpNamed<P extends unknown[], V>(fn: string, f: (...primals: P) => V, primals: P): Vjp<P, V> {
  checkFunction(fn, 'the function', f);
  const recording = record<V>(fn, f as unknown as (...args: never[]) => V, primals, [...primals.keys()]);
  const { value, tape } = recording;
  return {
    value,
    pullback: (cotangent) =>
      scope(() => {
        const seeds = matchTypes(fn, 'the cotangent', value, cotangent).map(
          ([leaf, given]) => [leaf.id, given] as const,
        );
        return recording.backward(seeds, true) as P;
      }),
    dispose: () => tape.dispose(),
    [Symbol.dispose]: () => tape.dispose(),
  };
}

/**
 * Jacobian-vector product: the value of `f` and its directional derivative along `tangents`,
 * J v = d/dε f(x + ε v) at ε = 0 (ε real). Computed as the vjp of the vjp: about three times the cost
 * of `f`, and differentiable itself.
 *
 * @param primals the point, one entry per argument of `f`.
 * @param tangents the direction, a tree like `primals`.
 * @throws ArgumentError, ShapeError, DTypeError when the tangents do not fit.
 */
export function jvp<P extends unknown[], V>(
  f: (...primals: P) => V,
  primals: readonly [...P],
  tangents: readonly [...P],
): { value: V; tangent: V } {
  checkList('primals', primals);
  checkList('tangents', tangents);
  matchTypes('jvp', 'tangents', primals, tangents);
  return scope(() => {
    using inner = vjpNamed('jvp', f, [...primals] as P);
    const { value } = inner;
    // The pullback is linear in its argument, so where it is differentiated does not matter.
    const origin = mapTree(value, zeroOf);
    using outer = vjpNamed('jvp', inner.pullback, [origin]);
    const [tangent] = outer.pullback([...tangents] as P);
    return { value, tangent };
  });
}

function checkList(argument: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new ArgumentError({
      fn: 'jvp',
      argument,
      expected: 'an array with one entry per argument of f',
      got: describe(value),
    });
}
