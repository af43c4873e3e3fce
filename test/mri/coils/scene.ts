import { add, centredFft, complexNormal, key, mul, type Tensor, tensor } from '@adjoint/tensor';

/** Smooth sensitivities with Σ_c |s_c|² = 1, of coils on a circle around the image: interleaved [coils, H, W]. */
export function smoothMaps(coils: number, height: number, width: number): Float64Array {
  const values = new Float64Array(2 * coils * height * width);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [y, x] = [(2 * row) / height - 1, (2 * column) / width - 1];
      const size = (c: number): number => {
        const angle = (2 * Math.PI * c) / coils;
        return Math.exp(-((x - 1.2 * Math.cos(angle)) ** 2 + (y - 1.2 * Math.sin(angle)) ** 2) / 1.5);
      };
      let total = 0;
      for (let c = 0; c < coils; c++) total += size(c) ** 2;
      for (let c = 0; c < coils; c++) {
        const at = 2 * ((c * height + row) * width + column);
        const phase = 2 * c + x * Math.cos(3 * c) + y * Math.sin(2 * c);
        values[at] = (size(c) / Math.sqrt(total)) * Math.cos(phase);
        values[at + 1] = (size(c) / Math.sqrt(total)) * Math.sin(phase);
      }
    }
  return values;
}

/** An ellipse with a dark hole, of smooth phase: interleaved [H, W]. */
export function ellipse(height: number, width: number): Float64Array {
  const values = new Float64Array(2 * height * width);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [y, x] = [(2 * row) / height - 1, (2 * column) / width - 1];
      const isHole = (x / 0.2) ** 2 + ((y - 0.2) / 0.3) ** 2 < 1;
      const inside = (x / 0.75) ** 2 + (y / 0.85) ** 2 < 1 ? (isHole ? 0.3 : 1) : 0;
      const at = 2 * (row * width + column);
      values[at] = inside * Math.cos(x + y * y);
      values[at + 1] = inside * Math.sin(x + y * y);
    }
  return values;
}

export interface Scene {
  readonly maps: Tensor;
  readonly image: Tensor;
  /** Fully sampled, [coils, H, W], with a little noise. */
  readonly kspace: Tensor;
}

export function scene(coils: number, height: number, width: number, noise = 1e-4): Scene {
  const maps = tensor(smoothMaps(coils, height, width), { dtype: 'c64', shape: [coils, height, width] });
  const image = tensor(ellipse(height, width), { dtype: 'c64', shape: [height, width] });
  const disturbance = mul(complexNormal(key(3), [coils, height, width]), noise);
  return { maps, image, kspace: add(centredFft(mul(maps, image)), disturbance) };
}

/** Columns [W]: `centre` of them in the middle, and every `every`-th. */
export const columns = (width: number, centre: number, every = width): Tensor =>
  tensor(
    Float32Array.from({ length: width }, (_, i) =>
      Number(i % every === 0 || Math.abs(i - Math.floor(width / 2) + 0.25) < centre / 2),
    ),
  );

/** |Σ_c conj(a_c) b_c| at every point of maps [coils, H, W]. */
export function products(a: ArrayLike<number>, b: ArrayLike<number>, coils: number): Float64Array {
  const count = a.length / (2 * coils);
  return Float64Array.from({ length: count }, (_, i) => {
    let [re, im] = [0, 0];
    for (let c = 0; c < coils; c++) {
      const at = 2 * (c * count + i);
      re += a[at]! * b[at]! + a[at + 1]! * b[at + 1]!;
      im += a[at]! * b[at + 1]! - a[at + 1]! * b[at]!;
    }
    return Math.hypot(re, im);
  });
}
