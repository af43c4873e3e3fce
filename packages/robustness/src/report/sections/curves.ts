import type { CellRecord, StudyRecord } from '../../study/records.js';
import { cellsOf, largestEpsilon, methodNames, noiseCells, pointOf, withInterval } from '../cells.js';
import { type LinePanel, lineChart } from '../chart/lineChart.js';
import type { LineSeries, Point } from '../chart/linePanel.js';
import type { SeriesStyle } from '../chart/palette.js';
import type { ReportContext, SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { counted, fixed } from '../markup/numbers.js';

type Metric = 'psnr' | 'ssimForeground';

/** Own attack, attacks made for others, and noise of the same norm, against epsilon, on one axis. */
export const curves: SectionOf = (context) => {
  const { study, figures } = context;
  const attacked = study.cells.filter(({ perturbation }) => perturbation === 'attack');
  if (attacked.length === 0) return undefined;
  const { images, subjects } = attacked[0]!.psnr;
  return {
    id: 'curves',
    short: 'Curves',
    title: 'Error against the strength of the perturbation',
    body: [
      figures.add(
        'psnr-against-epsilon',
        curveChart(context, 'psnr', 'PSNR (dB)'),
        markup`Mean PSNR of each method (one panel each) under perturbations of relative norm ε = ‖e‖ / ‖k‖ on the sampled k-space: crafted for the method itself (thick line), crafted for another method (thin lines in that method’s colour), and Gaussian noise on the mask of the same norm (dashed grey). Coil maps are estimated from the perturbed data. ${counted(images, subjects)}; whiskers: 95 % bootstrap by subject, absent where one subject leaves them unbounded.`,
      ),
      figures.add(
        'ssim-foreground-against-epsilon',
        curveChart(context, 'ssimForeground', 'SSIM (foreground)'),
        'The same in structural similarity over the foreground (pixels above 8 % of the reference’s maximum), which a clean background cannot improve.',
      ),
      cellTable(study),
      mapsTable(study),
    ],
  };
};

const cleanStyle: SeriesStyle = { colour: 'ink' };
const noiseStyle: SeriesStyle = { colour: 'muted', dash: 'dashed', hollow: true };

function curveChart({ study, styleOf }: ReportContext, metric: Metric, unit: string) {
  const methods = methodNames(study).filter((target) =>
    study.cells.some((cell) => cell.target === target && cell.perturbation !== 'none'),
  );
  const panels = methods.map((target): LinePanel => {
    const points = (name: string, cells: readonly CellRecord[]): Point[] =>
      cells.flatMap((cell) => pointOf(cell.epsilon, cell[metric], name, '', metric === 'psnr' ? 2 : 3));
    const clean = points('clean', cellsOf(study, { perturbation: 'none', target }));
    const start = clean.map((point) => ({ ...point, isShared: true }));
    const series = (name: string, style: SeriesStyle, cells: readonly CellRecord[]): LineSeries => ({
      name,
      style,
      points: [...start, ...points(name, cells)],
    });
    const crafted = methods.map((source) =>
      series(
        `crafted for ${source}`,
        { ...styleOf(source), width: source === target ? 3 : 1.25 },
        cellsOf(study, { perturbation: 'attack', source, target }),
      ),
    );
    return {
      title: target,
      series: [
        { name: 'clean', style: cleanStyle, points: clean, isCentred: true },
        series('Gaussian noise, same norm', noiseStyle, noiseCells(study, target)),
        ...crafted,
      ].filter(({ name, points: all }) => name === 'clean' || all.length > start.length),
    };
  });
  return lineChart({
    panels,
    x: { label: 'ε, relative norm of the perturbation', ticks: [...study.manifest.epsilons] },
    y: { label: unit },
    alternative: `${unit} against epsilon, one panel for each of ${methods.join(', ')}; the numbers are in the table below.`,
  });
}

function cellTable(study: StudyRecord): Content {
  const rows = methodNames(study).flatMap((target) => {
    const cells = [
      ...cellsOf(study, { perturbation: 'none', target }),
      ...cellsOf(study, { perturbation: 'attack', source: target, target }),
      ...noiseCells(study, target),
    ];
    return cells.map((cell) => [
      target,
      { none: 'none', attack: 'own attack', noise: 'noise' }[cell.perturbation],
      cell.epsilon,
      withInterval(cell.psnr, 2),
      withInterval(cell.psnrForeground, 2),
      withInterval(cell.ssim, 3),
      withInterval(cell.ssimForeground, 3),
      fixed(cell.nmse.estimate, 4),
      `${cell.psnr.images} / ${cell.psnr.subjects}`,
    ]);
  });
  return markup`<details><summary>Numbers of the own-attack and noise curves</summary>${htmlTable({
    caption: 'Means over test images with 95 % bootstrap intervals by subject; everything is in means.csv.',
    columns: [
      { name: 'Method' },
      { name: 'Perturbation' },
      { name: 'ε', kind: 'number' },
      { name: 'PSNR', unit: 'dB, whole', kind: 'number' },
      { name: 'PSNR', unit: 'dB, foreground', kind: 'number' },
      { name: 'SSIM', unit: 'whole', kind: 'number' },
      { name: 'SSIM', unit: 'foreground', kind: 'number' },
      { name: 'NMSE', kind: 'number' },
      { name: 'n', unit: 'images / subjects', kind: 'number' },
    ],
    rows,
  })}</details>`;
}

/** What scoring with the clean data's coil maps would have shown. */
function mapsTable(study: StudyRecord): Content {
  const epsilon = largestEpsilon(study);
  const rows = methodNames(study).flatMap((target) => {
    const query = { perturbation: 'attack', source: target, target, epsilon } as const;
    const [own] = cellsOf(study, query);
    const [clean] = cellsOf(study, { ...query, maps: 'clean' });
    if (!own || !clean) return [];
    return [
      [
        target,
        withInterval(own.drop, 2),
        withInterval(clean.drop, 2),
        `${clean.drop.images} / ${clean.drop.subjects}`,
      ],
    ];
  });
  return (
    rows.length > 0 &&
    htmlTable({
      caption: markup`PSNR lost to the own attack at ε = ${epsilon}, by the data that coil maps are estimated from.`,
      columns: [
        { name: 'Method' },
        { name: 'Maps of the perturbed data', unit: 'dB; used everywhere else', kind: 'number' },
        { name: 'Maps of the clean data', unit: 'dB', kind: 'number' },
        { name: 'n', unit: 'images / subjects', kind: 'number' },
      ],
      rows,
    })
  );
}
