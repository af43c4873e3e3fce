import { internMatrix, type MatrixEntry, type SparseMatrix } from '../resample/sparseMatrix.js';
import type { WaveletFilters } from './wavelet.js';

export const waveletModes = ['symmetric', 'periodization', 'zero', 'periodic'] as const;
/** How a signal is continued beyond its ends, with PyWavelets' names. */
export type WaveletMode = (typeof waveletModes)[number];

/** Coefficients per band of a signal of n samples, for filters of `length` taps. */
export function coefficientCount(mode: WaveletMode, n: number, length: number): number {
  if (n === 0) return 0;
  return mode === 'periodization' ? Math.ceil(n / 2) : Math.floor((n + length - 1) / 2);
}

/** Samples made from `count` coefficients per band. */
export function sampleCount(mode: WaveletMode, count: number, length: number): number {
  return mode === 'periodization' ? 2 * count : Math.max(0, 2 * count - length + 2);
}

const modulo = (i: number, n: number): number => ((i % n) + n) % n;

/** Index of sample i of the continued signal; undefined where that is zero. */
function continued(mode: WaveletMode, i: number, n: number): number | undefined {
  if (mode === 'zero') return i >= 0 && i < n ? i : undefined;
  if (mode === 'periodic') return modulo(i, n);
  if (mode === 'periodization') return Math.min(modulo(i, n + (n % 2)), n - 1);
  const place = modulo(i, 2 * n);
  return place < n ? place : 2 * n - 1 - place;
}

/** [cA, cD] = matrix · x for n samples. */
export function analysisMatrix(filters: WaveletFilters, mode: WaveletMode, n: number): SparseMatrix {
  const { decompositionLow, decompositionHigh } = filters;
  const length = decompositionLow.length;
  const count = coefficientCount(mode, n, length);
  const first = mode === 'periodization' ? length / 2 : 1;
  return internMatrix(`dwt:${filters.name}:${mode}:${n}`, 2 * count, n, () => {
    const entries: MatrixEntry[] = [];
    for (let i = 0; i < count; i++)
      for (let k = 0; k < length; k++) {
        const sample = continued(mode, 2 * i + first - k, n);
        if (sample === undefined) continue;
        entries.push([i, sample, decompositionLow[k]!], [count + i, sample, decompositionHigh[k]!]);
      }
    return entries;
  });
}

/** x = matrix · [cA, cD] for `count` coefficients per band. */
export function synthesisMatrix(filters: WaveletFilters, mode: WaveletMode, count: number): SparseMatrix {
  const { reconstructionLow, reconstructionHigh } = filters;
  const length = reconstructionLow.length;
  const samples = sampleCount(mode, count, length);
  const periodic = mode === 'periodization';
  const delay = periodic ? length / 2 - 1 : length - 2;
  // the modes without periodization share one synthesis
  const key = `idwt:${filters.name}:${periodic ? 'periodization' : 'full'}:${count}`;
  return internMatrix(key, samples, 2 * count, () => {
    const entries: MatrixEntry[] = [];
    for (let i = 0; i < count; i++)
      for (let k = 0; k < length; k++) {
        const place = 2 * i + k - delay;
        const sample = periodic ? modulo(place, samples) : place;
        if (sample < 0 || sample >= samples) continue;
        entries.push([sample, i, reconstructionLow[k]!], [sample, count + i, reconstructionHigh[k]!]);
      }
    return entries;
  });
}
