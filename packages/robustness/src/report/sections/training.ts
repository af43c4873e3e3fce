import type { TrainingRecord, TuningRecord } from '../../study/records.js';
import { withInterval } from '../cells.js';
import { type LinePanel, lineChart } from '../chart/lineChart.js';
import type { ReportContext, SectionOf } from '../context.js';
import { fileName } from '../figures.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed, plural, significant } from '../markup/numbers.js';

/** What was trained and tuned for this study. */
export const training: SectionOf = (context) => {
  const { study } = context;
  if (study.training.length + study.tuning.length === 0) return undefined;
  return {
    id: 'training',
    short: 'Training',
    title: 'Training and tuning',
    body: [
      study.training.map((record) => [lossFigure(context, record), validationFigure(context, record)]),
      study.training.some(({ psnr }) => psnr !== null) && scoresTable(study.training),
      study.tuning.length > 0 && tuningFigure(context, study.tuning),
    ],
  };
};

function lossFigure({ figures, styleOf }: ReportContext, { method, about, losses }: TrainingRecord): Content {
  const points = losses.map(({ step, loss }) => ({ x: step, y: loss }));
  const chart = lineChart({
    panels: [
      {
        title: 'training loss',
        series: [
          {
            name: 'each step',
            style: { colour: 'muted', width: 1 },
            points,
            hasMarkers: false,
            opacity: 0.5,
          },
          {
            ...{ name: 'running mean', style: { ...styleOf(method), width: 2.25 }, hasMarkers: false },
            points: smoothed(points),
          },
        ],
      },
    ],
    x: { label: 'optimiser step' },
    y: { label: 'loss', kind: points.every(({ y }) => y > 0) ? 'log' : 'linear' },
    ...{ size: [760, 200], columns: 1 },
    alternative: `Training loss of ${method} over ${losses.length} steps; the numbers are in training.csv.`,
  });
  const caption = markup`Training of ${method}: ${about}; ${plural(losses.length, 'step')}.`;
  return figures.add(`training-${fileName(method)}`, chart, caption);
}

function validationFigure(
  { figures, styleOf }: ReportContext,
  { method, validation }: TrainingRecord,
): Content {
  if (validation.length === 0) return undefined;
  const points = validation.map(({ step, score }) => ({ x: step, y: score }));
  const chart = lineChart({
    panels: [{ title: 'validation score', series: [{ name: method, style: styleOf(method), points }] }],
    x: { label: 'optimiser step' },
    y: { label: 'score' },
    ...{ size: [760, 160], columns: 1 },
    alternative: `Validation score of ${method}; the numbers are in training.csv.`,
  });
  const caption = `Scores of ${method} on held-out images while it was trained.`;
  return figures.add(`training-${fileName(method)}-validation`, chart, caption);
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Means over a fiftieth of the curve around each point. */
function smoothed(points: readonly Place[]): Place[] {
  const half = Math.ceil(points.length / 100);
  return points.map(({ x }, i) => {
    const near = points.slice(Math.max(0, i - half), i + half + 1);
    return { x, y: near.reduce((sum, { y }) => sum + y, 0) / near.length };
  });
}

const scoresTable = (records: readonly TrainingRecord[]): Content =>
  htmlTable({
    caption: 'Clean scores on the test images of the networks trained in this run.',
    columns: [
      { name: 'Network' },
      { name: 'Weights' },
      { name: 'PSNR', unit: 'dB, whole', kind: 'number' },
      { name: 'SSIM', unit: 'whole', kind: 'number' },
      { name: 'n', unit: 'images / subjects', kind: 'number' },
    ],
    rows: records.flatMap(({ method, isStudied, psnr, ssim, shipped }) =>
      [
        { weights: isStudied ? 'trained in this run, attacked above' : 'trained here', psnr, ssim },
        { weights: 'the method’s own, attacked above', ...(shipped ?? { psnr: null, ssim: null }) },
      ].flatMap((row) =>
        row.psnr && row.ssim
          ? [
              [
                method,
                row.weights,
                withInterval(row.psnr, 2),
                withInterval(row.ssim, 3),
                `${row.psnr.images} / ${row.psnr.subjects}`,
              ],
            ]
          : [],
      ),
    ),
  });

function tuningFigure({ figures, styleOf }: ReportContext, records: readonly TuningRecord[]): Content {
  const panels = records.map(({ method, metric, lambda, table }): LinePanel => {
    const points = table
      .map(({ lambda: x, score: y }) => ({ x, y, tip: `λ = ${significant(x)}: ${fixed(y, 3)}` }))
      .sort((a, b) => a.x - b.x);
    const best = points.filter(({ x }) => x === lambda);
    return {
      title: `${method}: λ = ${significant(lambda)}`,
      y: { label: metricNames[metric] ?? metric },
      series: [
        { name: method, style: styleOf(method), points },
        { name: 'chosen', style: { colour: 'ink', marker: 'star' }, points: best },
      ],
    };
  });
  const images = [...new Set(records.flatMap((record) => record.images))];
  return figures.add(
    'tuning',
    lineChart({
      panels,
      x: { label: 'λ, relative to max |A^H y|', kind: 'log' },
      y: { label: 'score' },
      ...{ axes: 'own', size: [400, 150] },
      alternative: `Mean score against lambda for ${records.map(({ method }) => method).join(', ')}; the numbers are in tuning.csv.`,
    }),
    markup`Choice of regularisation weights: mean score over ${plural(images.length, 'tuning image')} (${images.join(', ')}), none of which is tested. Stars: chosen.`,
  );
}

const metricNames: Readonly<Record<string, string>> = { psnr: 'PSNR (dB)', ssim: 'SSIM' };
