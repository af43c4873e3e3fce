/** ‖got − expected‖ / ‖expected‖ in the 2-norm and in the largest absolute value; NaN where an entry is. */
export function errorNorms(got: ArrayLike<number>, expected: ArrayLike<number>): { l2: number; max: number } {
  let [error, size, maxError, maxSize] = [0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const [value, difference] = [expected[i]!, Math.abs(got[i]! - expected[i]!)];
    error += difference ** 2;
    size += value ** 2;
    maxError = Number.isNaN(difference) ? Number.NaN : Math.max(maxError, difference);
    maxSize = Math.max(maxSize, Math.abs(value));
  }
  return { l2: Math.sqrt(error / size), max: maxError / maxSize };
}
