import {
  bootstrap,
  coefficientOfVariation,
  type Interval,
  normalInterval,
  pairedDifference,
  tInterval,
} from '@adjoint/mri';
import { ArgumentError, NumericalError } from '@adjoint/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// Expected numbers: scipy 1.17.1 and numpy, each by the command beside it, with `from scipy import stats` and
// x = [1.2, 2.3, 3.1, 4.8, 5.0, 6.7, 7.1, 8.9], d = numpy.array([.5, -.2, .9, .3, .4, .8]).
const x = [1.2, 2.3, 3.1, 4.8, 5.0, 6.7, 7.1, 8.9];
const d = [0.5, -0.2, 0.9, 0.3, 0.4, 0.8];
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function expectInterval({ estimate, low, high }: Interval, expected: readonly number[], digits = 10): void {
  [estimate, low, high].forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, digits);
  });
}

describe('tInterval', () => {
  it('is scipy’s: stats.t.interval(.95, 7, numpy.mean(x), stats.sem(x))', () => {
    expectInterval(tInterval(x), [4.8875, 2.7031060684449044, 7.0718939315550955]);
    expect(tInterval(x)).toMatchObject({ level: 0.95, n: 8 });
    expect(tInterval(Float64Array.from(x))).toEqual(tInterval(x));
  });

  // the half width of two values ±1 is the quantile of one degree of freedom; of n values it is t s/√n
  it.each([
    [0.95, 2, 12.706204736174694], // stats.t.ppf(.975, n - 1)
    [0.95, 3, 4.302652729749462],
    [0.95, 6, 2.5705818356363146],
    [0.95, 31, 2.0422724563012378],
    [0.95, 1001, 1.9623390808264083],
    [0.95, 100_001, 1.9599877075346095],
    [0.9, 5, 2.1318467863266495],
    [0.99, 2, 63.656741162871526],
    [0.5, 3, 0.8164965809277261],
    [0.999, 8, 5.407882520861828],
    [0.99998, 4, 47.92772837600671],
  ])('takes Student’s quantile: level %f, n = %i', (level, n, quantile) => {
    const values = Array.from({ length: n }, (_, i) => Math.sin(i));
    const { estimate, high } = tInterval(values, { level });
    const variance = values.reduce((sum, value) => sum + (value - estimate) ** 2, 0) / (n - 1);
    expect((high - estimate) / Math.sqrt(variance / n) / quantile).toBeCloseTo(1, 9);
  });

  it('is unbounded for one value, and a point for equal values', () => {
    expect(tInterval([3])).toMatchObject({ estimate: 3, low: -Infinity, high: Infinity });
    expect(tInterval([3, 3, 3])).toMatchObject({ estimate: 3, low: 3, high: 3 });
  });
});

describe('normalInterval', () => {
  it('is mean ± 1.96 s/√n: d.mean() ± 1.96 * stats.sem(d)', () => {
    expectInterval(normalInterval(d), [0.45, 0.13497407514089677, 0.7650259248591033]);
    expect(normalInterval([3])).toMatchObject({ low: -Infinity, high: Infinity });
  });
});

