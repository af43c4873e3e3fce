import { auc, bootstrap, kendallTau, leaveOneFamilyOut, ols, spearman } from '@adjoint/mri';
import { ArgumentError, NumericalError } from '@adjoint/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

// Expected numbers: scipy 1.17.1 (`from scipy import stats`) and numpy, by the command beside them.
const x = [1.2, 2.3, 3.1, 4.8, 5.0, 6.7, 7.1, 8.9];
const y = [2.1, 2.9, 3.9, 5.1, 5.6, 7.9, 7.2, 9.8];
const tiedX = [1, 2, 2, 3, 4, 5, 5, 5, 7];
const tiedY = [1, 3, 2, 2, 5, 5, 4, 6, 6];

describe('ols', () => {
  it('is scipy’s: r = stats.linregress(x, y); r.slope ± stats.t.ppf(.975, 6) * r.stderr', () => {
    const fit = ols(x, y);
    expect(fit.slope).toBeCloseTo(0.9947163296801026, 12);
    expect(fit.intercept).toBeCloseTo(0.7008239386884982, 12);
    expect(fit.r2).toBeCloseTo(0.9818586264542949, 12);
    expect(fit.slopeInterval.low).toBeCloseTo(0.8596483046512966, 10);
    expect(fit.slopeInterval.high).toBeCloseTo(1.1297843547089086, 10);
    expect(fit.interceptInterval.low).toBeCloseTo(-0.037261336720631366, 10);
    expect(fit.interceptInterval.high).toBeCloseTo(1.4389092140976278, 10);
    expect(fit.n).toBe(8);
  });

  it('finds a line exactly', () => {
    const fit = ols([0, 1, 2, 5], [1, 3, 5, 11]);
    expect(fit).toMatchObject({ slope: 2, intercept: 1, r2: 1, residualDeviation: 0 });
    expect(fit.slopeInterval).toMatchObject({ low: 2, high: 2 });
  });

  it('has unbounded intervals for two points, and no R² for constant y', () => {
    const two = ols([0, 2], [1, 2]);
    expect(two).toMatchObject({ slope: 0.5, intercept: 1, r2: 1, residualDeviation: 0 });
    expect(two.slopeInterval).toMatchObject({ low: -Infinity, high: Infinity });
    expect(ols([0, 1, 2], [4, 4, 4])).toMatchObject({ slope: 0, intercept: 4, r2: Number.NaN });
  });

  it('refuses constant x, unequal lengths, and numbers that are none', () => {
    expect(() => ols([1, 1], [1, 2])).toThrow(NumericalError);
    expect(() => ols([1, 2], [1, 2, 3])).toThrow(ArgumentError);
    expect(() => ols([1], [1])).toThrow(ArgumentError);
    expect(() => ols([1, Infinity], [1, 2])).toThrow('x[1]');
  });
});

describe('leaveOneFamilyOut', () => {
  it('fits the other families', () => {
    const families = ['a', 'b', 'a', 'c', 'b', 'c', 'a', 'b'];
    const fits = leaveOneFamilyOut(x, y, families);
    expect([...fits.keys()]).toEqual(['a', 'b', 'c']);
    expect(fits.get('b')).toEqual(ols([1.2, 3.1, 4.8, 6.7, 7.1], [2.1, 3.9, 5.1, 7.9, 7.2]));
  });

  it('shows that one family carries a fit', () => {
    const near = Array.from({ length: 4 }, () => 'near');
    const fits = leaveOneFamilyOut([0, 1, 0, 1, 10, 11], [0, 0, 1, 1, 10, 11], [...near, 'far', 'far']);
    expect(ols([0, 1, 0, 1, 10, 11], [0, 0, 1, 1, 10, 11]).r2).toBeGreaterThan(0.98);
    expect(() => leaveOneFamilyOut([0, 1], [0, 1], ['one', 'one'])).toThrow(ArgumentError);
    expect(fits.get('far')!.r2).toBeCloseTo(0, 12);
  });
});

describe('kendallTau', () => {
  it('is scipy’s: stats.kendalltau(x, y).statistic', () => {
    expect(kendallTau(x, y)).toBeCloseTo(0.9285714285714285, 12);
    expect(kendallTau(tiedX, tiedY)).toBeCloseTo(0.7693218186208295, 12);
    expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
  });

  it('is NaN where there is no order', () => {
    expect(kendallTau([1, 1], [1, 2])).toBeNaN();
  });
});

describe('spearman', () => {
  it('is scipy’s: stats.spearmanr(x, y).statistic', () => {
    expect(spearman(tiedX, tiedY)).toBeCloseTo(0.8836535251911141, 12);
    expect(spearman([1, 2, 3], [1, 8, 27])).toBeCloseTo(1, 12);
  });
});

