const STATE_WORDS = 624;
const SHIFT_WORDS = 397;
const TWIST = 0x9908b0df;
const UPPER_BIT = 0x80000000;
const LOWER_BITS = 0x7fffffff;
/** What init_by_array starts from before it mixes the key in. */
const ARRAY_SEED = 19650218;

/**
 * MT19937: 32-bit integers of period 2^19937 − 1, bit for bit those of NumPy's `RandomState` and of C++'s
 * `std::mt19937`. Reference: Matsumoto and Nishimura 1998, mt19937ar.c of 2002.
 */
export class MersenneTwister {
  private readonly state = new Uint32Array(STATE_WORDS);
  private next = STATE_WORDS;

  /** @param seed one integer below 2^32 (init_genrand), or a key of several (init_by_array) */
  constructor(seed: number | readonly number[]) {
    if (typeof seed === 'number') this.fillFrom(seed);
    else this.fillFromKey(seed);
  }

  private fillFrom(seed: number): void {
    const { state } = this;
    state[0] = seed;
    for (let i = 1; i < STATE_WORDS; i++) state[i] = Math.imul(1812433253, mixed(state[i - 1])) + i;
  }

  private fillFromKey(key: readonly number[]): void {
    this.fillFrom(ARRAY_SEED);
    const { state } = this;
    let i = 1;
    // both loops walk the state in a ring of words 1 … 623; word 0 holds a copy of the last
    const advance = () => {
      if (++i < STATE_WORDS) return;
      state[0] = state[STATE_WORDS - 1];
      i = 1;
    };
    for (let k = 0; k < Math.max(STATE_WORDS, key.length); k++) {
      const j = k % key.length;
      state[i] = (state[i] ^ Math.imul(mixed(state[i - 1]), 1664525)) + key[j] + j;
      advance();
    }
    for (let k = 1; k < STATE_WORDS; k++) {
      state[i] = (state[i] ^ Math.imul(mixed(state[i - 1]), 1566083941)) - i;
      advance();
    }
    state[0] = UPPER_BIT;
  }

  /** The next integer in [0, 2^32). */
  uint32(): number {
    if (this.next === STATE_WORDS) this.refill();
    let word = this.state[this.next++];
    word ^= word >>> 11;
    word ^= (word << 7) & 0x9d2c5680;
    word ^= (word << 15) & 0xefc60000;
    return (word ^ (word >>> 18)) >>> 0;
  }

  private refill(): void {
    const { state } = this;
    for (let i = 0; i < STATE_WORDS; i++) {
      const bits = (state[i] & UPPER_BIT) | (state[(i + 1) % STATE_WORDS] & LOWER_BITS);
      state[i] = state[(i + SHIFT_WORDS) % STATE_WORDS] ^ (bits >>> 1) ^ (bits & 1 ? TWIST : 0);
    }
    this.next = 0;
  }
}

const mixed = (word: number): number => word ^ (word >>> 30);