describe('bootstrap', () => {
  // R = numpy.random.RandomState(7); v = numpy.array(x)
  // b = [v[R.randint(0, 8, 8)].mean() for _ in range(500)]; numpy.percentile(b, [2.5, 97.5]), (b, [10, 90])
  it('draws NumPy’s samples and takes NumPy’s percentiles', () => {
    const options = { seed: 7, resamples: 500 };
    expectInterval(bootstrap(x, mean, options), [4.8875, 3.1934375, 6.637499999999999]);
    expectInterval(bootstrap(x, mean, { ...options, level: 0.8 }), [4.8875, 3.6625, 6.0525]);
  });

  // stats.bootstrap((x,), numpy.mean, n_resamples=200000, method='percentile'): 3.2125, 6.6125
  it('agrees with scipy’s interval up to the draw', () => {
    const { low, high } = bootstrap(x, mean);
    expect(Math.abs(low - 3.2125)).toBeLessThan(0.06);
    expect(Math.abs(high - 6.6125)).toBeLessThan(0.06);
  });

  // R = numpy.random.RandomState(3); g = [[1, 2, 3], [10], [5, 6]]
  // b = [numpy.mean(sum([g[k] for k in R.randint(0, 3, 3)], [])) for _ in range(400)]; numpy.percentile(b, [2.5,
  // 97.5])
  it('draws whole subjects, wherever their items stand', () => {
    const items = [1, 10, 2, 5, 3, 6];
    const clusters = ['a', 'b', 'a', 'c', 'a', 'c'];
    const interval = bootstrap(items, mean, { clusters, seed: 3, resamples: 400 });
    expectInterval(interval, [4.5, 2, 10]);
  });

  it('is wider by subject than by image where images of a subject resemble each other', () => {
    const clusters = Array.from({ length: 60 }, (_, i) => i % 6);
    const values = clusters.map((subject, i) => 10 * subject + Math.sin(i));
    const width = ({ low, high }: Interval) => high - low;
    const byImage = bootstrap(values, mean, { resamples: 500 });
    expect(width(bootstrap(values, mean, { clusters, resamples: 500 }))).toBeGreaterThan(2 * width(byImage));
  });

  it('takes items of any kind, and leaves out samples without a statistic', () => {
    const slope = (points: readonly { x: number; y: number }[]) => {
      const [mx, my] = [mean(points.map((p) => p.x)), mean(points.map((p) => p.y))];
      const sxx = points.reduce((sum, p) => sum + (p.x - mx) ** 2, 0);
      return points.reduce((sum, p) => sum + (p.x - mx) * (p.y - my), 0) / sxx;
    };
    const points = [0, 1, 2].map((i) => ({ x: i, y: 3 * i + 1 }));
    expectInterval(bootstrap(points, slope, { resamples: 200 }), [3, 3, 3]);
  });

  it('is reproducible, and another for another seed', () => {
    const at = (seed: number | string) => bootstrap(x, mean, { seed, resamples: 200 });
    expect(at('study')).toEqual(at('study'));
    expect(at(1).low).not.toBe(at(2).low);
  });

  it('covers the truth about as often as it says', () => {
    // 20 exponential values: percentile intervals of 95 % cover about 90 % of the time
    let covered = 0;
    for (let run = 0; run < 200; run++) {
      const values = Array.from({ length: 20 }, (_, i) => -Math.log(fraction(run * 20 + i)));
      const { low, high } = bootstrap(values, mean, { seed: run, resamples: 400 });
      if (low <= 1 && 1 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(165);
    expect(covered).toBeLessThan(198);
  });

  it('is unbounded for a single subject', () => {
    expect(bootstrap([1, 2, 3], mean, { clusters: ['a', 'a', 'a'] })).toMatchObject({
      estimate: 2,
      low: -Infinity,
      high: Infinity,
    });
  });

  it('refuses what it cannot treat', () => {
    expect(() => bootstrap([], mean)).toThrow(ArgumentError);
    expect(() => bootstrap([1, 2], mean, { clusters: ['a'] })).toThrow('clusters');
    expect(() => bootstrap([1, 2], mean, { resamples: 0 })).toThrow('resamples');
    expect(() => bootstrap([1, 2], mean, { level: 1 })).toThrow('level');
    expect(() => bootstrap([1, Number.NaN], mean)).toThrow(NumericalError);
    // the mean of the one item that is positive, but most samples have none
    const rare = (sample: readonly number[]) => mean(sample.filter((value) => value > 0).slice(0, 1));
    expect(() => bootstrap([1, -1, -2], (s) => (s.includes(-2) ? rare(s) : Number.NaN))).toThrow(
      NumericalError,
    );
  });
});

/** Numbers in (0, 1) that look random: multiples of the golden section, modulo 1, and shuffled by a sine. */
const fraction = (i: number): number => {
  const value = Math.abs(Math.sin(12.9898 * (i + 1)) * 43758.5453);
  return Math.max(value - Math.floor(value), 1e-9);
};

describe('pairedDifference', () => {
  const base = [10, 20, 15, 30, 5, 8];
  const changed = base.map((value, i) => value - d[i]!);

  it('takes the mean of differences, by any method', () => {
    // stats.t.interval(.9, 5, d.mean(), stats.sem(d))
    const t = pairedDifference(base, changed, { method: 't', level: 0.9 });
    expectInterval(t, [0.45, 0.12612628701782264, 0.7738737129821771]);
    expectInterval(
      pairedDifference(base, changed, { method: 'normal' }),
      [0.45, 0.13497407514089677, 0.7650259248591033],
    );
    const differences = base.map((value, i) => value - changed[i]!);
    const clusters = [1, 1, 2, 2, 3, 3];
    expect(pairedDifference(base, changed, { clusters, seed: 5 })).toEqual(
      bootstrap(differences, mean, { clusters, seed: 5 }),
    );
  });

  it('refuses unequal lengths, and options that the method does not use', () => {
    expect(() => pairedDifference([1, 2], [1])).toThrow('as long as a, 2');
    expect(() => pairedDifference([1], [Number.NaN])).toThrow('b[0]');
    expect(() => pairedDifference(base, changed, { method: 't', clusters: [1, 1, 2, 2, 3, 3] })).toThrow(
      'clusters',
    );
    expect(() => pairedDifference(base, changed, { method: 'normal', level: 0.9 })).toThrow('level');
    expect(() => pairedDifference(base, changed, { method: 'exact' as 't' })).toThrow('method');
  });
});

describe('coefficientOfVariation', () => {
  it('is scipy’s: stats.variation(x, ddof=1)', () => {
    expect(coefficientOfVariation(x)).toBeCloseTo(0.5345976496428805, 12);
    expect(coefficientOfVariation(x.map((value) => -value))).toBeCloseTo(0.5345976496428805, 12);
    expect(coefficientOfVariation([2, 2])).toBe(0);
  });

  it('refuses a mean of 0, and single values', () => {
    expect(() => coefficientOfVariation([-1, 1])).toThrow(NumericalError);
    expect(() => coefficientOfVariation([1])).toThrow(ArgumentError);
  });
});

describe('properties', () => {
  const sample = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 12 });

  it('t intervals do not depend on the order, and move and scale with the values', () => {
    fc.assert(
      fc.property(sample, fc.double({ min: 0.1, max: 10, noNaN: true }), (values, a) => {
        const direct = tInterval(values);
        const reversed = tInterval([...values].reverse());
        const moved = tInterval(values.map((value) => a * value + 3));
        for (const bound of ['estimate', 'low', 'high'] as const) {
          expect(Math.abs(reversed[bound] - direct[bound])).toBeLessThan(1e-9);
          expect(Math.abs(moved[bound] - (a * direct[bound] + 3))).toBeLessThan(1e-7);
        }
      }),
    );
  });

  it('bootstrap intervals of the mean lie within the values and around the median of means', () => {
    fc.assert(
      fc.property(sample, fc.nat(), (values, seed) => {
        const { low, high } = bootstrap(values, mean, { seed, resamples: 100 });
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-9);
        expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-9);
      }),
      { numRuns: 50 },
    );
  });
});
