import { ArgumentError, checkInteger, checkNumber } from '@adjoint/tensor';
import { MersenneTwister } from './mersenneTwister.js';

/** A number, a key of several numbers, or text: its code points are the key, as fastMRI seeds by file name. */
export type Seed = number | string | readonly number[];

const WORD = 2 ** 32;

/**
 * NumPy's legacy `RandomState`: equal seeds give the numbers that `numpy.random.RandomState(seed)` gives, to the
 * last bit, method by method and in any mixture of calls. For masks and splits that must equal published ones;
 * tensors of random numbers come from `key` and `randn`.
 *
 * Text seeds by its code points: fastMRI takes the file name with its extension (`file1000769.h5`), which gives
 * every slice of a volume the same mask.
 *
 * @example new NumpyRandom(42).random()                 // 0.3745401188473625
 * @example new NumpyRandom('file1000769.h5').random()   // 0.19974954330047368
 * @throws ArgumentError for a seed that is not made of integers in [0, 2^32), or an empty one
 */
export class NumpyRandom {
  private readonly generator: MersenneTwister;
  private spareNormal: number | undefined;

  constructor(seed: Seed) {
    this.generator = new MersenneTwister(checkSeed('NumpyRandom', seed));
  }

  /** Uniform in [0, 1) with 53 random bits: `random_sample()`, `uniform()`. */
  random(): number {
    const high = this.generator.uint32() >>> 5;
    const low = this.generator.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /**
   * An integer in [low, high), uniformly: `randint(low, high)`, or [0, low) with one argument. Rejects draws beyond
   * the range after masking them; a range of one integer draws nothing.
   */
  randint(low: number, high?: number): number {
    const fn = 'NumpyRandom.randint';
    const [first, end] = high === undefined ? [0, low] : [low, high];
    checkInteger(fn, 'low', first);
    checkInteger(fn, 'high', end, { min: first + 1, max: first + WORD });
    return first + this.upTo(end - first - 1);
  }

  /** An integer in [0, last]. */
  private upTo(last: number): number {
    if (last === 0) return 0;
    const mask = 2 ** (32 - Math.clz32(last)) - 1;
    for (;;) {
      const drawn = (this.generator.uint32() & mask) >>> 0;
      if (drawn <= last) return drawn;
    }
  }

  /** Puts an array into random order, in place: `shuffle`. */
  shuffle(items: { [index: number]: unknown; readonly length: number }): void {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.upTo(i);
      [items[i], items[j]] = [items[j], items[i]];
    }
  }

  /** 0 … n − 1 in random order: `permutation(n)`. */
  permutation(n: number): number[] {
    checkInteger('NumpyRandom.permutation', 'n', n, { min: 0, max: WORD });
    const order = Array.from({ length: n }, (_, i) => i);
    this.shuffle(order);
    return order;
  }

  /** `size` of the numbers 0 … n − 1: `choice(n, size, replace)`, all equally probable. */
  choice(n: number, size: number, { replace = true }: { replace?: boolean } = {}): number[] {
    const fn = 'NumpyRandom.choice';
    checkInteger(fn, 'n', n, { min: 1, max: WORD });
    checkInteger(fn, 'size', size, replace ? { min: 0 } : { min: 0, max: n });
    if (replace) return Array.from({ length: size }, () => this.upTo(n - 1));
    return this.permutation(n).slice(0, size);
  }

  /** Normally distributed: `normal(mean, standardDeviation)`, by the polar method in pairs. */
  normal(mean = 0, standardDeviation = 1): number {
    checkNumber('NumpyRandom.normal', 'mean', mean);
    checkNumber('NumpyRandom.normal', 'standardDeviation', standardDeviation, { min: 0 });
    return mean + standardDeviation * this.standardNormal();
  }

  private standardNormal(): number {
    if (this.spareNormal !== undefined) {
      const spare = this.spareNormal;
      this.spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.random() - 1;
      const y = 2 * this.random() - 1;
      const r2 = x * x + y * y;
      if (r2 >= 1 || r2 === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(r2)) / r2);
      this.spareNormal = factor * x;
      return factor * y;
    }
  }
}

/** What MT19937 is seeded with. */
function checkSeed(fn: string, seed: Seed): number | number[] {
  if (typeof seed === 'number') return checkWord(fn, 'seed', seed);
  const key = typeof seed === 'string' ? Array.from(seed, (letter) => letter.codePointAt(0)!) : seed;
  if (!Array.isArray(key) || key.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'seed',
      expected: 'an integer, some text, or a non-empty array of integers',
      got: Array.isArray(key) || seed === '' ? 'an empty one' : String(typeof seed),
    });
  return key.map((word, i) => checkWord(fn, `seed[${i}]`, word));
}

const checkWord = (fn: string, argument: string, value: unknown): number =>
  checkInteger(fn, argument, value, { min: 0, max: WORD - 1 });
