import type { CellRecord, StudyRecord } from '../../study/records.js';
import { cellsOf, methodNames, withInterval } from '../cells.js';
import { type MatrixCell, matrixChart } from '../chart/matrixChart.js';
import type { SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { markup } from '../markup/markup.js';
import { counted, isNumber, range } from '../markup/numbers.js';

/** What an attack made for one method does to each: a table of colours for each epsilon. */
export const transfer: SectionOf = ({ study, figures }) => {
  const crossed = study.cells.filter((cell) => cell.perturbation === 'attack' && cell.source !== cell.target);
  if (crossed.length === 0) return undefined;
  const epsilons = [...new Set(crossed.map(({ epsilon }) => epsilon))].sort((a, b) => a - b);
  const targets = methodNames(study).filter((name) => crossed.some(({ target }) => target === name));
  const sources = methodNames(study).filter((name) => crossed.some(({ source }) => source === name));
  const { images, subjects } = crossed[0]!.drop;
  const chart = matrixChart({
    rows: [...sources, 'noise'],
    columns: targets,
    rowsLabel: 'crafted for',
    columnsLabel: 'reconstructed by',
    panels: epsilons.map((epsilon) => ({
      title: `ε = ${epsilon}`,
      cells: [...sources, null].map((source) =>
        targets.map((target) => cellOf(study, source, target, epsilon)),
      ),
    })),
    unit: 'PSNR lost (dB)',
    digits: 2,
    alternative:
      'Transfer matrices: PSNR lost by each method under perturbations crafted for each; the numbers are in the table below.',
  });
  return {
    id: 'transfer',
    short: 'Transfer',
    title: 'Transfer: an attack made for one method, tried on all',
    body: [
      figures.add(
        'transfer',
        chart,
        markup`PSNR lost (dB, below it the 95 % interval) when a perturbation crafted for the method of the row is reconstructed by the method of the column; last row: Gaussian noise on the mask, same norm. Frames mark each method’s worst source. ${counted(images, subjects)}.`,
      ),
      markup`<details><summary>The same numbers as a table</summary>${transferTable(study, epsilons, sources, targets)}</details>`,
    ],
  };
};

const findCell = (
  study: StudyRecord,
  source: string | null,
  target: string,
  epsilon: number,
): CellRecord | undefined =>
  cellsOf(study, {
    perturbation: source === null ? 'noise' : 'attack',
    source: source ?? undefined,
    target,
    epsilon,
  })[0];

function cellOf(
  study: StudyRecord,
  source: string | null,
  target: string,
  epsilon: number,
): MatrixCell | undefined {
  const cell = findCell(study, source, target, epsilon);
  if (!cell) return undefined;
  const { low, high, estimate } = cell.drop;
  const all = cellsOf(study, { perturbation: 'attack', target, epsilon }).map(({ drop }) => drop.estimate);
  return {
    value: estimate ?? Number.NaN,
    note: isNumber(low) && isNumber(high) ? range(low, high, 2) : undefined,
    tip: `crafted for ${source ?? 'nobody (noise)'}, reconstructed by ${target}: ${withInterval(cell.drop, 2)} dB`,
    isMarked: source !== null && estimate === Math.max(...all),
  };
}

const transferTable = (
  study: StudyRecord,
  epsilons: readonly number[],
  sources: readonly string[],
  targets: readonly string[],
) =>
  htmlTable({
    caption: 'PSNR lost, dB, with 95 % bootstrap intervals by subject.',
    columns: [
      { name: 'Crafted for' },
      { name: 'ε', kind: 'number' as const },
      ...targets.map((target) => ({ name: target, unit: 'dB', kind: 'number' as const })),
    ],
    rows: epsilons.flatMap((epsilon) =>
      [...sources, null].map((source) => [
        source ?? 'noise',
        epsilon,
        ...targets.map((target) => {
          const cell = findCell(study, source, target, epsilon);
          return cell ? withInterval(cell.drop, 2) : '–';
        }),
      ]),
    ),
  });
