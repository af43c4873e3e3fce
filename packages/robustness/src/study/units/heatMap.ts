import { cropCentre, type Measurement, type Reconstructor, regionError, rss } from '@adjoint/mri';
import { centredIfft, NumericalError, read, scope, stack, type Tensor, where } from '@adjoint/tensor';
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
  const { window, positions, rows, insertion, method: about } = context.parameters<HeatMapParameters>();
  const image = await loadImage(context);
  const [height, width] = image.about.crop ?? image.about.size;
  const chosen = rows.map((row) => cornersOf(height, window, positions)[row]!);
  const columns = cornersOf(width, window, positions);
  const inserter = await featureInserter(image.full, insertion, window);
  // starting a program takes longer than what it does
  const groups = about.program === null ? columns.map((column) => [column]) : [columns];
  try {
    const method = await methodFor(context, image);
    const intensity = await intensities(image, chosen, columns, window);
    const values: number[][] = [];
    for (const row of chosen) {
      const line: number[] = [];
      for (const group of groups) {
        line.push(...(await errorsAt({ context, method, image, inserter, row, columns: group, window })));
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

interface Positions {
  readonly context: UnitContext;
  readonly method: Reconstructor;
  readonly image: LoadedImage;
  readonly inserter: { insert(row: number, column: number): Tensor };
  /** In the reference. */
  readonly row: number;
  /** One, or several that the method reconstructs at once. */
  readonly columns: readonly number[];
  readonly window: number;
}

async function errorsAt({ columns, ...at }: Positions): Promise<number[]> {
  const { context, method, image, row, window } = at;
  const made = columns.map((column) => withFeature(at, column));
  const isOne = made.length === 1;
  const kspace = isOne ? made[0]!.kspace : scope(() => stack(made.map((one) => one.kspace)));
  try {
    const given: Measurement = { ...image.sampled, kspace, reference: undefined };
    using found = await method.reconstruct(given, { key: methodKey(context) });
    const errors: number[] = [];
    for (const [i, column] of columns.entries()) {
      using own = isOne ? found : found.slice([i]);
      const region = { row, column, height: window, width: window };
      errors.push(await regionError(made[i]!.reference, own, region));
    }
    if (errors.every(Number.isFinite)) return errors;
    throw new NumericalError({
      fn: 'runStudy',
      argument: `the image of ${method.name}`,
      expected: 'finite',
      got: 'NaN or infinity',
    });
  } finally {
    kspace.dispose();
    for (const one of made) for (const held of [one.kspace, one.reference]) held.dispose();
  }
}

/** What would be measured with the feature, and what should come of it. */
function withFeature(
  { image: { sampled, about }, inserter, row }: Omit<Positions, 'columns'>,
  column: number,
): { kspace: Tensor; reference: Tensor } {
  const [top, left] = about.crop ? about.size.map((n, i) => Math.floor((n - about.crop![i]!) / 2)) : [0, 0];
  using kspace = inserter.insert(row + top!, column + left!);
  return scope(() => {
    const full = rss(centredIfft(kspace));
    const reference = about.crop ? cropCentre(full, about.crop) : full;
    return { kspace: where(sampled.mask, kspace, 0), reference };
  });
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
