import { NumpyRandom, type Seed } from '@adjoint/mri';
import { ArgumentError } from '@adjoint/tensor';
import { describe, expect, it } from 'vitest';

// Expected numbers: numpy 1.24.2, `r = numpy.random.RandomState(seed)` and the calls named.
const volume = 'file1000769.h5'; // RandomState(tuple(map(ord, 'file1000769.h5')))

describe('NumpyRandom', () => {
  it('gives the doubles of an integer seed', () => {
    const random = new NumpyRandom(42);
    expect([random.random(), random.random()]).toEqual([0.3745401188473625, 0.9507143064099162]);
    expect(new NumpyRandom(2 ** 32 - 1).random()).toBe(0.0976320289940138);
  });

  it('gives the doubles of a text, its code points being the key', () => {
    const random = new NumpyRandom(volume);
    expect([random.random(), random.random(), random.random()]).toEqual([
      0.19974954330047368, 0.9409423396132138, 0.9790138815930942,
    ]);
    const key = Array.from(volume, (letter) => letter.charCodeAt(0));
    expect(new NumpyRandom(key).random()).toBe(0.19974954330047368);
  });

  it('takes keys shorter and longer than its state', () => {
    expect(new NumpyRandom([1, 2, 3]).random()).toBe(0.6098612722867289);
    expect(new NumpyRandom(Array.from({ length: 700 }, (_, i) => i)).random()).toBe(0.867898393018711);
  });

  it('renews its state after 624 words', () => {
    const random = new NumpyRandom(5);
    for (let i = 0; i < 1000; i++) random.random();
    expect(random.random()).toBe(0.7162461489862848);
  });

  it('draws integers by masked rejection, and none for a range of one', () => {
    const random = new NumpyRandom(volume);
    expect([2, 3, 5, 7, 100, 368].map((n) => random.randint(0, n))).toEqual([0, 0, 4, 3, 58, 100]);
    const other = new NumpyRandom(volume);
    expect(other.randint(1)).toBe(0);
    expect(other.random()).toBe(0.19974954330047368);
  });

  it('permutes, chooses and draws wide ranges in one sequence', () => {
    const random = new NumpyRandom(7);
    expect(random.permutation(10)).toEqual([8, 5, 0, 2, 1, 9, 7, 3, 6, 4]);
    expect(random.choice(20, 5, { replace: false })).toEqual([2, 17, 1, 9, 11]);
    expect(random.choice(20, 5)).toEqual([0, 2, 9, 14, 6]);
    expect(random.randint(-5, 2 ** 31 - 1)).toBe(571958404);
    expect(random.randint(0, 2 ** 32)).toBe(1927692119);
    const items = [1, 2, 3, 4, 5];
    new NumpyRandom(0).shuffle(items);
    expect(items).toEqual([3, 1, 2, 4, 5]);
  });

  it('draws normals in pairs: normal() x 3, random_sample(), normal(2, .5)', () => {
    const random = new NumpyRandom(42);
    const draws = [random.normal(), random.normal(), random.normal(), random.random(), random.normal(2, 0.5)];
    const expected = [
      0.4967141530112327, -0.13826430117118466, 0.6476885381006925, 0.15601864044243652, 2.761514928204013,
    ];
    // logarithms of two C libraries may differ in the last bit
    draws.forEach((draw, i) => {
      expect(draw).toBeCloseTo(expected[i]!, 14);
    });
  });

  it.each([[-1], [1.5], [2 ** 32], [''], [[]], [[1, -2]], [undefined], [Number.NaN], [{}]])(
    'refuses the seed %j',
    (seed) => {
      expect(() => new NumpyRandom(seed as Seed)).toThrow(ArgumentError);
    },
  );

  it('refuses ranges without integers, or beyond 32 bits', () => {
    const random = new NumpyRandom(1);
    expect(() => random.randint(3, 3)).toThrow(ArgumentError);
    expect(() => random.randint(0)).toThrow(ArgumentError);
    expect(() => random.randint(0, 2 ** 32 + 1)).toThrow(ArgumentError);
    expect(() => random.choice(3, 4, { replace: false })).toThrow(ArgumentError);
    expect(() => random.normal(0, -1)).toThrow(ArgumentError);
  });
});
