import type { Draw } from '../ops/row.js';

/** A seeded stream of uniform numbers in [0, 1): PCG with 32 bits of state (O'Neill 2014). */
export function uniformStream(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  return () => {
    state = (Math.imul(state, 747796405) + 2891336453) >>> 0;
    const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
    return (((word >>> 22) ^ word) >>> 0) / 4294967296;
  };
}

/** Draws from any source of integers: `int(min, max)` is all a property-test library must offer. */
export function drawFrom(int: (min: number, max: number) => number): Draw {
  const shape: Draw['shape'] = ({ minRank = 0, maxRank = 4, maxSize = 5, empty = true } = {}) => {
    const rank = int(minRank, maxRank);
    // an empty axis now and then, not most of the time
    const low = empty && int(0, 9) === 9 ? 0 : 1;
    return Array.from({ length: rank }, () => int(low, maxSize));
  };
  return {
    int,
    pick: (choices) => choices[int(0, choices.length - 1)]!,
    bool: () => int(0, 1) === 1,
    shape,
    broadcastable(count, options = {}) {
      const full = shape({ minRank: 0, maxRank: 3, ...options });
      return Array.from({ length: count }, () => {
        const dropped = int(0, 2) === 0 ? int(0, full.length) : 0;
        return full.slice(dropped).map((n) => (int(0, 3) === 0 ? 1 : n));
      });
    },
  };
}

/** A reproducible draw from a seed, without a property-test library. */
export function seededDraw(seed: number): Draw {
  const next = uniformStream(seed);
  return drawFrom((min, max) => min + Math.floor(next() * (max - min + 1)));
}
