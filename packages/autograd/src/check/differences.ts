import { isComplex, type Tensor } from '@adjoint/tensor';
import type { Probe } from './probe.js';

/** Moves one tensor of the point: x + t·vector. */
export interface Direction {
  readonly input: number;
  readonly index: string;
  readonly vector: Float64Array;
}

/** A value and the size of what was added up for it. */
export interface Loss {
  value: number;
  /** Σ |terms|: what its rounding error is proportional to. */
  magnitude: number;
}

/** Derivative at 0 with error O(step⁴): (4 D(step/2) − D(step)) / 3, D the central difference. */
export async function richardson(
  loss: (t: number) => Promise<Loss>,
  step: number,
): Promise<{ derivative: number; magnitude: number }> {
  const [a, b, c, d] = await Promise.all([loss(-step), loss(-step / 2), loss(step / 2), loss(step)]);
  const derivative = (4 * ((c.value - b.value) / step) - (d.value - a.value) / (2 * step)) / 3;
  return { derivative, magnitude: Math.max(a.magnitude, d.magnitude) };
}

/** Every real entry of a small tensor; of a large one some entries and some dense directions. */
export function directionsOf(x: Tensor, input: number, maxEntries: number, probe: Probe): Direction[] {
  const parts = isComplex(x.dtype) ? 2 : 1;
  const count = x.size * parts;
  const entry = (i: number): Direction => {
    const vector = new Float64Array(count);
    vector[i] = 1;
    const part = parts === 1 ? '' : i % 2 === 0 ? ' (real part)' : ' (imaginary part)';
    return { input, index: `[${unravel(Math.floor(i / parts), x.shape).join(', ')}]${part}`, vector };
  };
  if (count <= maxEntries) return Array.from({ length: count }, (_, i) => entry(i));
  const some = Math.max(1, maxEntries >> 2);
  const dense = (): Direction => ({
    input,
    index: 'random direction',
    vector: probe.normals(count).map((value) => value / Math.sqrt(count)),
  });
  return Array.from({ length: 2 * some }, (_, i) => (i < some ? entry(probe.below(count)) : dense()));
}

function unravel(position: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(position % shape[axis]!);
    position = Math.floor(position / shape[axis]!);
  }
  return index;
}
