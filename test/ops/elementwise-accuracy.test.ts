import { tensor } from '@adjoint/tensor';
import { describe, expect, test } from 'vitest';
import { apply1 } from '../../packages/tensor/src/dispatch.js';
import type { TypedArray } from '../../packages/tensor/src/dtype.js';
import type { Op } from '../../packages/tensor/src/op.js';
import { activationOps } from '../../packages/tensor/src/ops/elementwise/activation.js';
import { arithmeticOps } from '../../packages/tensor/src/ops/elementwise/arithmetic.js';
import { exponentialOps } from '../../packages/tensor/src/ops/elementwise/exponential.js';
import { modulusOps } from '../../packages/tensor/src/ops/elementwise/modulus.js';
import { powOps } from '../../packages/tensor/src/ops/elementwise/pow.js';
import { trigonometricOps } from '../../packages/tensor/src/ops/elementwise/trigonometric.js';
import { device, webgpu } from '../backend/devices.js';
import { setting } from '../environment.js';
import { runKernels, runReference } from './runKernels.js';

const rows = [
  ...exponentialOps,
  ...trigonometricOps,
  ...activationOps,
  ...powOps,
  ...modulusOps,
  ...arithmeticOps,
];
const rowOf = (name: string) => rows.find((row) => row.name === name)!;

const floats = (values: readonly number[]) => Float32Array.from(values);
const real = (values: readonly number[]) => ({
  shape: [values.length],
  dtype: 'f32' as const,
  data: floats(values),
});
const complex = (values: readonly number[]) => ({
  shape: [values.length / 2],
  dtype: 'c64' as const,
  data: floats(values),
});

type Sample = ReturnType<typeof real | typeof complex>;
type Kernels = (op: Op, inputs: readonly Sample[], attrs: unknown) => Promise<TypedArray>;

/** What computes: the WASM kernels in a memory of their own, and the WebGPU device. */
const kernels: readonly [string, Kernels][] = [
  ['wasm', async (op, inputs, attrs) => runKernels(op, inputs, attrs).outputs[0]!.data],
  ...webgpu.map(({ name, options }): [string, Kernels] => [
    name,
    async (op, inputs, attrs) => {
      const on = await device(options);
      const tensors = inputs.map(({ data, ...type }) => tensor(data, { ...type, device: on }));
      return apply1(op, tensors, attrs).data();
    },
  ]),
];

/** Units in the last place of f32 between got and the exact value; subnormal results may be 0. */
function ulps(got: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(got, rounded) || (Number.isNaN(got) && Number.isNaN(exact))) return 0;
  if (Math.abs(exact) < 2 ** -126 && Math.abs(got) <= 2 ** -126) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(rounded)) return got === rounded ? 0 : Infinity;
  const spacing = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(exact)))) - 23);
  return Math.abs(got - exact) / spacing;
}

const linear = (low: number, high: number, count = 20001) =>
  Array.from({ length: count }, (_, i) => Math.fround(low + ((high - low) * i) / (count - 1)));
/** Both signs, magnitudes from 2^low to 2^high. */
const spread = (low: number, high: number, count = 20000) =>
  Array.from({ length: count }, (_, i) =>
    Math.fround((i % 2 ? -1 : 1) * 2 ** (low + ((high - low) * i) / (count - 1))),
  );
const positive = (values: readonly number[]) => values.map(Math.abs);

/** Function, arguments, largest error in units in the last place. */
const sweeps: [string, readonly number[], number][] = [
  ['exp', [...linear(-87.3, 88.72), ...spread(-30, 6)], 2],
  ['expm1', [...linear(-20, 88), ...spread(-30, 4)], 2.5],
  ['log', [...positive(spread(-126, 127)), ...linear(0.5, 2)], 2],
  ['log1p', [...positive(spread(-40, 100)), ...linear(-0.99, 2)], 2.5],
  ['sin', [...linear(-100, 100), ...spread(-30, 26.5)], 2],
  ['cos', [...linear(-100, 100), ...spread(-30, 26.5)], 2],
  ['tan', [...linear(-100, 100), ...spread(-30, 20)], 4],
  ['tanh', [...linear(-12, 12), ...spread(-30, 4)], 3],
  ['sinh', [...linear(-88, 88), ...spread(-30, 4)], 4],
  ['cosh', [...linear(-88, 88), ...spread(-30, 4)], 3],
  ['asin', [...linear(-1, 1), ...spread(-30, 0)], 4],
  ['acos', [...linear(-0.999, 0.999)], 4],
  ['atan', [...linear(-50, 50), ...spread(-30, 100)], 3],
  ['sigmoid', [...linear(-87, 30), ...spread(-30, 4)], 3],
  ['sqrt', positive(spread(-126, 127)), 0.51],
  ['rsqrt', positive(spread(-120, 120)), 2],
];

