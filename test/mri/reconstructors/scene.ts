import {
  abs2,
  add,
  centredFft,
  complexNormal,
  div,
  key,
  mul,
  scope,
  sqrt,
  sum,
  type Tensor,
  tensor,
  unsqueeze,
} from '@adjoint/tensor';
import type { Measurement } from '../../../packages/mri/src/measurement.js';

export interface Scene extends Measurement {
  readonly maps: Tensor;
  /** The complex image that was measured, [H, W]. */
  readonly truth: Tensor;
}

export interface SceneOptions {
  readonly size?: readonly [number, number];
  readonly coils?: number;
  /** Keeps every column, or every second one and the centre. */
  readonly full?: boolean;
  readonly noise?: number;
  readonly unit?: number;
  readonly dtype?: 'c64' | 'c128';
}

/** A disc with a smooth phase and a dark hole, seen by smooth coils of unit root sum of squares. */
export function scene(options: SceneOptions = {}): Scene {
  const { size = [48, 40], coils = 4, full = false, noise = 0, unit = 1, dtype = 'c64' } = options;
  const [height, width] = size;
  return scope(() => {
    const truth = plane(size, dtype, (y, x) => {
      const inside = Number(x * x + y * y < 0.6) - 0.7 * Number((x - 0.2) ** 2 + y * y < 0.06);
      return [inside * Math.cos(x + y), inside * Math.sin(x + y)];
    });
    const raw = Array.from({ length: coils }, (_, c) => {
      const angle = (2 * Math.PI * c) / coils;
      return (y: number, x: number): [number, number] => {
        const size = Math.exp(-((y - Math.sin(angle)) ** 2 + (x - Math.cos(angle)) ** 2) / 2);
        return [size * Math.cos(c + y), size * Math.sin(c + y)];
      };
    });
    const values = new Float64Array(2 * coils * height * width);
    raw.forEach((f, c) => {
      fill(values, 2 * c * height * width, size, f);
    });
    const stack = tensor(values, { dtype, shape: [coils, height, width] });
    const maps = div(stack, sqrt(sum(abs2(stack), { axes: 0, keepDims: true })));
    const columns = Float32Array.from({ length: width }, (_, i) =>
      Number(full || i % 2 === 0 || Math.abs(i - width / 2) < 4),
    );
    const mask = tensor(columns, { dtype: dtype === 'c64' ? 'f32' : 'f64' });
    const clean = centredFft(mul(maps, unsqueeze(truth, 0)));
    const disturbance = complexNormal(key(5), clean.shape, { dtype });
    const kspace = mul(mul(mask, unit), add(clean, mul(disturbance, noise)));
    return { kspace, mask, maps, truth: mul(truth, unit) };
  });
}

type Field = (y: number, x: number) => readonly [number, number];

function fill(
  values: Float64Array,
  from: number,
  [height, width]: readonly [number, number],
  f: Field,
): void {
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      values.set(f((2 * row) / height - 1, (2 * column) / width - 1), from + 2 * (row * width + column));
}

function plane(size: readonly [number, number], dtype: 'c64' | 'c128', f: Field): Tensor {
  const values = new Float64Array(2 * size[0] * size[1]);
  fill(values, 0, size, f);
  return tensor(values, { dtype, shape: [...size] });
}
