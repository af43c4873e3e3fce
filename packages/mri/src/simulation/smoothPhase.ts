import {
  checkInteger,
  checkNumber,
  checkOptions,
  type Key,
  real,
  scope,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { checkGrid } from './coilMaps.js';
import { type Draws, drawsOf, seedKey } from './draws.js';
import { evaluateSeries } from './fourierSeries.js';

export interface SmoothPhaseOptions {
  /** [H, W] */
  readonly shape: readonly number[];
  /** Default 0. */
  readonly seed?: number | undefined;
  /** Standard deviation over seeds, in radians, at any pixel; default 0.7. */
  readonly strength?: number | undefined;
  /** Waves per field of view are at most this; default 2. */
  readonly modes?: number | undefined;
}

/**
 * A smooth random phase in radians, f32 [H, W]: φ(r) = φ_0 + Σ_f a_f cos(2π f·r + s_f) over the few frequencies
 * |f_y|, |f_x| <= modes, amplitudes falling as 1/(1 + |f|²)². A formula of the position in the field of view: the
 * same seed gives the same phase on any grid.
 *
 * @throws ArgumentError, ShapeError
 */
export async function smoothPhase(options: SmoothPhaseOptions): Promise<Tensor> {
  const fn = 'smoothPhase';
  checkOptions(fn, options, ['shape', 'seed', 'strength', 'modes']);
  const shape = checkGrid(fn, 'option shape', options.shape);
  using root = seedKey(checkInteger(fn, 'option seed', options.seed ?? 0), 'phase');
  return await drawPhase(fn, root, { ...options, shape });
}

export interface PhaseShape {
  readonly shape: readonly [number, number];
  readonly strength?: number | undefined;
  readonly modes?: number | undefined;
}

/** `smoothPhase` from a key. */
export async function drawPhase(fn: string, root: Key, options: PhaseShape): Promise<Tensor> {
  const { shape } = options;
  const strength = checkNumber(fn, 'option strength', options.strength ?? 0.7, { min: 0 });
  const modes = checkInteger(fn, 'option modes', options.modes ?? 2, { min: 1, max: 16 });
  const order = 2 * modes;
  const frequencies = halfPlane(order);
  const random = await drawsOf(root, 1 + 2 * frequencies.length);
  const constant = random.between(-Math.PI, Math.PI);
  const values = drawCoefficients(random, frequencies, order, strength);
  values[2 * middleOf(order)] = constant;
  return scope(() => {
    const span = 2 * order + 1;
    const coefficients = tensor(values, { dtype: 'c64', shape: [span, span] });
    return real(evaluateSeries({ order, coefficients }, shape));
  });
}

const middleOf = (order: number): number => order * (2 * order + 1) + order;

/** One of each pair m, -m of orders, not 0. */
function halfPlane(order: number): (readonly [number, number])[] {
  const list: [number, number][] = [];
  for (let my = 0; my <= order; my++)
    for (let mx = -order; mx <= order; mx++) if (my > 0 || mx > 0) list.push([my, mx]);
  return list;
}

/** Interleaved c_m of φ = Re Σ c_m exp(iπ m·r), m in half waves per field of view: a wave may be longer than that. */
function drawCoefficients(
  random: Draws,
  orders: readonly (readonly [number, number])[],
  order: number,
  strength: number,
): Float64Array {
  const decay = orders.map(([my, mx]) => 1 / (1 + (my * my + mx * mx) / 4) ** 2);
  // E[(a u cos)²] = a²/6 for u uniform in [-1, 1] and a random shift
  const total = Math.sqrt(decay.reduce((sum, a) => sum + (a * a) / 6, 0));
  const values = new Float64Array(2 * (2 * order + 1) ** 2);
  for (const [i, [my, mx]] of orders.entries()) {
    const shift = random.between(0, 2 * Math.PI);
    const size = (strength / total) * decay[i]! * random.between(-1, 1);
    const at = 2 * (middleOf(order) + my * (2 * order + 1) + mx);
    values[at] = size * Math.cos(shift);
    values[at + 1] = size * Math.sin(shift);
  }
  return values;
}
