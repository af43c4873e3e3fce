import {
  complexNormal,
  conj,
  type Device,
  init,
  key,
  linalg,
  matmul,
  mul,
  swapAxes,
  tensor,
} from '@adjoint/tensor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { topEigenpairs } from '../../../packages/mri/src/coils/lanczos.js';

let device: Device;
beforeAll(async () => {
  device = await init({ device: 'reference' });
});
afterAll(() => device.dispose());

/** Q diag(values) Q^H with a random unitary Q. */
async function withEigenvalues(values: readonly number[]) {
  const size = values.length;
  const { q } = await linalg.qr(complexNormal(key(size), [size, size], { dtype: 'c128' }));
  const matrix = matmul(mul(q, tensor(Float64Array.from(values), { dtype: 'f64' })), swapAxes(conj(q), 0, 1));
  const data = await matrix.data();
  const part = (offset: number) =>
    Float64Array.from({ length: size * size }, (_, i) => data[2 * i + offset]!);
  return { size, re: part(0), im: part(1), dtype: 'c128' as const, device };
}

const spectra: Record<string, readonly number[]> = {
  'that fall off quickly': Array.from({ length: 120 }, (_, i) => 0.8 ** i),
  'on a plateau of noise just below the threshold': Array.from({ length: 90 }, (_, i) =>
    i < 12 ? 1 - i / 20 : 9e-4 - 1e-6 * i,
  ),
  'all above the threshold': Array.from({ length: 70 }, (_, i) => 1 + Math.sin(i)),
  'many times': [...Array(5).fill(3), ...Array(40).fill(1), ...Array(30).fill(0)],
  'all the same': Array(20).fill(2),
  'of rank one': [7, ...Array(50).fill(0)],
  'of a number': [4],
};

it.each(Object.keys(spectra))('finds all eigenpairs above the threshold, of values %s', async (name) => {
  const values = [...spectra[name]!].sort((a, b) => b - a);
  const a = await withEigenvalues(values);
  const threshold = 1e-3;
  const expected = values.filter((value) => value > threshold * values[0]!);
  const found = await topEigenpairs(a, threshold);
  expect(found.values).toHaveLength(expected.length);
  const [largest] = values as [number];
  for (const [j, value] of expected.entries()) {
    expect(Math.abs(found.values[j]! - value) / largest).toBeLessThan(1e-6);
    const at = (i: number) => j * a.size + i;
    // A v = λ v
    for (let row = 0; row < a.size; row++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < a.size; i++) {
        const [p, q] = [a.re[row * a.size + i]!, a.im[row * a.size + i]!];
        re += p * found.re[at(i)]! - q * found.im[at(i)]!;
        im += p * found.im[at(i)]! + q * found.re[at(i)]!;
      }
      const error = Math.hypot(re - value * found.re[at(row)]!, im - value * found.im[at(row)]!);
      expect(error / largest).toBeLessThan(3e-5);
    }
  }
  for (let j = 0; j < expected.length; j++)
    for (let k = 0; k <= j; k++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < a.size; i++) {
        const [p, q] = [j * a.size + i, k * a.size + i];
        re += found.re[p]! * found.re[q]! + found.im[p]! * found.im[q]!;
        im += found.re[p]! * found.im[q]! - found.im[p]! * found.re[q]!;
      }
      expect(re).toBeCloseTo(Number(j === k), 8);
      expect(im).toBeCloseTo(0, 8);
    }
});
