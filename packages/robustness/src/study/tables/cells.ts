import type { CellRecord, ScoreRow } from '../records.js';
import { meanInterval } from './interval.js';

/** Means over images of the rows that agree in everything else, in the order in which they come. */
export function cellsOf(rows: readonly ScoreRow[]): CellRecord[] {
  const groups = new Map<string, ScoreRow[]>();
  for (const row of rows) {
    const key = [row.perturbation, row.source, row.target, row.epsilon, row.maps].join(' ');
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()].map(cellOf);
}

function cellOf(rows: readonly ScoreRow[]): CellRecord {
  const { perturbation, source, target, epsilon, maps } = rows[0]!;
  const mean = (value: (row: ScoreRow) => number) =>
    meanInterval(rows.map((row) => ({ subject: row.subject, value: value(row) })));
  return {
    ...{ perturbation, source, target, epsilon, maps },
    psnr: mean(({ scores }) => scores.psnr),
    psnrForeground: mean(({ scores }) => scores.psnr_foreground),
    ssim: mean(({ scores }) => scores.ssim),
    ssimForeground: mean(({ scores }) => scores.ssim_foreground),
    nmse: mean(({ scores }) => scores.nmse),
    drop: mean(({ drop }) => drop),
  };
}
