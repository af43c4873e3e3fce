import { dtypeInfo } from '../../dtype.js';
import type { HostValue } from '../../op.js';
import { sizeOf } from '../../shape.js';
import { mapLines } from '../resample/mapLines.js';
import type { WaveletMode } from './filterBank.js';
import { waveletFilters } from './wavelet.js';

/** Sample i of a line of n samples, continued one reflection or period at a time. */
function continuedSample(line: (j: number) => number, mode: WaveletMode, i: number, n: number): number {
  const period = mode === 'periodization' ? 2 * Math.ceil(n / 2) : n;
  while (i < 0 || i >= period) {
    if (mode === 'zero') return 0;
    const before = i < 0;
    if (mode === 'symmetric') i = before ? -1 - i : 2 * n - 1 - i;
    else i += before ? period : -period;
  }
  return line(i === n ? n - 1 : i);
}

/** [cA, cD] by the convolutions of the definition. */
export function dwtReference(
  x: HostValue,
  wavelet: string,
  mode: WaveletMode,
  axis: number,
): [HostValue, HostValue] {
  const { decompositionLow, decompositionHigh } = waveletFilters(wavelet);
  const taps = decompositionLow.length;
  const n = x.shape[axis]!;
  const periodization = mode === 'periodization';
  const count = n === 0 ? 0 : periodization ? Math.ceil(n / 2) : Math.floor((n + taps - 1) / 2);
  const shift = periodization ? taps / 2 : 1;
  const band = (filter: readonly number[]) =>
    mapLines(x, axis, count, (line, i) =>
      filter.reduce((sum, tap, k) => sum + tap * continuedSample(line, mode, 2 * i + shift - k, n), 0),
    );
  return [band(decompositionLow), band(decompositionHigh)];
}

/** x by upsampling, full convolution and cutting (wrapping around in periodization). */
export function idwtReference(
  low: HostValue,
  high: HostValue,
  wavelet: string,
  mode: WaveletMode,
  axis: number,
): HostValue {
  const { reconstructionLow, reconstructionHigh } = waveletFilters(wavelet);
  const taps = reconstructionLow.length;
  const count = low.shape[axis]!;
  const periodization = mode === 'periodization';
  const samples = periodization ? 2 * count : Math.max(0, 2 * count - taps + 2);
  const first = periodization ? taps / 2 - 1 : taps - 2;
  const part = (band: HostValue, filter: readonly number[]) =>
    mapLines(band, axis, samples, (line, j) => {
      let sum = 0;
      for (let at = 0; at < 2 * count + taps - 1; at++) {
        const hit = periodization ? (at - first - j) % samples === 0 : at === j + first;
        if (!hit) continue;
        for (let k = 0; k < taps; k++)
          if (at >= k && (at - k) % 2 === 0 && at - k < 2 * count) sum += filter[k]! * line((at - k) / 2);
      }
      return sum;
    });
  const [a, d] = [part(low, reconstructionLow), part(high, reconstructionHigh)];
  return { ...a, data: Float64Array.from(a.data, (value, i) => value + d.data[i]!) };
}

/** Four bands [cA, cH, cV, cD]. */
export function dwt2Reference(
  x: HostValue,
  wavelet: string,
  mode: WaveletMode,
  [rows, columns]: readonly [number, number],
): [HostValue, HostValue, HostValue, HostValue] {
  const [top, bottom] = dwtReference(x, wavelet, mode, rows);
  const [approximation, vertical] = dwtReference(top, wavelet, mode, columns);
  const [horizontal, diagonal] = dwtReference(bottom, wavelet, mode, columns);
  return [approximation, horizontal, vertical, diagonal];
}

export function idwt2Reference(
  [approximation, horizontal, vertical, diagonal]: readonly HostValue[],
  wavelet: string,
  mode: WaveletMode,
  [rows, columns]: readonly [number, number],
): HostValue {
  const top = idwtReference(approximation!, vertical!, wavelet, mode, columns);
  const bottom = idwtReference(horizontal!, diagonal!, wavelet, mode, columns);
  return idwtReference(top, bottom, wavelet, mode, rows);
}

/** The part [r, r + h) x [c, c + w) of the last two axes; zero where x has no such entry. */
export function windowReference(
  x: HostValue,
  [r, c]: readonly [number, number],
  [h, w]: readonly [number, number],
): HostValue {
  const [rows, columns] = x.shape.slice(-2) as [number, number];
  const { parts } = dtypeInfo[x.dtype];
  const shape = [...x.shape.slice(0, -2), h, w];
  const data = new Float64Array(sizeOf(shape) * parts);
  for (let b = 0; b < sizeOf(x.shape.slice(0, -2)); b++)
    for (let i = Math.max(0, -r); i < Math.min(h, rows - r); i++)
      for (let j = Math.max(0, -c); j < Math.min(w, columns - c); j++)
        for (let p = 0; p < parts; p++)
          data[((b * h + i) * w + j) * parts + p] =
            x.data[((b * rows + i + r) * columns + j + c) * parts + p]!;
  return { shape, dtype: x.dtype, data };
}
