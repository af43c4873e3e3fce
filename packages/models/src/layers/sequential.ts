import { foldIn, scope, type Tensor } from '@adjoint/tensor';
import type { Layer } from '../network.js';
import { collected, partOf } from './parameters.js';

/** A layer without weights and randomness. */
export type Activation = (x: Tensor) => Tensor;

/**
 * `torch.nn.Sequential`: layers one after the other, called as their names say. Functions are layers without weights.
 *
 * @example sequential({ '0': conv2d(1, 8, 3), '1': relu, '2': conv2d(8, 1, 3) })
 */
export function sequential(layers: Readonly<Record<string, Layer | Activation>>): Layer {
  const entries = Object.entries(layers);
  const withWeights = Object.fromEntries(
    entries.filter((entry): entry is [string, Layer] => typeof entry[1] !== 'function'),
  );
  return {
    ...collected(withWeights),
    apply: (parameters, x, { key } = {}) =>
      scope(() =>
        entries.reduce((y, [name, layer]) => {
          if (typeof layer === 'function') return layer(y);
          return layer.apply(partOf(parameters, name, layer), y, { key: key && foldIn(key, name) });
        }, x),
      ),
  };
}
