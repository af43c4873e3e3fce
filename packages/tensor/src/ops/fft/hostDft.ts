import { unitRoot } from './unitRoot.js';

/** Up to this length the defining sum is evaluated as it stands. */
const directLimit = 256;

/**
 * X_k = Σ_j x_j exp(∓2πi·jk/n) in f64 on interleaved values, sign + if `inverse`; no scale.
 * The defining sum with exactly reduced root indices for n <= 256, longer ones split by their prime factors. Plain code for reference values and constant tables.
 */
export function hostDft(values: ArrayLike<number>, inverse = false): Float64Array {
  const n = values.length / 2;
  const roots = rootTable(n, inverse);
  return transform(values, roots, n, 0, 1, n > directLimit);
}

/** The defining sum, whatever the length: O(n²). */
export function directDft(values: ArrayLike<number>, inverse = false): Float64Array {
  const n = values.length / 2;
  return transform(values, rootTable(n, inverse), n, 0, 1, false);
}

function rootTable(n: number, inverse: boolean): Float64Array {
  const roots = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) roots.set(unitRoot(inverse ? k : -k, n), 2 * k);
  return roots;
}

/** DFT of the n values first, first + step, …; n·step is the length `roots` was made for. */
function transform(
  values: ArrayLike<number>,
  roots: Float64Array,
  n: number,
  first: number,
  step: number,
  split: boolean,
): Float64Array {
  const p = split ? smallestFactor(n) : n;
  if (p === n) return sumDirectly(values, roots, n, first, step);
  const m = n / p;
  const result = new Float64Array(2 * n);
  for (let r = 0; r < p; r++) {
    const part = transform(values, roots, m, first + r * step, step * p, split);
    for (let k = 0; k < n; k++) {
      const [re, im] = [part[2 * (k % m)]!, part[2 * (k % m) + 1]!];
      const root = 2 * ((r * k) % n) * step;
      result[2 * k]! += re * roots[root]! - im * roots[root + 1]!;
      result[2 * k + 1]! += re * roots[root + 1]! + im * roots[root]!;
    }
  }
  return result;
}

function sumDirectly(
  values: ArrayLike<number>,
  roots: Float64Array,
  n: number,
  first: number,
  step: number,
): Float64Array {
  const result = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    let [re, im] = [0, 0];
    // exponent j·k mod n
    for (let j = 0, exponent = 0; j < n; j++) {
      const at = 2 * (first + j * step);
      const root = 2 * exponent * step;
      re += values[at]! * roots[root]! - values[at + 1]! * roots[root + 1]!;
      im += values[at]! * roots[root + 1]! + values[at + 1]! * roots[root]!;
      exponent += k;
      if (exponent >= n) exponent -= n;
    }
    result[2 * k] = re;
    result[2 * k + 1] = im;
  }
  return result;
}

function smallestFactor(n: number): number {
  for (let p = 2; p * p <= n; p++) if (n % p === 0) return p;
  return n;
}
