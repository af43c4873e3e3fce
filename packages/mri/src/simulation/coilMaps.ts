import {
  ArgumentError,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  checkShape,
  formatShape,
  ShapeError,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { type CoilField, gaussianCoil, loopCoil, type RingCoil } from './coilField.js';
import { type Draws, drawsOf, seedKey } from './draws.js';
import { positions } from './grid.js';

export interface CoilRingOptions {
  /** How many stand on the ring; default 8. */
  readonly coils?: number | undefined;
  /** Rotation of the ring and phases of the coils; default 0. */
  readonly seed?: number | undefined;
  /** `gaussian` profiles with linear phases (default), or `loops` of wire. */
  readonly model?: 'gaussian' | 'loops' | undefined;
  /** Of the ring, in fields of view; default 0.5, and 0.75 for loops, whose wires must stay outside the image. */
  readonly radius?: number | undefined;
  /**
   * Gaussian: w of exp(-d²/w), d in fields of view; default 0.5. Loops: radius of a loop, default 0.3.
   */
  readonly width?: number | undefined;
  /** Largest slope of a Gaussian coil's phase, in radians per field of view; default 2. */
  readonly phaseSlope?: number | undefined;
}

export interface CoilMapsOptions extends CoilRingOptions {
  /** Of the maps: [H, W]. */
  readonly shape: readonly number[];
}

export const coilOptionNames = ['coils', 'seed', 'model', 'radius', 'width', 'phaseSlope'] as const;

/**
 * Smooth analytic sensitivities of coils evenly spaced on a ring, c64 [coils, H, W], with Σ_c |S_c|² = 1 at every
 * pixel. They are formulas of the position in the field of view (pixel ⌊n/2⌋ is its centre, its sides have length
 * 1), so the same seed gives the same coils on any grid.
 *
 * `gaussian`: S_c(r) ∝ exp(-|r - r_c|²/w) exp(i(φ_c + g_c·r)), as in the study's small-scale protocol.
 * `loops`: the field B_x - i B_y of circular wire loops that face the centre (Biot-Savart), with more contrast
 * between coils and the phase that belongs to it.
 *
 * @throws ArgumentError, ShapeError
 * @example const maps = await coilMaps({ shape: [256, 256], coils: 8, seed: 3 });
 */
export async function coilMaps(options: CoilMapsOptions): Promise<Tensor> {
  const fn = 'coilMaps';
  checkOptions(fn, options, ['shape', ...coilOptionNames]);
  const shape = checkGrid(fn, 'option shape', options.shape);
  const { shape: _, ...ring } = options;
  const fields = await coilFields(fn, ring);
  return sampleFields(fields, shape);
}

/** A grid of two axes, neither empty. */
export function checkGrid(fn: string, argument: string, value: unknown): readonly [number, number] {
  const shape = checkShape(fn, argument, value);
  const [height, width] = shape;
  if (shape.length !== 2 || !height || !width)
    throw new ShapeError({ fn, argument, expected: '[H, W], both > 0', got: formatShape(shape) });
  return [height, width];
}

/** The coils of `options` as formulas, not normalised. */
export async function coilFields(fn: string, options: CoilRingOptions): Promise<CoilField[]> {
  const model = checkChoice(fn, 'option model', options.model ?? 'gaussian', ['gaussian', 'loops'] as const);
  const isLoop = model === 'loops';
  const count = checkInteger(fn, 'option coils', options.coils ?? 8, { min: 1, max: 256 });
  const width = checkNumber(fn, 'option width', options.width ?? (isLoop ? 0.3 : 0.5), { positive: true });
  const radius = checkNumber(fn, 'option radius', options.radius ?? (isLoop ? 0.75 : 0.5), {
    positive: true,
  });
  const phaseSlope = checkNumber(fn, 'option phaseSlope', options.phaseSlope ?? 2, { min: 0 });
  if (isLoop && radius <= Math.SQRT1_2)
    throw new ArgumentError({
      fn,
      argument: 'option radius',
      expected: '> 0.7071 for loops',
      got: String(radius),
      remedy: 'A wire inside the image would make the field infinite there.',
    });
  using root = seedKey(checkInteger(fn, 'option seed', options.seed ?? 0), 'coils');
  const random = await drawsOf(root, 1 + 3 * count);
  const ring = ringCoils(random, count, radius, phaseSlope);
  return ring.map((coil) => (isLoop ? loopCoil(coil, width) : gaussianCoil(coil, width)));
}

function ringCoils(random: Draws, count: number, radius: number, phaseSlope: number): RingCoil[] {
  const rotation = random.between(0, 2 * Math.PI);
  return Array.from({ length: count }, (_, c) => {
    const angle = rotation + (2 * Math.PI * c) / count;
    return {
      y: radius * Math.sin(angle),
      x: radius * Math.cos(angle),
      offset: random.between(-Math.PI, Math.PI),
      slopeY: random.between(-phaseSlope, phaseSlope),
      slopeX: random.between(-phaseSlope, phaseSlope),
    };
  });
}

/** The fields on a grid, c64 [coils, H, W], divided by their root sum of squares. */
export function sampleFields(fields: readonly CoilField[], shape: readonly [number, number]): Tensor {
  const [ys, xs] = [positions(shape[0]), positions(shape[1])];
  const pixels = ys.length * xs.length;
  const values = new Float32Array(2 * fields.length * pixels);
  const at = fields.map(() => new Float64Array(2));
  for (let i = 0; i < pixels; i++) {
    let power = 0;
    for (const [c, field] of fields.entries()) {
      const out = at[c]!;
      field(ys[Math.floor(i / xs.length)]!, xs[i % xs.length]!, out);
      power += out[0]! * out[0]! + out[1]! * out[1]!;
    }
    const scale = 1 / Math.sqrt(power);
    for (const [c, out] of at.entries()) {
      values[2 * (c * pixels + i)] = out[0]! * scale;
      values[2 * (c * pixels + i) + 1] = out[1]! * scale;
    }
  }
  return tensor(values, { dtype: 'c64', shape: [fields.length, ...shape] });
}
