import { unitRoot } from './unitRoot.js';

const floatWords = (values: readonly number[]): Int32Array =>
  new Int32Array(Float32Array.from(values).buffer);

/** Words of the constant table of a plan under construction: programs, roots and lists of legs. */
export class TableBuilder {
  private readonly words: number[] = [];
  private readonly known = new Map<string, number>();

  /** Appends i32 words; returns their byte offset. */
  append(words: Iterable<number>): number {
    const offset = 4 * this.words.length;
    for (const value of words) this.words.push(value);
    return offset;
  }

  /** Appends f32 values once per key. */
  floats(key: string, values: () => readonly number[]): number {
    let offset = this.known.get(key);
    if (offset === undefined) this.known.set(key, (offset = this.append(floatWords(values()))));
    return offset;
  }

  /** Twiddle factors w^{pk}, w = exp(−2πi/(r·m)), in the order of use: p < m, then k = 1 … r − 1. */
  twiddles(radix: number, m: number): number {
    return this.floats(`twiddles ${radix} ${m}`, () => {
      const values: number[] = [];
      for (let p = 0; p < m; p++) for (let k = 1; k < radix; k++) values.push(...unitRoot(-p * k, radix * m));
      return values;
    });
  }

  /** cos, sin of 2πj/r for j = 1 … (r−1)/2. */
  symmetricConstants(radix: number): number {
    return this.floats(`constants ${radix}`, () =>
      Array.from({ length: (radix - 1) >> 1 }, (_, i) => unitRoot(i + 1, radix)).flat(),
    );
  }

  /** cos, sin of 2πjk/p in the order of `primePass`: pairs (k, k + 1), then j, then the two k. */
  primeConstants(p: number): number {
    return this.floats(`prime ${p}`, () => {
      const half = (p - 1) / 2;
      const values: number[] = [];
      for (let k = 1; k <= half; k += 2)
        for (let j = 1; j <= half; j++)
          for (let i = k; i <= Math.min(k + 1, half); i++) values.push(...unitRoot(j * i, p));
      return values;
    });
  }

  finish(): Int32Array {
    return Int32Array.from(this.words);
  }
}

export const floatWord = (value: number): number => floatWords([value])[0]!;
