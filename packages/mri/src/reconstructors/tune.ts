import {
  ArgumentError,
  checkChoice,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  describe,
} from '@adjoint/tensor';
import type { LoopOptions } from '../loop.js';
import type { Measurement } from '../measurement.js';
import { type Scores, scores } from '../metrics/index.js';
import type { Reconstructor } from '../reconstructor.js';

const metrics = ['ssim', 'psnr', 'ssim_foreground', 'psnr_foreground'] as const;

export interface TuneOptions extends LoopOptions {
  /** What is maximised, averaged over the measurements; default 'ssim'. */
  readonly metric?: (typeof metrics)[number] | undefined;
  /** Golden-section steps between the neighbours of the best weight of the grid; default 4. */
  readonly refine?: number | undefined;
}

/** One weight and what it reached. */
export interface TuneRow {
  readonly lambda: number;
  /** The metric's mean over the measurements. */
  readonly score: number;
  /** Of every measurement, in order. */
  readonly scores: readonly Scores[];
}

export interface TuneResult {
  readonly lambda: number;
  readonly score: number;
  /** All weights that were tried, ascending. */
  readonly table: readonly TuneRow[];
}

/**
 * Finds the weight of a method's regularisation on measurements whose references are known: every weight of a grid, then a
 * golden-section search of log λ between the neighbours of the best. Intensities are matched to the reference before they are
 * compared (`rec_to_gt`), as in `scores`.
 *
 * @param method makes the method for a weight
 * @param lambdas the grid: positive numbers, any order
 * @param measurements each with `reference`, of subjects that are not tested on later
 * @throws ArgumentError for an empty grid, or measurements without reference.
 * @example const { lambda } = await tune((lambda) => l1({ lambda }), [1e-3, 3e-3, 1e-2, 3e-2], measurements);
 * Reference: Kiefer 1953 (golden-section search).
 */
export async function tune(
  method: (lambda: number) => Reconstructor,
  lambdas: readonly number[],
  measurements: readonly Measurement[],
  options: TuneOptions = {},
): Promise<TuneResult> {
  const fn = 'tune';
  checkFunction(fn, 'method', method);
  checkOptions(fn, options, ['metric', 'refine', 'signal', 'onProgress']);
  const metric = checkChoice(fn, 'option metric', options.metric ?? 'ssim', metrics);
  const refine = checkInteger(fn, 'option refine', options.refine ?? 4, { min: 0 });
  const grid = checkGrid(fn, lambdas);
  checkReferences(fn, measurements);
  const steps = grid.length + (grid.length > 1 ? refine : 0);
  const rows: TuneRow[] = [];
  const made = (lambda: number): Reconstructor => {
    const reconstructor = method(lambda);
    if (typeof reconstructor?.reconstruct === 'function') return reconstructor;
    throw new ArgumentError({
      fn,
      argument: 'what the method makes',
      expected: 'a Reconstructor',
      got: describe(reconstructor),
    });
  };
  const rate = async (lambda: number): Promise<TuneRow> => {
    const each: Scores[] = [];
    for (const measurement of measurements) {
      using image = await made(lambda).reconstruct(measurement, { signal: options.signal });
      each.push(await scores(measurement.reference!, image));
    }
    const score = each.reduce((total, one) => total + one[metric], 0) / each.length;
    const row = { lambda, score, scores: each };
    rows.push(row);
    options.onProgress?.({ step: rows.length, steps, objective: score });
    return row;
  };
  for (const lambda of grid) await rate(lambda);
  if (grid.length > 1) await searchAround(rows, refine, rate);
  const table = [...rows].sort((a, b) => a.lambda - b.lambda);
  const { lambda, score } = bestOf(table);
  return { lambda, score, table };
}

const bestOf = (rows: readonly TuneRow[]): TuneRow => rows.reduce((a, b) => (b.score > a.score ? b : a));

const golden = (Math.sqrt(5) - 1) / 2;

/** Narrows the interval between the best weight's neighbours, whose score has one maximum, on the logarithmic scale. */
async function searchAround(
  rows: readonly TuneRow[],
  refine: number,
  rate: (lambda: number) => Promise<TuneRow>,
): Promise<void> {
  const at = rows.indexOf(bestOf(rows));
  let low = Math.log(rows[Math.max(at - 1, 0)]!.lambda);
  let high = Math.log(rows[Math.min(at + 1, rows.length - 1)]!.lambda);
  const point = (fraction: number): number => low + fraction * (high - low);
  let inner: [TuneRow?, TuneRow?] = [undefined, undefined];
  for (let i = 0; i < refine; i++) {
    const [left, right] = inner;
    if (!left) inner = [await rate(Math.exp(point(1 - golden))), right];
    else if (!right) inner = [left, await rate(Math.exp(point(golden)))];
    const [a, b] = inner;
    if (!a || !b) continue;
    if (a.score >= b.score) {
      high = Math.log(b.lambda);
      inner = [undefined, a];
    } else {
      low = Math.log(a.lambda);
      inner = [b, undefined];
    }
  }
}

function checkGrid(fn: string, lambdas: readonly number[]): number[] {
  if (!Array.isArray(lambdas) || lambdas.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'lambdas',
      expected: 'an array of at least one weight',
      got: describe(lambdas),
    });
  lambdas.forEach((lambda, i) => {
    checkNumber(fn, `lambdas[${i}]`, lambda, { positive: true });
  });
  return [...new Set(lambdas)].sort((a, b) => a - b);
}

function checkReferences(fn: string, measurements: readonly Measurement[]): void {
  if (!Array.isArray(measurements) || measurements.length === 0)
    throw new ArgumentError({
      fn,
      argument: 'measurements',
      expected: 'an array of at least one',
      got: describe(measurements),
    });
  measurements.forEach((measurement, i) => {
    if (measurement === null || typeof measurement !== 'object')
      throw new ArgumentError({
        fn,
        argument: `measurements[${i}]`,
        expected: '{ kspace, mask, reference, ... }',
        got: describe(measurement),
      });
    const { reference, name = 'without name' } = measurement;
    if (reference === undefined)
      throw new ArgumentError({
        fn,
        argument: `the reference of measurement ${i} (${name})`,
        expected: 'an image',
        got: 'undefined',
        remedy: 'Tuning needs fully sampled data: reference = rss(centredIfft(kspace)).',
      });
  });
}
