import { checkChoice } from '../../check.js';
import { biorthogonalLowPass, orthogonalLowPass } from './filters.js';

/** The filters of a two-channel filter bank, in PyWavelets' order of samples; all have one even length. */
export interface WaveletFilters {
  readonly name: string;
  readonly decompositionLow: readonly number[];
  readonly decompositionHigh: readonly number[];
  readonly reconstructionLow: readonly number[];
  readonly reconstructionHigh: readonly number[];
  /** Reconstruction filters are the decomposition filters reversed. */
  readonly orthogonal: boolean;
}

/** Every wavelet there is: haar, db1 … db10, sym2 … sym8, bior1.1 … bior6.8. */
export const waveletNames: readonly string[] = [
  ...Object.keys(orthogonalLowPass),
  'db1',
  ...Object.keys(biorthogonalLowPass),
];

const known = new Map<string, WaveletFilters>();

/**
 * The filters of a wavelet. High-pass filters are the quadrature mirrors of the low-pass filters g
 * (decomposition) and h (reconstruction): dec_hi[k] = −(−1)ᵏ h[k], rec_hi[k] = (−1)ᵏ g[k]. For orthogonal
 * wavelets h[k] = g[L − 1 − k].
 *
 * @throws ArgumentError for a name that is not in `waveletNames`.
 */
export function waveletFilters(name: string): WaveletFilters {
  return findWavelet('waveletFilters', name);
}

/** `waveletFilters` on behalf of another function. @internal */
export function findWavelet(fn: string, name: string): WaveletFilters {
  checkChoice(fn, 'wavelet', name, waveletNames);
  let filters = known.get(name);
  if (!filters) known.set(name, (filters = buildFilters(name === 'db1' ? 'haar' : name)));
  return filters;
}

function buildFilters(name: string): WaveletFilters {
  const orthogonal = name in orthogonalLowPass;
  const low = orthogonal ? orthogonalLowPass[name]! : biorthogonalLowPass[name]!.decomposition;
  const reconstructionLow = orthogonal ? [...low].reverse() : biorthogonalLowPass[name]!.reconstruction;
  return {
    name,
    decompositionLow: low,
    decompositionHigh: reconstructionLow.map((value, k) => (k % 2 === 0 ? -value : value)),
    reconstructionLow,
    reconstructionHigh: low.map((value, k) => (k % 2 === 0 ? value : -value)),
    orthogonal,
  };
}
