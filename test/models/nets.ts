import { type Key, key, scope, splitKey, type Tensor, uniform } from '@adjoint/tensor';
import type { Sample, TrainingData } from '../../packages/models/src/data/index.js';

/** A task small networks learn in a few steps: from an image to twice that image, other ones for every key. */
export const doubling = (size: number, shape: readonly number[] = [1, 16, 16]): TrainingData => ({
  size,
  sample: (index: number, own: Key): Sample =>
    scope(() => {
      const [a] = splitKey(own, 1) as [Key];
      const input = uniform(a, shape, { low: -1, high: 1 + index / size });
      return { input, target: input.mul(2) };
    }),
});

/** Host values of weights, by name. */
export async function valuesOf(
  parameters: Readonly<Record<string, Tensor>>,
): Promise<Record<string, number[]>> {
  const read = async ([name, x]: [string, Tensor]) => [name, Array.from(await x.data())] as const;
  return Object.fromEntries(await Promise.all(Object.entries(parameters).map(read)));
}

export const seed = (n: number): Key => key(n);