/** Results of kernels, and the f64 formula's, of an op. */
const evaluateWith =
  (compute: Kernels) =>
  async (
    name: string,
    inputs: readonly Sample[],
    attrs?: unknown,
  ): Promise<{ got: number[]; expected: number[] }> => {
    const { op } = rowOf(name);
    return {
      got: [...(await compute(op, inputs, attrs))],
      expected: [...runReference(op, inputs, attrs)[0]!.data],
    };
  };

describe.each(kernels)('f32 functions against f64 on %s', (_, compute) => {
  const evaluate = evaluateWith(compute);

  test.each(sweeps)('%s', async (name, x, bound) => {
    const { got, expected } = await evaluate(name, [real(x)]);
    let worst = 0;
    let at = 0;
    got.forEach((y, i) => {
      const error = ulps(y, expected[i]!);
      if (error > worst) [worst, at] = [error, i];
    });
    if (setting('ADJOINT_VERBOSE')) process.stdout.write(`${name}: ${worst.toFixed(2)} ulp at ${x[at]}\n`);
    expect(worst, `${name}(${x[at]}) = ${got[at]}, expected ${expected[at]}`).toBeLessThan(bound);
  });

  test('atan2, in all quadrants and at all scales', async () => {
    const x = spread(-100, 100, 4001);
    const y = [...x].reverse().map((v, i) => (i % 3 ? v : -v));
    const { got, expected } = await evaluate('atan2', [real(y), real(x)]);
    expect(Math.max(...got.map((v, i) => ulps(v, expected[i]!)))).toBeLessThan(3);
  });

  test('pow, with results over the whole range', async () => {
    const x = positive(spread(-20, 20, 8001));
    const y = linear(-6, 6, 8001);
    const { got, expected } = await evaluate('pow', [real(x), real(y)]);
    expect(Math.max(...got.map((v, i) => ulps(v, expected[i]!)))).toBeLessThan(3);
  });

  test('|z| neither overflows nor vanishes', async () => {
    const { got, expected } = await evaluate('abs', [
      complex([3e38, 1e38, 3e-38, 4e-38, 3e19, 4e19, 0, 0, -5, 12, 1e-30, 0]),
    ]);
    expect(Math.max(...got.map((v, i) => ulps(v, expected[i]!)))).toBeLessThan(1);
  });
});

