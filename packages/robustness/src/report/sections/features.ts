import { type LineFit, ols, paint } from '@adjoint/mri';
import type { HeatMapRecord, LocationRecord } from '../../study/records.js';
import { methodNames, spread } from '../cells.js';
import { type DotPanel, dotChart } from '../chart/dotChart.js';
import { type PictureCell, pictureChart } from '../chart/pictureChart.js';
import { maximum } from '../chart/scale.js';
import { type ScatterPanel, scatterChart } from '../chart/scatterChart.js';
import type { ReportContext, SectionOf } from '../context.js';
import { htmlTable } from '../markup/htmlTable.js';
import { type Content, markup } from '../markup/markup.js';
import { fixed, isNumber, plural, significant } from '../markup/numbers.js';
import { brightest, mayBeShown } from './strips.js';

/** Images that are shown as maps; numbers are given for all. */
const mostImages = 5;

/** Error over a small bright feature wherever it is put. */
export const features: SectionOf = async (context) => {
  const maps = context.study.heatMaps;
  if (maps.length + context.study.locations.length === 0) return undefined;
  const insertions = [...new Set(maps.map(({ insertion }) => insertion))];
  const figures: Content[] = [];
  for (const insertion of insertions)
    figures.push(
      await mapFigure(
        context,
        maps.filter((map) => map.insertion === insertion),
      ),
    );
  return {
    id: 'features',
    short: 'Small features',
    title: 'Small features: where they are lost',
    body: [figures, placeFigure(context), darkFigure(context, maps), summaryTable(maps)],
  };
};

const about: Readonly<Record<HeatMapRecord['insertion'], string>> = {
  corrected: 'as bright as the image’s maximum, seen by every coil through its own sensitivity',
  faithful:
    'of one real value in every coil image, a sixth of the image’s maximum, as the published code has it: no coil sensitivity fits that, so that methods with sensitivity maps cannot represent it',
};

async function mapFigure(context: ReportContext, maps: readonly HeatMapRecord[]): Promise<Content> {
  const { study, figures } = context;
  const { insertion, window } = maps[0]!;
  const names = [...new Set(maps.map(({ image }) => image))].slice(0, mostImages);
  const methods = methodNames(study).filter((name) => maps.some(({ method }) => method === name));
  const rows = [];
  for (const name of names) {
    const found = methods.map((method) => maps.find((map) => map.method === method && map.image === name));
    rows.push({
      name,
      cells: [await referenceCell(context, name), ...found.map((map) => map && mapCell(map))],
    });
  }
  const chart = pictureChart({
    columns: ['reference', ...methods],
    rows,
    bar: { map: 'viridis', low: 0, high: 1, label: 'region error, 0: least, 1: most on that map' },
    alternative: `Maps of the error over a small feature for ${methods.join(', ')} on ${names.join(', ')}; all values are in heat-map-values.csv.`,
  });
  return figures.add(
    `heat-maps-${insertion}`,
    chart,
    markup`A feature of ${window} × ${window} pixels, ${about[insertion]}; put at every position of a grid and reconstructed. Colour: squared error over the feature alone, each map from its own least to its own most; below it that range and the coefficient of variation (CV). Magenta: the position failed. ${plural(names.length, 'image')} shown of ${new Set(maps.map(({ image }) => image)).size}.`,
  );
}

async function referenceCell(context: ReportContext, name: string): Promise<PictureCell | undefined> {
  const image = context.study.images.find((one) => one.name === name);
  if (!image || !mayBeShown(context, image)) return undefined;
  const reference = (await context.readArrays(image.unit))?.reference;
  if (!reference) return undefined;
  const [height, width] = [reference.shape.at(-2)!, reference.shape.at(-1)!];
  const data = paint(reference.data, { low: 0, high: brightest(reference.data) }, 'gray');
  return { picture: { height, width, data }, tip: `${name}: reference` };
}

function mapCell(map: HeatMapRecord): PictureCell {
  const values = map.values.flat().map((value) => value ?? Number.NaN);
  const isKnown = Number.isFinite(map.minimum) && Number.isFinite(map.maximum); // not where every position failed
  const window = isKnown ? { low: map.minimum, high: map.maximum } : { low: 0, high: 1 };
  const data = paint(values, window, 'viridis');
  const note = `${significant(map.minimum, 2)} to ${significant(map.maximum, 2)}, CV ${fixed(map.coefficientOfVariation, 2)}`;
  return {
    picture: { height: map.rows.length, width: map.columns.length, data },
    note,
    tip: `${map.method}, ${map.image}: region error ${note}`,
  };
}