describe('auc', () => {
  const positives = [0.9, 0.8, 0.7, 0.7, 0.55, 0.4];
  const negatives = [0.7, 0.6, 0.5, 0.3, 0.2];
  const scores = [...positives, ...negatives];
  const labels = scores.map((_, i) => i < positives.length);

  // m = [[1 if a > b else .5 if a == b else 0 for b in neg] for a in pos] as an array, A = m.mean()
  // A - stats.norm.ppf(.975)*sqrt(m.mean(1).var(ddof=1)/6 + m.mean(0).var(ddof=1)/5); also mannwhitneyu(pos, neg)/30
  it('is Mann and Whitney’s share, with DeLong’s interval', () => {
    const interval = auc(scores, labels);
    expect(interval.estimate).toBeCloseTo(0.8, 12);
    expect(interval.low).toBeCloseTo(0.5266960801148144, 8);
    expect(interval.high).toBe(1);
    // stats.norm.ppf: .75 -> 0.6744897501960817, .999 -> 3.090232306167813; the standard error is
    // 0.13944333775567927
    const half = auc(scores, labels, { level: 0.5 });
    expect(half.high).toBeCloseTo(0.8 + 0.6744897501960817 * 0.13944333775567927, 8);
    expect(auc(scores, labels, { level: 0.998 }).low).toBeCloseTo(
      0.8 - 3.090232306167813 * 0.13944333775567927,
      8,
    );
  });

  it('is 1, 0 and 1/2 where it must be', () => {
    expect(auc([3, 4, 1, 2], [true, true, false, false]).estimate).toBe(1);
    expect(auc([1, 2, 3, 4], [true, true, false, false]).estimate).toBe(0);
    expect(auc([1, 1, 1], [true, false, true])).toMatchObject({ estimate: 0.5, low: 0.5, high: 0.5 });
  });

  it('takes a bootstrap by subject where clusters are given', () => {
    const clusters = scores.map((_, i) => i % 4);
    const interval = auc(scores, labels, { clusters, seed: 2, resamples: 500 });
    expect(interval.estimate).toBeCloseTo(0.8, 12);
    expect(interval).toEqual(auc(scores, labels, { clusters, seed: 2, resamples: 500 }));
    expect(interval.low).toBeLessThan(0.8);
    expect(interval.low).toBeGreaterThan(0.4);
    expect(interval.high).toBeLessThanOrEqual(1);
  });

  it('refuses one kind only', () => {
    expect(() => auc([1, 2], [true, true])).toThrow('labels');
    expect(() => auc([1, 2], [true])).toThrow('labels');
    expect(() => auc([1, Number.NaN], [true, false])).toThrow('scores[1]');
  });
});

describe('properties', () => {
  const points = fc.array(
    fc.record({ a: fc.integer({ min: -20, max: 20 }), b: fc.integer({ min: -20, max: 20 }) }),
    { minLength: 3, maxLength: 15 },
  );
  const columns = (list: readonly { a: number; b: number }[]): [number[], number[]] => [
    list.map((p) => p.a),
    list.map((p) => p.b),
  ];
  const varied = points.filter(
    (list) => new Set(list.map((p) => p.a)).size > 1 && new Set(list.map((p) => p.b)).size > 1,
  );

  it('order does not matter', () => {
    fc.assert(
      fc.property(varied, fc.nat(), (list, shift) => {
        const rotated = list.map((_, i) => list[(i + shift) % list.length]!);
        const [[a, b], [ra, rb]] = [columns(list), columns(rotated)];
        expect(ols(ra, rb).slope).toBeCloseTo(ols(a, b).slope, 9);
        expect(ols(ra, rb).r2).toBeCloseTo(ols(a, b).r2, 9);
        expect(kendallTau(ra, rb)).toBe(kendallTau(a, b));
        expect(spearman(ra, rb)).toBeCloseTo(spearman(a, b), 9);
      }),
    );
  });

  it('ranks do not change under increasing functions, and reverse under decreasing ones', () => {
    fc.assert(
      fc.property(varied, (list) => {
        const [a, b] = columns(list);
        expect(kendallTau(a, b.map(Math.exp))).toBe(kendallTau(a, b));
        expect(
          spearman(
            a,
            b.map((value) => value ** 3),
          ),
        ).toBeCloseTo(spearman(a, b), 9);
        expect(
          kendallTau(
            a,
            b.map((value) => -value),
          ),
        ).toBeCloseTo(-kendallTau(a, b), 12);
      }),
    );
  });

  it('exchanging the kinds reverses the area', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { minLength: 4, maxLength: 12 }), (scores) => {
        const labels = scores.map((_, i) => i % 2 === 0);
        const [one, other] = [
          auc(scores, labels),
          auc(
            scores,
            labels.map((label) => !label),
          ),
        ];
        expect(one.estimate + other.estimate).toBeCloseTo(1, 12);
        expect(one.low).toBeCloseTo(1 - other.high, 9);
      }),
    );
  });

  it('R² of a bootstrap is between 0 and 1', () => {
    const list = x.map((a, i) => ({ a, b: y[i]! }));
    const { low, high } = bootstrap(list, (sample) => ols(...columns(sample)).r2, { resamples: 200 });
    expect(low).toBeGreaterThan(0.9);
    expect(high).toBeLessThanOrEqual(1);
  });
});
