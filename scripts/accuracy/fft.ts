import { createDevice, type Device, fft, read, tensor } from '@adjoint/tensor';

/** Half a unit in the last place of f32. */
const epsilon = 2 ** -24;
/** Transforms per length, over which errors are taken together. */
const batch = 8;

interface Measurement {
  readonly n: number;
  readonly largestPrime: number;
  /** ‖y − ŷ‖₂ / ‖ŷ‖₂ */
  readonly l2: number;
  /** max|y − ŷ| / max|ŷ| */
  readonly max: number;
}

/** How the kernel treats a length, by its largest prime factor. */
const classes: readonly { name: string; holds(largestPrime: number): boolean }[] = [
  { name: 'factors 2, 3, 5, 7', holds: (p) => p <= 7 },
  { name: 'a prime factor 11 … 61', holds: (p) => p > 7 && p <= 61 },
  { name: 'a prime factor above 61 (Bluestein)', holds: (p) => p > 61 },
];

const everyLength = Array.from({ length: 512 }, (_, i) => i + 1);
const longer = [
  600, 640, 720, 768, 997, 1000, 1021, 1024, 1536, 2000, 2039, 2048, 3000, 3125, 4093, 4095, 4096,
];
const shown = [
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  13,
  16,
  31,
  32,
  61,
  64,
  67,
  127,
  128,
  251,
  256,
  320,
  368,
  372,
  396,
  509,
  512,
  ...longer,
];

function largestPrimeOf(n: number): number {
  let largest = 1;
  let rest = n;
  for (let p = 2; p * p <= rest; p++) for (; rest % p === 0; rest /= p) largest = p;
  return Math.max(largest, rest);
}

/** Standard normal numbers, the same in every run. */
function normalNumbers(count: number, seed: number): Float32Array {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

async function measure(n: number, wasm: Device, reference: Device): Promise<Measurement> {
  const data = normalNumbers(2 * n * batch, n);
  const shape = [batch, n];
  using x = tensor(data, { dtype: 'c64', shape, device: wasm });
  using exactX = tensor(data, { dtype: 'c128', shape, device: reference });
  using y = fft(x);
  using exactY = fft(exactX);
  const [got, expected] = [await read(y), await read(exactY)];
  let [error, size, maxError, maxSize] = [0, 0, 0, 0];
  for (let i = 0; i < expected.length; i += 2) {
    const squared = (got[i]! - expected[i]!) ** 2 + (got[i + 1]! - expected[i + 1]!) ** 2;
    const modulus = expected[i]! ** 2 + expected[i + 1]! ** 2;
    error += squared;
    size += modulus;
    maxError = Math.max(maxError, squared);
    maxSize = Math.max(maxSize, modulus);
  }
  const [l2, max] = [Math.sqrt(error / size), Math.sqrt(maxError / maxSize)];
  return { n, largestPrime: largestPrimeOf(n), l2, max };
}

/** The factor C of the least-squares fit l2 = C·ε·√log₂ n. */
function growthConstant(measured: readonly Measurement[]): number {
  let [above, below] = [0, 0];
  for (const { n, l2 } of measured) {
    const growth = epsilon * Math.sqrt(Math.log2(n));
    above += l2 * growth;
    below += growth * growth;
  }
  return above / below;
}

const scientific = (value: number): string => value.toExponential(2);
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function classRow(name: string, members: readonly Measurement[]): string {
  const worst = (key: 'l2' | 'max') => members.reduce((a, b) => (b[key] > a[key] ? b : a));
  const [l2, max] = [worst('l2'), worst('max')];
  const constant = growthConstant(members.filter(({ n }) => n > 1)).toFixed(2);
  return row([name, members.length, scientific(l2.l2), l2.n, scientific(max.max), max.n, constant]);
}

/**
 * The section on Fourier transforms: forward transforms of standard normal c64 vectors, every length 1 … 512 and
 * chosen ones to 4096, against the reference device in f64.
 */
export async function fftAccuracy(): Promise<string> {
  const [wasm, reference] = [
    await createDevice({ device: 'wasm' }),
    await createDevice({ device: 'reference' }),
  ];
  const measured: Measurement[] = [];
  for (const n of [...everyLength, ...longer]) measured.push(await measure(n, wasm, reference));
  wasm.dispose();
  reference.dispose();
  return [
    '## Fourier transforms',
    '',
    `Forward transforms of ${batch} standard normal c64 vectors of every length from 1 to 512 and of chosen lengths up to 4096. ` +
      'L2 is ‖y − ŷ‖₂/‖ŷ‖₂, L∞ is max|y − ŷ|/max|ŷ|, ŷ in f64. C fits L2 = C·ε·√log₂ n.',
    '',
    row(['lengths with', 'count', 'worst L2', 'at n', 'worst L∞', 'at n', 'C']),
    row(['---', '---', '---', '---', '---', '---', '---']),
    ...classes.map(({ name, holds }) =>
      classRow(
        name,
        measured.filter(({ largestPrime }) => holds(largestPrime)),
      ),
    ),
    classRow('any factors', measured),
    '',
    row(['n', 'largest prime', 'L2', 'L∞', 'L2/(ε·√log₂ n)']),
    row(['---', '---', '---', '---', '---']),
    ...measured
      .filter(({ n }) => shown.includes(n))
      .map(({ n, largestPrime, l2, max }) => {
        const constant = n > 1 ? (l2 / (epsilon * Math.sqrt(Math.log2(n)))).toFixed(2) : '';
        return row([n, largestPrime, scientific(l2), scientific(max), constant]);
      }),
    '',
  ].join('\n');
}
