import { cropCentre, type Measurement, type Reconstructor, regionError, rss } from '@adjoint/mri';
import { centredIfft, NumericalError, read, scope, type Tensor, where } from '@adjoint/tensor';
import type { UnitOutput } from '../core/store.js';
import { methodKey } from './clean.js';
import type { UnitContext } from './context.js';
import { featureInserter, type Insertion } from './feature.js';
import { type LoadedImage, loadImage } from './loadedImage.js';
import { type MethodParameters, methodMaker } from './method.js';

export interface HeatMapParameters {
  readonly method: MethodParameters;
  readonly insertion: Insertion;
  readonly window: number;
  /** Positions along each side, and those rows of them that this unit computes. */
  readonly positions: number;
  readonly rows: readonly number[];
  /** Of l1 from the solution without feature. */
  readonly l1Iterations: number;
}

/** For every position of the unit's rows, row by row. */
export interface HeatMapResult {
  /** Top-left corners in the reference. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly values: readonly (readonly number[])[];
  /** Mean of the reference without feature around each position. */
  readonly intensity: readonly (readonly number[])[];
}

/** Corners of windows in the middle of equal cells. */
export function cornersOf(size: number, window: number, positions: number): number[] {
  return Array.from({ length: positions }, (_, i) => {
    const middle = ((i + 0.5) * size) / positions;
    return Math.min(size - window, Math.max(0, Math.round(middle - window / 2)));
  });
}

/** Error over a small feature at every position of some rows of a grid. */
export async function heatMapUnit(context: UnitContext): Promise<UnitOutput> {
  const { window, positions, rows, insertion } = context.parameters<HeatMapParameters>();
  const image = await loadImage(context);
  const [height, width] = image.about.crop ?? image.about.size;
  const chosen = rows.map((row) => cornersOf(height, window, positions)[row]!);
  const columns = cornersOf(width, window, positions);
  const inserter = await featureInserter(image.full, insertion, window);
  try {
    const method = await methodFor(context, image);
    const intensity = await intensities(image, chosen, columns, window);
    const values: number[][] = [];
    for (const row of chosen) {
      const line: number[] = [];
      for (const column of columns) {
        line.push(await errorAt({ context, method, image, inserter, row, column, window }));
        context.report((values.length * columns.length + line.length) / (chosen.length * columns.length));
      }
      values.push(line);
    }
    return { result: { rows: chosen, columns, values, intensity } satisfies HeatMapResult };
  } finally {
    inserter.dispose();
    image.dispose();
  }
}

/** The method; l1 starts from its solution without feature, which few iterations then amend. */
async function methodFor(context: UnitContext, { sampled }: LoadedImage): Promise<Reconstructor> {
  const { method, l1Iterations } = context.parameters<HeatMapParameters>();
  const make = await methodMaker(context);
  if (method.name !== 'l1') return make();
  const whole = { ...sampled, crop: undefined, reference: undefined };
  const start = await make({ output: 'complex' }).reconstruct(whole, { key: methodKey(context) });
  return make({ iterations: l1Iterations, start });
}

interface Position {
  readonly context: UnitContext;
  readonly method: Reconstructor;
  readonly image: LoadedImage;
  readonly inserter: { insert(row: number, column: number): Tensor };
  /** In the reference. */
  readonly row: number;
  readonly column: number;
  readonly window: number;
}

async function errorAt({ context, method, image, inserter, row, column, window }: Position): Promise<number> {
  const { sampled, about } = image;
  const [top, left] = about.crop ? about.size.map((n, i) => Math.floor((n - about.crop![i]!) / 2)) : [0, 0];
  using kspace = inserter.insert(row + top!, column + left!);
  const [measurement, reference] = scope((): [Tensor, Tensor] => {
    const full = rss(centredIfft(kspace));
    return [where(sampled.mask, kspace, 0), about.crop ? cropCentre(full, about.crop) : full];
  });
  try {
    const given: Measurement = { ...sampled, kspace: measurement };
    using found = await method.reconstruct(given, { key: methodKey(context) });
    const error = await regionError(reference, found, { row, column, height: window, width: window });
    if (Number.isFinite(error)) return error;
    throw new NumericalError({
      fn: 'runStudy',
      argument: `the image of ${method.name}`,
      expected: 'finite',
      got: 'NaN or infinity',
    });
  } finally {
    measurement.dispose();
    reference.dispose();
  }
}

/** Pixels around the window that count as its surroundings. */
const margin = 2;

async function intensities(
  { sampled }: LoadedImage,
  rows: readonly number[],
  columns: readonly number[],
  window: number,
): Promise<number[][]> {
  const [height, width] = sampled.reference!.shape as [number, number];
  const values = await read(sampled.reference!);
  const around = (corner: number, size: number): number[] => {
    const [first, last] = [Math.max(0, corner - margin), Math.min(size, corner + window + margin)];
    return Array.from({ length: last - first }, (_, i) => first + i);
  };
  return rows.map((row) =>
    columns.map((column) => {
      const [ys, xs] = [around(row, height), around(column, width)];
      const total = ys.reduce((sum, y) => xs.reduce((part, x) => part + values[y * width + x]!, sum), 0);
      return total / (ys.length * xs.length);
    }),
  );
}
