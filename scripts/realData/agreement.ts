import { read, type Tensor } from '@adjoint/tensor';

/** |Σ_c conj(a_c) b_c| over the points where both sets of unit maps are not zero: mean and smallest. */
export async function mapAgreement(a: Tensor, b: Tensor): Promise<{ mean: number; least: number }> {
  const [left, right] = [await read(a), await read(b)];
  const coils = a.shape[0]!;
  const pixels = a.size / coils;
  let [sum, count, least] = [0, 0, 1];
  for (let i = 0; i < pixels; i++) {
    let [re, im, ours, theirs] = [0, 0, 0, 0];
    for (let c = 0; c < coils; c++) {
      const at = 2 * (c * pixels + i);
      const [p, q, r, s] = [left[at]!, left[at + 1]!, right[at]!, right[at + 1]!];
      re += p * r + q * s;
      im += p * s - q * r;
      ours += p * p + q * q;
      theirs += r * r + s * s;
    }
    if (ours === 0 || theirs === 0) continue;
    const agreement = Math.hypot(re, im) / Math.sqrt(ours * theirs);
    sum += agreement;
    count++;
    least = Math.min(least, agreement);
  }
  return { mean: sum / count, least };
}
