import { join, type Markup } from '../markup/markup.js';
import { type Chart, label, moved } from './chart.js';
import { frame, tickWidth } from './frame.js';
import { dots, line, marker } from './marks.js';
import type { SeriesStyle } from './palette.js';
import { maximum, minimum, type Scale, scaleOf } from './scale.js';

export interface ScatterPanel {
  readonly title: string;
  /** Said below the title, such as the fit. */
  readonly note?: string | undefined;
  readonly style: SeriesStyle;
  readonly points: readonly { readonly x: number; readonly y: number; readonly tip?: string | undefined }[];
  /** y = slope x + intercept, drawn over the points' extent. */
  readonly fit?: { readonly slope: number; readonly intercept: number } | undefined;
}

export interface ScatterOptions {
  readonly panels: readonly ScatterPanel[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly alternative: string;
  /** Panels per row. Default 4. */
  readonly columns?: number | undefined;
  /** Whether panels have y axes of their own. Default false. */
  readonly ownY?: boolean | undefined;
}

const [width, height] = [176, 170];
const mostMarkers = 60;

/** Points with their straight line, one panel for each thing compared. */
export function scatterChart(options: ScatterOptions): Chart {
  const { panels, columns = 4, ownY = false } = options;
  const allY = panels.flatMap(({ points }) => points.map(({ y }) => y));
  const x = scaleOf(
    panels.flatMap(({ points }) => points.map((point) => point.x)),
    { from: 6, to: width - 6, count: 4 },
  );
  const scales = panels.map(({ points }) =>
    scaleOf(ownY ? points.map(({ y }) => y) : allY, { from: height, to: 0, count: 4 }),
  );
  const left = 32 + maximum(scales.map(tickWidth));
  const perRow = Math.min(columns, panels.length);
  const pitch = width + (ownY ? left : 0) + 16;
  const [top, rowPitch] = [44, height + 104];
  return {
    width: left + (perRow - 1) * pitch + width + 12,
    height: top + Math.ceil(panels.length / perRow) * rowPitch - 56,
    alternative: options.alternative,
    body: join(
      panels.map((panel, i) => {
        const column = i % perRow;
        const own = column === 0 || ownY;
        const area = { left: 0, top: 0, right: width, bottom: height };
        const labels = { xLabel: options.xLabel, yLabel: own ? options.yLabel : undefined, hasYTicks: own };
        const body = join([frame({ area, x, y: scales[i]!, ...labels }), panelBody(panel, x, scales[i]!)]);
        return moved(left + column * pitch, top + Math.floor(i / perRow) * rowPitch, body);
      }),
    ),
  };
}

function panelBody({ title, note, style, points, fit }: ScatterPanel, x: Scale, y: Scale): Markup {
  const shown = points.filter((point) => x.has(point.x) && y.has(point.y));
  const places = shown.map(({ x: a, y: b, tip }) => ({ x: x.at(a), y: y.at(b), tip }));
  const ends = shown.map((point) => point.x);
  const straight =
    fit &&
    [minimum(ends), maximum(ends)].map((at) => ({ x: x.at(at), y: y.at(fit.slope * at + fit.intercept) }));
  return join([
    label(0, -24, title, 'start', 'heading'),
    note !== undefined && label(0, -9, note, 'start', 'small'),
    places.length > mostMarkers ? dots(places, style) : places.map((place) => marker(place, style)),
    straight && shown.length > 1 && line(straight, { colour: 'muted', width: 1.5 }),
  ]);
}
