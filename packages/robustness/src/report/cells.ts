import type { CellRecord, IntervalRecord, Perturbation, StudyRecord } from '../study/records.js';
import type { Point } from './chart/linePanel.js';
import { maximum, minimum } from './chart/scale.js';
import { counted, fixed, isNumber, range } from './markup/numbers.js';

export interface CellQuery {
  readonly perturbation: Perturbation;
  readonly source?: string | null | undefined;
  readonly target: string;
  readonly epsilon?: number | undefined;
  readonly maps?: CellRecord['maps'] | undefined;
}

/** The cells that fit, by rising epsilon. Coil maps are those of the perturbed data, unless asked otherwise. */
export function cellsOf({ cells }: StudyRecord, query: CellQuery): CellRecord[] {
  const { perturbation, source, target, epsilon, maps = 'reestimated' } = query;
  return cells
    .filter(
      (cell) =>
        cell.perturbation === perturbation &&
        cell.target === target &&
        cell.maps === maps &&
        (source === undefined || cell.source === source) &&
        (epsilon === undefined || cell.epsilon === epsilon),
    )
    .sort((a, b) => a.epsilon - b.epsilon);
}

/** Noise may have been made once for all methods (no source) or for each. */
export const noiseCells = (study: StudyRecord, target: string, epsilon?: number): CellRecord[] => {
  const all = cellsOf(study, { perturbation: 'noise', target, epsilon });
  const own = all.filter(({ source }) => source === target);
  return own.length > 0 ? own : all;
};

export const largestEpsilon = ({ manifest, cells }: StudyRecord): number =>
  [...manifest.epsilons, ...cells.map(({ epsilon }) => epsilon)].reduce((a, b) => Math.max(a, b), 0);

export const methodNames = ({ manifest }: StudyRecord): string[] => manifest.methods.map(({ name }) => name);

/** A cell's interval as a point of a chart, left out where there is no number. */
export function pointOf(
  x: number,
  interval: IntervalRecord,
  name: string,
  unit: string,
  digits: number,
): Point[] {
  if (!isNumber(interval.estimate)) return [];
  const { low, high } = interval;
  const bounded = isNumber(low) && isNumber(high);
  return [
    {
      x,
      y: interval.estimate,
      low: bounded ? low : undefined,
      high: bounded ? high : undefined,
      tip: `${name}: ${withInterval(interval, digits)}${unit === '' ? '' : ` ${unit}`}, ${counted(interval.images, interval.subjects)}`,
    },
  ];
}

/** `12.3 [11.0 to 13.4]` */
export const withInterval = ({ estimate, low, high }: IntervalRecord, digits: number): string =>
  `${fixed(estimate, digits)} [${range(low, high, digits)}]`;

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean with smallest and largest value, for a row of dots; undefined without values. */
export function spread(all: readonly number[], name: string, digits: number): Omit<Point, 'y'> | undefined {
  const values = all.filter(Number.isFinite);
  if (values.length === 0) return undefined;
  const [low, high, x] = [minimum(values), maximum(values), mean(values)];
  const tip = `${name}: ${fixed(x, digits)} (${range(low, high, digits)})`;
  return values.length > 1 ? { x, low, high, tip } : { x, tip };
}
