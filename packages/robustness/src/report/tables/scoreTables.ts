import type { CellRecord, ImageRecord, IntervalRecord, ScoreRow } from '../../study/records.js';
import { type ColumnOf, type Table, tableOf } from './table.js';

type Columns<Item> = Record<string, ColumnOf<Item>>;

/** One line for each score there is. */
export const scoresTable = (rows: readonly ScoreRow[]): Table =>
  tableOf('scores', 'One method on one image under one perturbation.', rows, {
    perturbation: ['none, attack, or noise (mask-matched Gaussian)', (row) => row.perturbation],
    source: ['method that the perturbation was crafted for', (row) => row.source],
    target: ['method that reconstructed', (row) => row.target],
    image: ['image', (row) => row.image],
    subject: ['subject', (row) => row.subject],
    maps: ['whether coil maps come from the perturbed data', (row) => row.maps],
    epsilon: ['asked for, norm of e over norm of the full k-space', (row) => row.epsilon],
    epsilon_reached: ['reached', (row) => row.reached],
    epsilon_sampled: ['norm of e over norm of the sampled data', (row) => row.sampled],
    drop_db: ['PSNR lost to the own clean reconstruction, dB', (row) => row.drop],
    ...scoreColumns('', 'against the noisy reference', (row) => row.scores),
    ...scoreColumns('_noise_free', 'against the noise-free image', (row) => row.noiseFree),
    unit: ['name of the result in the store', (row) => row.unit],
  });

const metrics = [
  ['ssim', 'SSIM, whole image', 'ssim'],
  ['ssim_foreground', 'SSIM, foreground', 'ssim_foreground'],
  ['psnr', 'PSNR, whole image, dB', 'psnr_db'],
  ['psnr_foreground', 'PSNR, foreground, dB', 'psnr_foreground_db'],
  ['nmse', 'NMSE, unmatched intensities', 'nmse'],
  ['mse', 'mean squared error, unmatched intensities', 'mse'],
  ['vif', 'VIF', 'vif'],
] as const;

const scoreColumns = (
  suffix: string,
  against: string,
  scores: (row: ScoreRow) => ScoreRow['noiseFree'],
): Columns<ScoreRow> =>
  Object.fromEntries(
    metrics.map(([metric, meaning, name]) => [
      `${name}${suffix}`,
      [`${meaning}, ${against}`, (row: ScoreRow) => scores(row)?.[metric]],
    ]),
  );

/** One line for each mean over images. */
export const cellsTable = (cells: readonly CellRecord[]): Table =>
  tableOf('means', 'Means over images, with 95 % bootstrap intervals by subject.', cells, {
    perturbation: ['none, attack, or noise (mask-matched Gaussian)', (cell) => cell.perturbation],
    source: ['method that the perturbation was crafted for', (cell) => cell.source],
    target: ['method that reconstructed', (cell) => cell.target],
    epsilon: ['norm of e over norm of the full k-space', (cell) => cell.epsilon],
    maps: ['whether coil maps come from the perturbed data', (cell) => cell.maps],
    images: ['images', (cell) => cell.drop.images],
    subjects: ['subjects', (cell) => cell.drop.subjects],
    ...intervalColumns<CellRecord>('drop', '_db', 'PSNR lost, dB', (cell) => cell.drop),
    ...intervalColumns<CellRecord>('psnr', '_db', 'PSNR, whole image, dB', (cell) => cell.psnr),
    ...intervalColumns<CellRecord>(
      'psnr_foreground',
      '_db',
      'PSNR, foreground, dB',
      (cell) => cell.psnrForeground,
    ),
    ...intervalColumns<CellRecord>('ssim', '', 'SSIM, whole image', (cell) => cell.ssim),
    ...intervalColumns<CellRecord>('ssim_foreground', '', 'SSIM, foreground', (cell) => cell.ssimForeground),
    ...intervalColumns<CellRecord>('nmse', '', 'NMSE', (cell) => cell.nmse),
  });

const intervalColumns = <Item>(
  name: string,
  unit: string,
  meaning: string,
  read: (item: Item) => IntervalRecord,
): Columns<Item> => ({
  [`${name}${unit}`]: [meaning, (item) => read(item).estimate],
  [`${name}_low${unit}`]: [`${meaning}: lower end`, (item) => read(item).low],
  [`${name}_high${unit}`]: [`${meaning}: upper end`, (item) => read(item).high],
});

export const imagesTable = (images: readonly ImageRecord[]): Table =>
  tableOf('images', 'The images and how they were acquired.', images, {
    image: ['image', (image) => image.name],
    data: ['source of images', (image) => image.data],
    subject: ['subject', (image) => image.subject],
    anatomy: ['anatomy', (image) => image.anatomy],
    contrast: ['contrast', (image) => image.contrast],
    use: ['tune or test', (image) => image.use],
    split: ['how it is separated from training data', (image) => image.split],
    coils: ['coils', (image) => image.coils],
    height: ['rows of the study grid', (image) => image.grid[0]],
    width: ['columns of the study grid', (image) => image.grid[1]],
    lines: ['columns of k-space that are measured', (image) => image.sampled.lines],
    centre_lines: ['of these, in the fully sampled centre', (image) => image.sampled.centre],
    support_rows: ['part of Nyquist that the source reaches along rows', (image) => image.support?.[0]],
    support_columns: ['along columns', (image) => image.support?.[1]],
  });
