import {
  type Dwt2Bands,
  dwt2,
  idwt2,
  type Tensor,
  type WaveletCoefficients,
  wavedec2,
  waverec2,
} from '@adjoint/tensor';
import { type BenchCase, bench, c64 } from './case.js';

const periodic = { mode: 'periodization' } as const;

/** Bands in PyWavelets' order. */
const listBands = (bands: Dwt2Bands): Tensor[] => [
  bands.approximation,
  bands.horizontal,
  bands.vertical,
  bands.diagonal,
];

const bandsOf = ([approximation, horizontal, vertical, diagonal]: readonly Tensor[]): Dwt2Bands => ({
  approximation: approximation!,
  horizontal: horizontal!,
  vertical: vertical!,
  diagonal: diagonal!,
});

const listCoefficients = ({ approximation, details }: WaveletCoefficients): Tensor[] => [
  approximation,
  ...details.flatMap(({ horizontal, vertical, diagonal }) => [horizontal, vertical, diagonal]),
];

const coefficientsOf = ([approximation, ...bands]: readonly Tensor[]): WaveletCoefficients => ({
  approximation: approximation!,
  details: Array.from({ length: bands.length / 3 }, (_, i) => {
    const [horizontal, vertical, diagonal] = bands.slice(3 * i);
    return { horizontal: horizontal!, vertical: vertical!, diagonal: diagonal! };
  }),
});

function perShape(h: number, w: number): BenchCase[] {
  const shape = [h, w];
  const part = (n: number) => c64(h / n, w / n);
  const levels = [part(8), ...[8, 4, 2].flatMap((n) => [part(n), part(n), part(n)])];
  const decompose = (x: Tensor) => listCoefficients(wavedec2(x, 'db4', { ...periodic, level: 3 }));
  return [
    bench('dwt2_db4', shape, [part(1)], (x) => listBands(dwt2(x, 'db4', periodic))),
    bench('idwt2_db4', shape, [2, 2, 2, 2].map(part), (...list) => idwt2(bandsOf(list), 'db4', periodic)),
    bench('wavedec2_db4_L3', shape, [part(1)], decompose),
    bench('waverec2_db4_L3', shape, levels, (...list) => waverec2(coefficientsOf(list), 'db4', periodic)),
  ];
}

export const waveletCases: readonly BenchCase[] = [...perShape(320, 320), ...perShape(640, 368)];
