import { hostDft } from './hostDft.js';
import { unitRoot } from './unitRoot.js';

/** exp(±πi·k²/n), k² reduced exactly. */
const chirpFactor = (sign: 1 | -1, k: number, n: number): readonly [number, number] =>
  unitRoot(sign * ((k * k) % (2 * n)), 2 * n);

/** exp(−πi·k²/n) for k < n, interleaved. */
export const conjugateChirp = (n: number): number[] =>
  Array.from({ length: n }, (_, k) => chirpFactor(-1, k, n)).flat();

/** Transform of exp(πi·k²/n), |k| < n, wrapped around `length` and divided by it: the filter of Bluestein's algorithm. */
export function chirpSpectrum(n: number, length: number): number[] {
  const values = new Float64Array(2 * length);
  for (let k = 0; k < n; k++) {
    const factor = chirpFactor(1, k, n);
    values.set(factor, 2 * k);
    if (k > 0) values.set(factor, 2 * (length - k));
  }
  return Array.from(hostDft(values), (value) => value / length);
}
