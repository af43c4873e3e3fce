import { describe, expect, it } from 'vitest';
import type { SparseMatrix } from '../../packages/tensor/src/ops/resample/sparseMatrix.js';
import {
  analysisMatrix,
  sampleCount,
  synthesisMatrix,
  waveletModes,
} from '../../packages/tensor/src/ops/wavelet/filterBank.js';
import { coefficientShapes } from '../../packages/tensor/src/ops/wavelet/layout.js';
import { dwtMaxLevel } from '../../packages/tensor/src/ops/wavelet/multilevel.js';
import { waveletFilters, waveletNames } from '../../packages/tensor/src/ops/wavelet/wavelet.js';

function dense({ rows, columns, rowStart, index, weight }: SparseMatrix): number[][] {
  return Array.from({ length: rows }, (_, i) => {
    const row = new Array<number>(columns).fill(0);
    for (let e = rowStart[i]!; e < rowStart[i + 1]!; e++) row[index[e]!] = weight[e]!;
    return row;
  });
}

/** Largest deviation of a·b from the identity in its first `size` rows and columns. */
function identityError(a: number[][], b: number[][], size: number): number {
  let worst = 0;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const product = a[i]!.reduce((sum, value, k) => sum + value * b[k]![j]!, 0);
      worst = Math.max(worst, Math.abs(product - (i === j ? 1 : 0)));
    }
  return worst;
}

const isOrthogonal = (name: string) => waveletFilters(name).orthogonal;

describe.each(waveletNames)('%s', (name) => {
  const filters = waveletFilters(name);
  const taps = filters.decompositionLow.length;

  it('has low-pass filters of sum √2 and high-pass filters of sum 0', () => {
    const sum = (filter: readonly number[]) => filter.reduce((total, value) => total + value, 0);
    expect(sum(filters.decompositionLow)).toBeCloseTo(Math.SQRT2, 10);
    expect(sum(filters.reconstructionLow)).toBeCloseTo(Math.SQRT2, 10);
    expect(sum(filters.decompositionHigh)).toBeCloseTo(0, 10);
    expect(sum(filters.reconstructionHigh)).toBeCloseTo(0, 10);
  });

  it('is inverted exactly by idwt: every mode, even and odd, shorter than the filter', () => {
    for (const mode of waveletModes)
      for (const n of [1, 2, 5, 12, 33]) {
        const analysis = analysisMatrix(filters, mode, n);
        const count = analysis.rows / 2;
        expect(sampleCount(mode, count, taps)).toBe(n + (n % 2));
        const error = identityError(dense(synthesisMatrix(filters, mode, count)), dense(analysis), n);
        expect(error, `${mode} ${n}`).toBeLessThan(1e-10);
      }
  });

  it(`${isOrthogonal(name) ? 'has' : 'does not have'} idwt as adjoint, even sizes, periodization and zero`, () => {
    for (const mode of ['periodization', 'zero'] as const) {
      const analysis = analysisMatrix(filters, mode, 24);
      const synthesis = dense(synthesisMatrix(filters, mode, analysis.rows / 2));
      const adjoint = dense(analysis.transposed);
      const error = Math.max(
        ...synthesis.flatMap((row, i) => row.map((w, j) => Math.abs(w - adjoint[i]![j]!))),
      );
      if (filters.orthogonal) expect(error).toBeLessThan(1e-10);
      else if (name !== 'bior1.1') expect(error).toBeGreaterThan(1e-3);
    }
  });
});

describe('levels and shapes', () => {
  it('gives the levels of pywt.dwt_max_level', () => {
    const found = [
      [1, 'haar', 0],
      [2, 'haar', 1],
      [64, 'haar', 6],
      [6, 'db4', 0],
      [7, 'db4', 0],
      [14, 'db4', 1],
      [320, 'db4', 5],
      [320, 'bior4.4', 5],
      [320, 'db10', 4],
    ] as const;
    for (const [n, name, level] of found) expect(dwtMaxLevel(n, name), `${n} ${name}`).toBe(level);
  });

  it('gives the band shapes of an image whose lengths get odd on the way', () => {
    expect(coefficientShapes([24, 20], 'haar', { mode: 'periodization', level: 3 })).toEqual({
      approximation: [3, 3],
      details: [
        [3, 3],
        [6, 5],
        [12, 10],
      ],
    });
  });
});
