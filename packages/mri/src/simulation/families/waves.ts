import type { Draws } from '../draws.js';

/** A sum of plane waves cos(2π f·r + shift) with random directions: band-passed noise given by a formula. */
export interface Waves {
  readonly list: readonly Wave[];
}

interface Wave {
  readonly fy: number;
  readonly fx: number;
  /** How fast the wave moves from slice to slice, in radians per unit of z. */
  readonly drift: number;
  readonly shift: number;
}

export interface WaveOptions {
  readonly count: number;
  /** Cycles per field of view. */
  readonly from: number;
  readonly to: number;
  /** Directions within this angle of the x axis; default π, every direction. */
  readonly spread?: number | undefined;
}

/** Numbers that `drawWaves` takes per wave. */
export const drawsPerWave = 4;

export function drawWaves(random: Draws, { count, from, to, spread = Math.PI }: WaveOptions): Waves {
  const list = Array.from({ length: count }, () => {
    const frequency = random.between(from, to);
    const direction = random.between(-spread, spread);
    return {
      fy: frequency * Math.sin(direction),
      fx: frequency * Math.cos(direction),
      drift: random.between(-2, 2),
      shift: random.between(0, 2 * Math.PI),
    };
  });
  return { list };
}

/**
 * The waves on the pixels of a square grid, with standard deviation 1 over shifts. The cosine of a sum is taken
 * apart, so that a wave costs two products a pixel.
 */
export function sampleWaves({ list }: Waves, at: Float64Array, z: number): Float64Array {
  const size = at.length;
  const values = new Float64Array(size * size);
  const scale = Math.sqrt(2 / list.length);
  for (const { fy, fx, drift, shift } of list) {
    const columns = at.map((x) => scale * Math.cos(2 * Math.PI * fx * x));
    const turned = at.map((x) => scale * Math.sin(2 * Math.PI * fx * x));
    for (const [row, y] of at.entries()) {
      const angle = 2 * Math.PI * fy * y + drift * z + shift;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let column = 0; column < size; column++)
        values[row * size + column]! += c * columns[column]! - s * turned[column]!;
    }
  }
  return values;
}
