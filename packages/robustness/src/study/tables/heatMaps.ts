import { coefficientOfVariation, spearman } from '@adjoint/mri';
import type { PlannedHeatMap } from '../plan/planHeatMaps.js';
import type { HeatMapRecord, LocationRecord } from '../records.js';
import type { HeatMapResult } from '../units/heatMap.js';
import type { Results } from './results.js';

/** The maps that are shown; those with missing rows are left out. */
export function heatMapRecords(
  maps: readonly PlannedHeatMap[],
  results: Results,
  window: number,
): HeatMapRecord[] {
  return maps
    .filter(({ purpose }) => purpose === 'map')
    .flatMap((planned) => {
      const map = assembled(planned, results);
      return map ? [heatMapRecord(planned, map, window)] : [];
    });
}

function heatMapRecord(
  { method, image, insertion }: PlannedHeatMap,
  { rows, columns, values, intensity }: HeatMapResult,
  window: number,
): HeatMapRecord {
  const all = values.flat();
  return {
    ...{ method, image, insertion, window, rows, columns, values, intensity },
    ...{ minimum: Math.min(...all), maximum: Math.max(...all) },
    coefficientOfVariation: coefficientOfVariation(all),
    darkness: spearman(all, intensity.flat()),
  };
}

/** The units of a map put together, or undefined while some are missing. */
function assembled({ units }: PlannedHeatMap, results: Results): HeatMapResult | undefined {
  const parts = units.map((unit) => results.of<HeatMapResult>(unit));
  if (parts.some((part) => part === undefined)) return undefined;
  const found = parts as HeatMapResult[];
  return {
    rows: found.flatMap(({ rows }) => rows),
    columns: found[0]!.columns,
    values: found.flatMap(({ values }) => values),
    intensity: found.flatMap(({ intensity }) => intensity),
  };
}

/** What the place explains, for every method and image all of whose repeats are there. */
export function locationRecords(maps: readonly PlannedHeatMap[], results: Results): LocationRecord[] {
  const groups = new Map<string, PlannedHeatMap[]>();
  for (const planned of maps)
    if (planned.purpose === 'location') {
      const key = `${planned.method} ${planned.image}`;
      groups.set(key, [...(groups.get(key) ?? []), planned]);
    }
  return [...groups.values()].flatMap((group) => {
    const repeats = group.map((planned) => assembled(planned, results)?.values.flat());
    if (repeats.length < 2 || repeats.some((repeat) => repeat === undefined)) return [];
    const { method, image, subject } = group[0]!;
    const values = repeats as number[][];
    return [
      {
        ...{ method, image, subject, positions: values[0]!.length, repeats: values.length },
        explained: explainedByPlace(values),
        coefficientOfVariation: coefficientOfVariation(values.flat()),
      },
    ];
  });
}

/**
 * The part of the variance that lies between places, from a one-way analysis of variance: the intra-class correlation
 * (MSB − MSW)/(MSB + (r − 1) MSW) of r repeats. Unlike the plain ratio of sums of squares it is about 0 where the
 * place means nothing; it may be negative. 0 where nothing varies.
 *
 * @param repeats of every repeat the values at all places
 */
export function explainedByPlace(repeats: readonly (readonly number[])[]): number {
  const [r, n] = [repeats.length, repeats[0]!.length];
  const place = Array.from({ length: n }, (_, i) => repeats.reduce((sum, values) => sum + values[i]!, 0) / r);
  const grand = place.reduce((sum, value) => sum + value, 0) / n;
  const between = (r * place.reduce((sum, value) => sum + (value - grand) ** 2, 0)) / Math.max(1, n - 1);
  const within =
    repeats.reduce(
      (sum, values) => values.reduce((part, value, i) => part + (value - place[i]!) ** 2, sum),
      0,
    ) /
    (n * (r - 1));
  const total = between + (r - 1) * within;
  return total === 0 ? 0 : (between - within) / total;
}
