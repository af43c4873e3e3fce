import { describe, expect, it } from 'vitest';
import { convolutionLength, factorise, isDirect } from '../../packages/tensor/src/ops/fft/factors.js';
import { type FftAttributes, fftOp } from '../../packages/tensor/src/ops/fft/fft.js';
import { directDft, hostDft } from '../../packages/tensor/src/ops/fft/hostDft.js';
import { unitRoot } from '../../packages/tensor/src/ops/fft/unitRoot.js';
import { errorNorms } from './errorNorms.js';
import { hostValue, runKernels, runReference } from './runKernels.js';

const attributes = (axes: number[], rest: Partial<FftAttributes> = {}): FftAttributes => ({
  axes,
  inverse: false,
  scale: 1,
  centred: false,
  ...rest,
});
/** Every combination of direction and centring. */
const variants = [false, true].flatMap((inverse) => [false, true].map((centred) => ({ inverse, centred })));

/** Relative l2 and maximum error of the kernels, and the tasks of each step. */
function errorOf(shape: number[], attrs: FftAttributes) {
  const x = hostValue(shape, 'c64', 7);
  const { outputs, tasks } = runKernels(fftOp, [x], attrs);
  const got = outputs[0]!.data;
  const expected = runReference(fftOp, [x], attrs)[0]!.data;
  return { ...errorNorms(got, expected), tasks };
}

function expectAccurate(shape: number[], attrs: FftAttributes): readonly number[] {
  const { l2, max, tasks } = errorOf(shape, attrs);
  const call = `[${shape}] ${JSON.stringify(attrs)}`;
  expect(l2, call).toBeLessThan(3e-7);
  expect(max, call).toBeLessThan(1e-6);
  return tasks;
}

describe('f64 transforms on the host', () => {
  it('roots have exact symmetries and quarter turns', () => {
    expect([0, 1, 2, 3].map((k) => unitRoot(k, 4))).toEqual([
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
    ]);
    for (const n of [3, 7, 12, 40, 1000])
      for (let k = 0; k < n; k++) {
        const [re, im] = unitRoot(k, n);
        expect(Math.abs(re - Math.cos((2 * Math.PI * k) / n))).toBeLessThan(3e-15);
        expect(Math.abs(im - Math.sin((2 * Math.PI * k) / n))).toBeLessThan(3e-15);
        const [mirroredRe, mirroredIm] = unitRoot(-k, n);
        expect(mirroredRe).toBe(re);
        expect(mirroredIm + im).toBe(0);
        expect(unitRoot(k + 1e9 * n, n)).toEqual([re, im]);
      }
  });

  it('splitting a long transform agrees with the defining sum', () => {
    for (const n of [257, 289, 300, 512, 514, 729])
      for (const inverse of [false, true]) {
        const values = Float64Array.from(hostValue([n], 'c64', n).data);
        const expected = directDft(values, inverse);
        hostDft(values, inverse).forEach((value, i) => {
          expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-11);
        });
      }
  });
});

describe('choice of algorithm', () => {
  it('factors into radix 4 first, then 2, then odd primes', () => {
    expect(factorise(1)).toEqual([]);
    expect(factorise(368)).toEqual([4, 4, 23]);
    expect(factorise(640)).toEqual([4, 4, 4, 2, 5]);
    expect(factorise(3 * 49 * 61)).toEqual([3, 7, 7, 61]);
    expect([61, 67, 2 * 61, 2 * 67].map(isDirect)).toEqual([true, false, true, false]);
  });

  it('convolves over a smooth length that is long enough and not much longer', () => {
    for (let n = 67; n < 3000; n += 58) {
      const length = convolutionLength(n);
      expect(length).toBeGreaterThanOrEqual(2 * n - 1);
      expect(length).toBeLessThan(4 * n);
      expect(Math.max(...factorise(length))).toBeLessThanOrEqual(5);
    }
  });
});

describe('fft kernels', () => {
  const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 20, 21, 23, 25, 27, 31, 35, 48, 49, 61];
  const longer = [64, 67, 77, 94, 100, 120, 121, 122, 127, 134, 210, 251, 256, 331, 368, 509, 512];

  it.each([...lengths, ...longer])('length %i by rows and columns', (n) => {
    for (const variant of n <= 16 ? variants : [variants[1], variants[2]]) {
      expectAccurate([5, n], attributes([1], { ...variant, scale: 0.5 }));
      // a whole group of sixteen columns, four more, and three over
      expectAccurate([n, 23], attributes([0], { ...variant, scale: 0.5 }));
    }
    expectAccurate([2, n, 2], attributes([1], variants[3]));
  });

  it.each([640, 997, 1000, 1024, 2039, 2048, 4096])('length %i', (n) => {
    expectAccurate([n], attributes([0], { centred: true }));
    expectAccurate([n, 10], attributes([0], { inverse: true, scale: 1 / n }));
  });

  it('axes in any combination, unit axes, images one by one and together', () => {
    for (const variant of variants) {
      expectAccurate([3, 4, 5, 6], attributes([0, 2], variant));
      expectAccurate([3, 4, 5, 6], attributes([0, 1, 2, 3], variant));
      expectAccurate([1, 7, 1, 5, 1], attributes([1, 2, 3, 4], variant));
      expectAccurate([6, 1], attributes([0], variant));
      expectAccurate([2, 9, 10], attributes([1, 2], variant));
      expectAccurate([70, 13, 11], attributes([1, 2], variant));
    }
    expectAccurate([2, 3], attributes([], { scale: 3 }));
    expectAccurate([1, 1], attributes([0, 1], { scale: 3 }));
  });

  it('splits large work into tasks: images when there are many, else rows and columns', () => {
    expect(expectAccurate([9, 100, 94], attributes([1, 2], { centred: true }))).toHaveLength(1);
    const fewImages = expectAccurate([2, 500, 134], attributes([1, 2], { inverse: true, centred: true }));
    expect(fewImages).toHaveLength(2);
    expect(Math.min(...fewImages)).toBeGreaterThan(2);
    expect(expectAccurate([1500, 16, 12], attributes([1, 2]))[0]).toBeGreaterThan(2);
    expect(expectAccurate([4, 4], attributes([0, 1]))).toEqual([1]);
  });

  it('lengths beyond the scratch of a thread', () => {
    expectAccurate([33_000, 3], attributes([0], { centred: true }));
    expectAccurate([2, 1 << 15], attributes([1], { inverse: true }));
    expectAccurate([5 * 3313], attributes([0]));
  });

  it('a NaN stays within its own transform', () => {
    const x = hostValue([12, 11], 'c64');
    x.data[2 * 3] = Number.NaN;
    const { outputs } = runKernels(fftOp, [x], attributes([0]));
    const { data } = outputs[0]!;
    for (let i = 0; i < 12 * 11; i++) expect(Number.isNaN(data[2 * i])).toBe(i % 11 === 3);
  });

  it('leaves empty results alone', () => {
    expect(runReference(fftOp, [hostValue([0, 3], 'c64')], attributes([0]))[0]!.data).toHaveLength(0);
  });
});
