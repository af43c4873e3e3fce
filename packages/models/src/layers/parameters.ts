import { ArgumentError, foldIn, full, type Key, scope, type Tensor, uniform } from '@adjoint/tensor';
import type { ApplyOptions, Layer, Parameters } from '../network.js';

/** A weight and how it starts. */
interface Weight {
  readonly shape: readonly number[];
  start(key: Key): Tensor;
}

/** Starts uniform within ±1/√fanIn: PyTorch's default for weights and biases of convolutions and linear layers. */
export const uniformWeight = (shape: readonly number[], fanIn: number): Weight => {
  const bound = 1 / Math.sqrt(fanIn);
  return { shape, start: (key) => uniform(key, shape, { low: -bound, high: bound }) };
};

export const constantWeight = (shape: readonly number[], value: number): Weight => ({
  shape,
  start: (key) => full(shape, value, { dtype: 'f32', device: key.device }),
});

/** A layer with weights of its own. */
export function layerOf(
  weights: Readonly<Record<string, Weight>>,
  apply: (weight: (name: string) => Tensor, x: Tensor, options: ApplyOptions) => Tensor,
): Layer {
  const entries = Object.entries(weights);
  return {
    shapes: Object.fromEntries(entries.map(([name, { shape }]) => [name, shape])),
    init: (key) =>
      scope(() => Object.fromEntries(entries.map(([name, { start }]) => [name, start(foldIn(key, name))]))),
    apply: (parameters, x, options = {}) => apply((name) => weightOf(parameters, name), x, options),
  };
}

function weightOf(parameters: Parameters, name: string): Tensor {
  const found = parameters?.[name];
  if (found) return found;
  throw new ArgumentError({
    fn: 'apply',
    argument: 'the parameters',
    expected: `with a weight called ${name}`,
    got: 'none',
    remedy: 'Take what init() made, or loadWeights().',
  });
}

/** The weights of one part of a network under the names that the part itself gives them. */
export const partOf = (parameters: Parameters, part: string, { shapes }: Layer): Parameters =>
  Object.fromEntries(Object.keys(shapes).map((name) => [name, weightOf(parameters, `${part}.${name}`)]));

/** Shapes and initial weights of several layers, as `part.name`. */
export function collected(layers: Readonly<Record<string, Layer>>): Pick<Layer, 'shapes' | 'init'> {
  const entries = Object.entries(layers);
  const named = <T>(values: (layer: Layer, part: string) => Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      entries.flatMap(([part, layer]) =>
        Object.entries(values(layer, part)).map(([name, value]) => [`${part}.${name}`, value] as const),
      ),
    );
  return {
    shapes: named((layer) => layer.shapes),
    init: (key) => scope(() => named((layer, part) => layer.init(foldIn(key, part)))),
  };
}