/** How much of the error the place decides, and how far it varies, over masks and noises drawn anew. */
function placeFigure({ study, figures }: ReportContext): Content {
  const { locations } = study;
  if (locations.length === 0) return undefined;
  const methods = methodNames(study).filter((name) => locations.some(({ method }) => method === name));
  const panel = (
    title: string,
    read: (record: LocationRecord) => number,
    extra: Pick<DotPanel, 'include' | 'goals'>,
  ): DotPanel => ({
    ...{ title, xLabel: title, ...extra },
    series: [
      {
        name: 'mean and range over images',
        style: { colour: 0 },
        points: methods.map((name) =>
          spread(locations.filter(({ method }) => method === name).map(read), `${name}, ${title}`, 3),
        ),
      },
    ],
  });
  return figures.add(
    'places',
    dotChart({
      rows: methods,
      panels: [
        panel('part of the variance between places', ({ explained }) => explained, {
          include: [0, 1],
          goals: [{ value: 0.5, label: 'claim A17: half' }],
        }),
        panel('coefficient of variation', ({ coefficientOfVariation }) => coefficientOfVariation, {
          include: [0],
        }),
      ],
      alternative:
        'Part of the variance of the region error that lies between places, and its coefficient of variation, by method; the numbers are in locations.csv.',
    }),
    markup`Is it the place that decides? The same positions reconstructed under ${plural(maximum(locations.map(({ repeats }) => repeats)), 'mask and noise', 'masks and noises')} drawn anew: part of the variance of the error that lies between places (intra-class correlation), and standard deviation over mean. ${plural(new Set(locations.map(({ image }) => image)).size, 'image')}; whiskers: smallest to largest.`,
  );
}

const summaryTable = (maps: readonly HeatMapRecord[]): Content =>
  maps.length > 0 && markup`<details><summary>Heat maps in numbers</summary>${mapsTable(maps)}</details>`;

const mapsTable = (maps: readonly HeatMapRecord[]): Content =>
  htmlTable({
    caption:
      'Heat maps in numbers. CV: standard deviation over mean of the map. Darkness: rank correlation of the error with the local intensity; negative: features are lost in dark regions.',
    columns: [
      { name: 'Method' },
      { name: 'Image' },
      { name: 'Insertion' },
      { name: 'Positions', kind: 'number' },
      { name: 'Least error', kind: 'number' },
      { name: 'Most error', kind: 'number' },
      { name: 'CV', kind: 'number' },
      { name: 'Darkness', kind: 'number' },
    ],
    rows: maps.map((map) => [
      map.method,
      map.image,
      map.insertion,
      map.values.flat().filter((value) => value !== null).length,
      significant(map.minimum),
      significant(map.maximum),
      fixed(map.coefficientOfVariation, 3),
      fixed(map.darkness, 2),
    ]),
  });

/** Region error against how bright the surroundings are, with the straight line through it. */
function darkFigure({ study, figures, styleOf }: ReportContext, all: readonly HeatMapRecord[]): Content {
  const insertion = all.some((map) => map.insertion === 'corrected') ? 'corrected' : 'faithful';
  const maps = all.filter((map) => map.insertion === insertion);
  const panels = methodNames(study).flatMap((method): ScatterPanel[] => {
    const points = maps.filter((map) => map.method === method).flatMap(placesOf);
    const fit = fitOf(points);
    const note = fit && `slope ${significant(fit.slope)}, R² ${fixed(fit.r2, 2)}, n = ${points.length}`;
    return points.length > 0 ? [{ title: method, note, style: styleOf(method), points, fit }] : [];
  });
  if (panels.length === 0) return undefined;
  return figures.add(
    'error-against-intensity',
    scatterChart({
      panels,
      xLabel: 'local intensity',
      yLabel: 'region error',
      ownY: true,
      alternative: `Region error against local intensity for ${panels.map(({ title }) => title).join(', ')}, with least-squares lines.`,
    }),
    markup`Error over the feature (insertion: ${insertion}) against the mean of the reference around it, one point per position, all images; each panel has its own vertical axis. Line: ordinary least squares over all points, which are not independent: read it as a description, not as a test.`,
  );
}

function fitOf(points: readonly { x: number; y: number }[]): LineFit | undefined {
  const xs = points.map(({ x }) => x);
  if (new Set(xs).size < 2) return undefined;
  return ols(
    xs,
    points.map(({ y }) => y),
  );
}

function placesOf({ values, intensity }: HeatMapRecord): { x: number; y: number }[] {
  return values.flatMap((line, i) =>
    line.flatMap((y, j) => {
      const x = intensity[i]?.[j];
      return isNumber(x) && isNumber(y) ? [{ x, y }] : [];
    }),
  );
}