describe.each(kernels)('special values on %s', (_, compute) => {
  const evaluate = evaluateWith(compute);

  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const cases: [string, readonly number[], readonly number[]][] = [
    ['exp', [nan, inf, -inf, 0, -0, 89, -88, -200], [nan, inf, 0, 1, 1, inf, 0, 0]],
    ['exp', [1e30, -1e30, 3e38, -3e38, 88.72284, -87.33655], [inf, 0, inf, 0, inf, 0]],
    ['expm1', [nan, inf, -inf, 0, -0, 100, -100], [nan, inf, -1, 0, -0, inf, -1]],
    ['log', [nan, inf, -inf, 0, -0, 1, -1], [nan, inf, nan, -inf, -inf, 0, nan]],
    ['log1p', [nan, inf, -inf, 0, -0, -1, -2], [nan, inf, nan, 0, -0, -inf, nan]],
    ['sin', [nan, inf, -inf, 0, -0], [nan, nan, nan, 0, -0]],
    ['cos', [nan, inf, -inf, 0, -0], [nan, nan, nan, 1, 1]],
    ['tanh', [nan, inf, -inf, 0, -0, 50], [nan, 1, -1, 0, -0, 1]],
    ['sigmoid', [nan, inf, -inf, 0, -100], [nan, 1, 0, 0.5, 0]],
    ['sqrt', [nan, inf, -1, 0, -0, 4], [nan, inf, nan, 0, -0, 2]],
    ['sinh', [nan, inf, -inf, 0, -0], [nan, inf, -inf, 0, -0]],
    ['cosh', [nan, inf, -inf, 0], [nan, inf, inf, 1]],
    ['asin', [nan, 1.5, -0, 1], [nan, nan, -0, Math.fround(Math.PI / 2)]],
    ['atan', [nan, inf, -inf, -0], [nan, Math.fround(Math.PI / 2), -Math.fround(Math.PI / 2), -0]],
    ['unitPhase', [nan, inf, -inf, 0, -0, 3], [nan, 1, -1, 0, -0, 1]],
    ['relu', [nan, inf, -inf, 0, -0, -2], [nan, inf, 0, 0, 0, 0]],
  ];
  test.each(cases)('%s', async (name, x, y) => {
    const { got } = await evaluate(name, [real(x)]);
    got.forEach((value, i) => {
      expect(value, `${name}(${x[i]})`).toBe(y[i]);
    });
  });

  test('exponentials at the ends of the range', async () => {
    const ends = [88.72283172607422, -87.33654022216797];
    const { got, expected } = await evaluate('exp', [real(ends)]);
    expect(Math.max(...got.map((y, i) => ulps(y, expected[i]!)))).toBeLessThan(1);
  });

  test('NaN stays NaN whatever its bits are', async () => {
    const data = new Float32Array(Uint32Array.of(0x7fc00000, 0x7fc001ff, 0xffc000ab, 0x7fffffff).buffer);
    for (const name of ['exp', 'expm1', 'sigmoid', 'tanh', 'relu', 'sinh']) {
      const { got } = await evaluate(name, [{ shape: [4], dtype: 'f32', data }]);
      expect([...got], name).toEqual([NaN, NaN, NaN, NaN]);
    }
  });

  test('atan2 of zeros and infinities', async () => {
    const points = [0, -0, 1, -1, inf, -inf, nan];
    const pairs = points.flatMap((y) => points.map((x) => [y, x] as const));
    const { got } = await evaluate('atan2', [real(pairs.map(([y]) => y)), real(pairs.map(([, x]) => x))]);
    got.forEach((value, i) => {
      const [y, x] = pairs[i]!;
      expect(Object.is(value, -0), `sign of atan2(${y}, ${x})`).toBe(Object.is(Math.atan2(y, x), -0));
      expect(ulps(value, Math.atan2(y, x)), `atan2(${y}, ${x})`).toBeLessThan(1);
    });
  });

  test('pow at zeros, ones, infinities and negative bases', async () => {
    const pairs: [number, number, number][] = [
      [2, 0, 1],
      [0, 0, 1],
      [nan, 0, 1],
      [1, nan, 1],
      [0, 2, 0],
      [0, -1, inf],
      [inf, 2, inf],
      [inf, -1, 0],
      [-2, 3, -8],
      [-2, 2, 4],
      [-2, -1, -0.5],
      [-8, 1.5, nan],
      [nan, 2, nan],
      [2, nan, nan],
      [2, inf, inf],
      [0.5, inf, 0],
      [2, -inf, 0],
      [10, 38, 1e38],
      [10, 39, inf],
      [10, -50, 0],
    ];
    const { got } = await evaluate('pow', [real(pairs.map(([x]) => x)), real(pairs.map(([, y]) => y))]);
    got.forEach((value, i) => {
      const [x, y, expected] = pairs[i]!;
      expect(ulps(value, expected), `pow(${x}, ${y}) = ${value}`).toBeLessThan(2);
    });
  });

  test('complex division, square root and logarithm at the ends of the range', async () => {
    const big = 1e30;
    const quotient = await evaluate('div', [
      complex([big, big, 1, 2, 1e-30, 0]),
      complex([big, -big, 1e25, 1e25, 1e-30, 1e-30]),
    ]);
    [0, 1, 1.5e-25, 0.5e-25, 0.5, -0.5].forEach((exact, i) => {
      expect(Math.abs(quotient.got[i]! - exact)).toBeLessThanOrEqual(Math.abs(exact) * 3e-7);
    });
    const root = await evaluate('sqrt', [complex([-4, 0, -4, -0, 0, 0, 2e38, 2e38, 0, 2])]);
    expect(root.got.slice(0, 6)).toEqual([0, 2, 0, -2, 0, 0]);
    expect(root.got.every(Number.isFinite)).toBe(true);
    expect(root.got[8]).toBeCloseTo(1, 6);
    const log = await evaluate('log', [complex([1e38, 3e38, -1, 0, -1, -0])]);
    log.got.forEach((value, i) => {
      expect(Math.abs(value - log.expected[i]!)).toBeLessThan(1e-5);
    });
  });
});
