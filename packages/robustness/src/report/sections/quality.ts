import { pairedDifference } from '@adjoint/mri';
import { fewestSubjects } from '../../study/claims/judge.js';
import type { CellRecord, ScoreRow, StudyRecord } from '../../study/records.js';
import { cellsOf, methodNames, pointOf, withInterval } from '../cells.js';
import { type DotPanel, dotChart } from '../chart/dotChart.js';
import type { ReportContext, SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { counted, fixed, range } from '../markup/numbers.js';

/** Clean scores, whole image beside foreground, and who wins where it counts. */
export const quality: SectionOf = (context) => {
  const { study, figures } = context;
  const cells = cleanCells(study);
  if (cells.length === 0) return undefined;
  const { images, subjects } = cells[0]!.psnr;
  return {
    id: 'quality',
    short: 'Scores',
    title: 'Clean reconstructions: whole image and foreground',
    body: [
      figures.add(
        'clean-scores',
        scoreChart(cells),
        markup`Scores of the clean reconstructions over the whole image (hollow) and over the foreground, pixels above 8 % of the reference’s maximum (filled). Intensities matched to the reference by mean and deviation. ${counted(images, subjects)}; intervals: 95 % bootstrap by subject.`,
      ),
      scoreTable(cells),
      winsTable(context),
    ],
  };
};

const cleanCells = (study: StudyRecord): CellRecord[] =>
  methodNames(study).flatMap((target) => cellsOf(study, { perturbation: 'none', target }).slice(0, 1));

function scoreChart(cells: readonly CellRecord[]) {
  const panel = (
    title: string,
    unit: string,
    whole: 'psnr' | 'ssim',
    foreground: 'psnrForeground' | 'ssimForeground',
    digits: number,
  ): DotPanel => ({
    title,
    xLabel: unit === '' ? title : `${title} (${unit})`,
    series: [
      {
        name: 'whole image',
        style: { colour: 'muted', hollow: true },
        points: cells.map((cell) => dot(cell, whole, unit, digits)),
      },
      {
        name: 'foreground',
        style: { colour: 0 },
        points: cells.map((cell) => dot(cell, foreground, unit, digits)),
      },
    ],
  });
  return dotChart({
    rows: cells.map(({ target }) => target),
    panels: [
      panel('SSIM', '', 'ssim', 'ssimForeground', 3),
      panel('PSNR', 'dB', 'psnr', 'psnrForeground', 2),
    ],
    alternative:
      'Clean SSIM and PSNR of each method, whole image and foreground; the numbers are in the table below.',
  });
}

function dot(
  cell: CellRecord,
  metric: 'psnr' | 'psnrForeground' | 'ssim' | 'ssimForeground',
  unit: string,
  digits: number,
) {
  const [point] = pointOf(0, cell[metric], cell.target, unit, digits);
  return point && { ...point, x: point.y };
}

const scoreTable = (cells: readonly CellRecord[]): Content =>
  htmlTable({
    caption:
      'Scores of the clean reconstructions, means over test images with 95 % bootstrap intervals by subject.',
    columns: [
      { name: 'Method' },
      { name: 'SSIM', unit: 'whole', kind: 'number' },
      { name: 'SSIM', unit: 'foreground', kind: 'number' },
      { name: 'PSNR', unit: 'dB, whole', kind: 'number' },
      { name: 'PSNR', unit: 'dB, foreground', kind: 'number' },
      { name: 'NMSE', unit: 'unmatched', kind: 'number' },
      { name: 'n', unit: 'images / subjects', kind: 'number' },
    ],
    rows: cells.map((cell) => [
      cell.target,
      withInterval(cell.ssim, 3),
      withInterval(cell.ssimForeground, 3),
      withInterval(cell.psnr, 2),
      withInterval(cell.psnrForeground, 2),
      fixed(cell.nmse.estimate, 4),
      `${cell.psnr.images} / ${cell.psnr.subjects}`,
    ]),
  });

/** Paired differences of two methods on the same images; a win only in the background is no win. */
function winsTable({ study }: ReportContext): Content {
  const clean = study.rows.filter(
    ({ perturbation, maps }) => perturbation === 'none' && maps === 'reestimated',
  );
  const cells = cleanCells(study).sort((a, b) => b.ssim.estimate - a.ssim.estimate);
  const pairs = cells.flatMap(({ target: better }, i) =>
    cells.slice(i + 1).map(({ target }) => [better, target] as const),
  );
  const rows = pairs.flatMap(([a, b]) => {
    const shared = sharedImages(clean, a, b);
    if (shared.length === 0) return [];
    const whole = difference(shared, 'ssim');
    const foreground = difference(shared, 'ssim_foreground');
    const subjects = new Set(shared.map(({ subject }) => subject)).size;
    return [
      [
        `${a} over ${b}`,
        `${fixed(whole.estimate, 3)} [${range(whole.low, whole.high, 3)}]`,
        `${fixed(foreground.estimate, 3)} [${range(foreground.low, foreground.high, 3)}]`,
        winText(whole, foreground, subjects),
        `${shared.length} / ${subjects}`,
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  return htmlTable({
    caption:
      'Who is better, image by image: paired differences of SSIM with 95 % bootstrap intervals by subject. A win only in the background counts as not won.',
    columns: [
      { name: 'Pair', unit: 'by whole-image SSIM' },
      { name: 'Δ SSIM', unit: 'whole', kind: 'number' },
      { name: 'Δ SSIM', unit: 'foreground', kind: 'number' },
      { name: 'Counts as' },
      { name: 'n', unit: 'images / subjects', kind: 'number' },
    ],
    rows,
  });
}

interface Shared {
  readonly subject: string;
  readonly a: ScoreRow;
  readonly b: ScoreRow;
}

const sharedImages = (clean: readonly ScoreRow[], a: string, b: string): Shared[] =>
  clean
    .filter(({ target }) => target === a)
    .flatMap((row) => {
      const other = clean.find(({ target, image }) => target === b && image === row.image);
      return other && isScored(row) && isScored(other) ? [{ subject: row.subject, a: row, b: other }] : [];
    });

const isScored = ({ scores }: ScoreRow): boolean =>
  Number.isFinite(scores.ssim) && Number.isFinite(scores.ssim_foreground);

interface Difference {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const difference = (shared: readonly Shared[], metric: 'ssim' | 'ssim_foreground'): Difference =>
  pairedDifference(
    shared.map(({ a }) => a.scores[metric]),
    shared.map(({ b }) => b.scores[metric]),
    { clusters: shared.map(({ subject }) => subject), resamples: 2000 },
  );

/** What a pair counts as: better on the whole image is not enough. */
export function winText(whole: Difference, foreground: Difference, subjects: number): string {
  if (whole.low > 0 && foreground.estimate <= 0) return 'not won: only in the background';
  if (subjects < fewestSubjects) return `inconclusive: fewer than ${fewestSubjects} subjects`;
  if (foreground.high < 0) return 'not won: worse in the foreground';
  return whole.low > 0 && foreground.low > 0 ? 'won' : 'inconclusive: an interval holds 0';
}
