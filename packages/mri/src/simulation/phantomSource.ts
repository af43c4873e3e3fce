import {
  checkNumber,
  complex,
  cos,
  foldIn,
  type Key,
  scope,
  sin,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { type CoilRingOptions, checkGrid, coilFields, sampleFields } from './coilMaps.js';
import { checkPhantom, type EllipsePhantom } from './ellipse.js';
import { sampleSpectrum } from './ellipseKspace.js';
import {
  evaluateSeries,
  fitSeries,
  type HalfCycles,
  type HostSeries,
  multiplySpectrum,
  readSeries,
} from './fourierSeries.js';
import type { SliceSource } from './sliceSource.js';
import { drawPhase } from './smoothPhase.js';

export interface PhantomSourceOptions extends CoilRingOptions {
  /** One object, or one per slice. */
  readonly phantom: EllipsePhantom | readonly EllipsePhantom[];
  readonly shape?: readonly [height: number, width: number] | undefined;
  readonly phase?: number | undefined;
}

/** Waves up to order/2 per field of view: coils within 1e-3 of the formulas, phases within 1e-2. */
const coilOrder = 5;
const phaseOrder = 10;
/** The study grid where none is asked for. */
export const phantomGrid: readonly [number, number] = [128, 128];
/** Points per axis at which coils and phase are fitted. */
const fitPoints = 64;

/**
 * Ellipses measured exactly: coils and phase are trigonometric polynomials, fitted to the smooth formulas, so that
 * weighting with them is a short sum of shifted spectra. No image is ever sampled.
 */
export async function phantomSource(
  fn: string,
  options: PhantomSourceOptions,
  root: Key,
): Promise<SliceSource> {
  const { phantoms, isStack } = checkPhantoms(fn, options.phantom);
  const shape = checkGrid(fn, 'option shape', options.shape ?? phantomGrid);
  const strength = checkNumber(fn, 'option phase', options.phase ?? 0.7, { min: 0 });
  using samples = sampleFields(await coilFields(fn, options), [fitPoints, fitPoints]);
  const coils = await fitSeries(samples, coilOrder);
  const coilSeries = splitCoils(await readSeries(coils));
  const maps = evaluateSeries(coils, shape);
  coils.coefficients.dispose();
  const phaseKey = foldIn(root, 'phase');
  return {
    count: phantoms.length,
    isStack,
    shape,
    maps,
    oversampling: [Infinity, Infinity],
    async kspace(index) {
      using own = foldIn(phaseKey, index);
      const phase = await phaseSeries(fn, own, strength);
      const object = halfCycleSpectrum(phantoms[index]!, shape, coilOrder + phase.order);
      return weightedKspace(multiplySpectrum(object, phase, 1), coilSeries, shape);
    },
    release: () => phaseKey.dispose(),
  };
}

/** One object, or one per slice. */
export function checkPhantoms(
  fn: string,
  phantom: unknown,
): { readonly phantoms: readonly EllipsePhantom[]; readonly isStack: boolean } {
  const isStack = Array.isArray(phantom) && Array.isArray(phantom[0]);
  const given = isStack ? phantom : [phantom];
  return {
    phantoms: given.map((one, i) =>
      checkPhantom(fn, isStack ? `option phantom[${i}]` : 'option phantom', one),
    ),
    isStack,
  };
}

/** exp(iφ) of a random smooth phase as a series; 1 where there is none. */
async function phaseSeries(fn: string, phaseKey: Key, strength: number): Promise<HostSeries> {
  if (strength === 0) return { order: 0, coefficients: [1, 0] };
  using phase = await drawPhase(fn, phaseKey, { shape: [fitPoints, fitPoints], strength });
  using factor = scope(() => complex(cos(phase), sin(phase)));
  const series = await fitSeries(factor, phaseOrder);
  const host = await readSeries(series);
  series.coefficients.dispose();
  return host;
}

/** The object's spectrum on half cycles, `margin` of them beyond the study grid on every side. */
function halfCycleSpectrum(
  phantom: EllipsePhantom,
  shape: readonly [number, number],
  margin: number,
): HalfCycles {
  const [rows, columns] = shape.map((count) => {
    const first = -2 * Math.floor(count / 2) - margin;
    return Float64Array.from({ length: 2 * count - 1 + 2 * margin }, (_, i) => (first + i) / 2);
  }) as [Float64Array, Float64Array];
  const values = sampleSpectrum(phantom, rows, columns, Math.sqrt(shape[0] * shape[1]));
  return { values, rows: rows.length, columns: columns.length };
}

function weightedKspace(
  object: HalfCycles,
  coils: readonly HostSeries[],
  shape: readonly [number, number],
): Tensor {
  const samples = 2 * shape[0] * shape[1];
  const values = new Float32Array(coils.length * samples);
  for (const [c, coil] of coils.entries()) values.set(multiplySpectrum(object, coil, 2).values, c * samples);
  return tensor(values, { dtype: 'c64', shape: [coils.length, ...shape] });
}

function splitCoils({ order, coefficients }: HostSeries): HostSeries[] {
  const each = 2 * (2 * order + 1) ** 2;
  const all = Array.from(coefficients);
  return Array.from({ length: all.length / each }, (_, c) => ({
    order,
    coefficients: all.slice(c * each, (c + 1) * each),
  }));
}
