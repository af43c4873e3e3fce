import { join, type Markup, markup } from '../markup/markup.js';
import { type Chart, label, moved, px, textWidth } from './chart.js';
import { frame } from './frame.js';
import { legend } from './legend.js';
import type { Point } from './linePanel.js';
import { marker, rail } from './marks.js';
import type { SeriesStyle } from './palette.js';
import { maximum, type Scale, scaleOf } from './scale.js';

export interface DotSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  /** One for each row, in the rows' order; `x` is the value, `y` is not used. */
  readonly points: readonly (Omit<Point, 'y'> | undefined)[];
}

export interface DotPanel {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly DotSeries[];
  /** Values that the axis holds whatever the data are. */
  readonly include?: readonly number[] | undefined;
  /** Vertical lines to compare with. */
  readonly goals?: readonly { readonly value: number; readonly label: string }[] | undefined;
}

export interface DotChartOptions {
  readonly rows: readonly string[];
  readonly panels: readonly DotPanel[];
  readonly alternative: string;
  /** Width of a panel's plotting area. Default 360. */
  readonly panelWidth?: number | undefined;
}

const gap = 30;

/** Values with intervals along x, one row for each thing compared: unlike bars, the axis need not begin at 0. */
export function dotChart({ rows, panels, alternative, panelWidth = 360 }: DotChartOptions): Chart {
  const most = maximum(panels.map(({ series }) => series.length));
  const pitch = Math.max(26, 12 + 11 * most);
  const left = 14 + maximum(rows.map((row) => textWidth(row)));
  const width = left + panels.length * (panelWidth + gap);
  const entries = panels.flatMap(({ series }) => series.map((s) => ({ ...s, hasLine: false })));
  const key = legend(entries, width - left);
  // goals are named above their lines, and titles above them
  const hasGoals = panels.some(({ goals = [] }) => goals.length > 0);
  const titleAt = hasGoals ? -24 : -9;
  const top = key.height + 29 - titleAt;
  const height = rows.length * pitch;
  const place = { width: panelWidth, height, pitch, titleAt };
  const bodies = panels.map((panel, i) => moved(left + i * (panelWidth + gap), top, panelBody(panel, place)));
  const names = rows.map((row, i) => label(left - 10, top + (i + 0.5) * pitch + 4, row, 'end'));
  return {
    width,
    height: top + height + 46,
    alternative,
    body: join([moved(left, 4, key.body), names, bodies]),
  };
}

interface PanelPlace {
  readonly width: number;
  readonly height: number;
  /** Between rows. */
  readonly pitch: number;
  readonly titleAt: number;
}

function panelBody(panel: DotPanel, { width, height, pitch, titleAt }: PanelPlace): Markup {
  const { series, goals = [], include = [] } = panel;
  const values = series.flatMap(({ points }) =>
    points.flatMap((point) => (point ? [point.x, point.low ?? point.x, point.high ?? point.x] : [])),
  );
  const x = scaleOf([...values, ...include, ...goals.map(({ value }) => value)], { from: 6, to: width - 6 });
  const y = scaleOf([0, 1], { from: height, to: 0, ticks: [] });
  const area = { left: 0, top: 0, right: width, bottom: height };
  const rowAt = (row: number, k: number): number => row * pitch + (k + 1) * (pitch / (series.length + 1));
  return join([
    frame({ area, x, y, xLabel: panel.xLabel, hasYTicks: false }),
    label(0, titleAt, panel.title, 'start', 'heading'),
    x.ticks.map(({ value }) => markup`<path class="grid" d="M${px(x.at(value))} 0V${height}"/>`),
    goals.map((goal) => goalLine(x.at(goal.value), height, goal.label)),
    series.map((one, k) => dots(one, x, (row) => rowAt(row, k))),
  ]);
}

const goalLine = (x: number, height: number, text: string): Markup =>
  join([markup`<path class="goal" d="M${px(x)} -2V${height}"/>`, label(x - 4, -4, text, 'end', 'small')]);

function dots({ points, style }: DotSeries, x: Scale, rowAt: (row: number) => number): Markup {
  const end = (value: number | undefined): number | undefined =>
    value !== undefined && x.has(value) ? x.at(value) : undefined;
  return join(
    points.map((point, row) => {
      if (!point || !x.has(point.x)) return undefined;
      const place = {
        x: x.at(point.x),
        y: rowAt(row),
        low: end(point.low),
        high: end(point.high),
        tip: point.tip,
      };
      return join([rail(place, style), marker(place, style)]);
    }),
  );
}
