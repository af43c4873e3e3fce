import { ArgumentError, checkFunction, describe, foldIn, scope, type Tensor } from '@adjoint/tensor';
import { collected, partOf } from './layers/parameters.js';
import type { ApplyOptions, Layer, Network } from './network.js';

/** Layers with their weights in place. */
export type Bound<L> = { readonly [K in keyof L]: (x: Tensor) => Tensor };

/**
 * A network of one's own: layers by name, and a function that says how they follow each other. Weights are called
 * `layer.weight`; other networks are layers, too.
 *
 * @param architecture its name, in files of weights
 * @param forward traceable; tensors in, a tensor out
 * @throws ArgumentError
 * @example
 * const net = model('tiny', { conv1: conv2d(2, 16, 3, { padding: 1 }), conv2: conv2d(16, 2, 1) },
 *   (p, x) => p.conv2(relu(p.conv1(x))));
 */
export function model<const L extends Readonly<Record<string, Layer>>>(
  architecture: string,
  layers: L,
  forward: (layers: Bound<L>, x: Tensor, options: ApplyOptions) => Tensor,
): Network {
  const fn = 'model';
  if (typeof architecture !== 'string' || architecture === '')
    throw new ArgumentError({
      fn,
      argument: 'architecture',
      expected: 'a name',
      got: describe(architecture),
    });
  if (layers === null || typeof layers !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'layers',
      expected: 'an object of layers',
      got: describe(layers),
    });
  checkFunction(fn, 'forward', forward);
  const entries = Object.entries(layers);
  return {
    architecture,
    config: {},
    ...collected(layers),
    apply: (parameters, x, options = {}) =>
      scope(() => {
        const bound = entries.map(([name, layer]) => {
          const own = partOf(parameters, name, layer);
          const { key } = options;
          return [name, (y: Tensor) => layer.apply(own, y, { key: key && foldIn(key, name) })];
        });
        return forward(Object.fromEntries(bound) as Bound<L>, x, options);
      }),
  };
}
