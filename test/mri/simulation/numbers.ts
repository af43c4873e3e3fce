import { read, type Tensor } from '@adjoint/tensor';

/** The values of a tensor as plain numbers, interleaved if complex. */
export const numbers = async (x: Tensor): Promise<number[]> => Array.from(await read(x));

/** ‖a - b‖ / ‖b‖ */
export async function relativeError(a: Tensor, b: Tensor): Promise<number> {
  const [left, right] = [await read(a), await read(b)];
  if (left.length !== right.length) throw new Error(`${left.length} and ${right.length} numbers`);
  let [difference, total] = [0, 0];
  for (let i = 0; i < left.length; i++) {
    difference += (left[i]! - right[i]!) ** 2;
    total += right[i]! ** 2;
  }
  return Math.sqrt(difference / total);
}

/** Σ x² of all numbers, so Σ|z|² of complex ones. */
export const energy = async (x: Tensor): Promise<number> =>
  (await numbers(x)).reduce((sum, value) => sum + value * value, 0);
