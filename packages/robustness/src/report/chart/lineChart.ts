import { join } from '../markup/markup.js';
import { type Chart, moved, textWidth } from './chart.js';
import { tickWidth } from './frame.js';
import { legend } from './legend.js';
import { type LineSeries, linePanel } from './linePanel.js';
import { maximum, type Scale, scaleOf } from './scale.js';

export interface AxisOptions {
  readonly label: string;
  readonly kind?: 'linear' | 'log' | undefined;
  readonly ticks?: readonly number[] | undefined;
  /** Values that the axis holds whatever the data are. */
  readonly include?: readonly number[] | undefined;
}

export interface LinePanel {
  readonly title: string;
  readonly series: readonly LineSeries[];
  /** Instead of the chart's, where panels have axes of their own. */
  readonly y?: AxisOptions | undefined;
}

export interface LineChartOptions {
  readonly panels: readonly LinePanel[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  readonly alternative: string;
  /** Whether each panel has its own axes. Default 'shared': axes to compare on. */
  readonly axes?: 'shared' | 'own' | undefined;
  /** Panels per row. Default 2. */
  readonly columns?: number | undefined;
  /** Of a panel's plotting area. Default 440 × 230. */
  readonly size?: readonly [width: number, height: number] | undefined;
  /** Default true. */
  readonly hasLegend?: boolean | undefined;
}

/** Lines with intervals, in one panel or several. */
export function lineChart(options: LineChartOptions): Chart {
  const { panels, columns = 2, size = [440, 230], axes = 'shared', hasLegend = true } = options;
  const [width, height] = size;
  const scales = panelScales(options, size);
  const left = 34 + maximum(scales.map(({ y }) => tickWidth(y)));
  const perRow = Math.min(columns, panels.length);
  const pitch = width + (axes === 'own' ? left : 26);
  const total = left + (perRow - 1) * pitch + width + 12;
  const key = legend(hasLegend ? legendEntries(panels) : [], total - left);
  const top = key.height + 34;
  const rowPitch = height + 86;
  const bodies = panels.map((panel, i) => {
    const column = i % perRow;
    const own = column === 0 || axes === 'own';
    const yLabel = own ? (panel.y ?? options.y).label : undefined;
    const body = linePanel(panel, { ...scales[i]!, size, xLabel: options.x.label, yLabel, hasYTicks: own });
    return moved(left + column * pitch, top + Math.floor(i / perRow) * rowPitch, body);
  });
  return {
    width: Math.ceil(Math.max(total, ...panels.map(({ title }) => left + textWidth(title, 13)))),
    height: top + Math.ceil(panels.length / perRow) * rowPitch - 40,
    alternative: options.alternative,
    body: join([moved(left, 4, key.body), ...bodies]),
  };
}

/** A line where some panel draws one. */
function legendEntries(panels: readonly LinePanel[]) {
  const all = panels.flatMap(({ series }) => series);
  const hasLine = (name: string): boolean => all.some((s) => s.name === name && s.points.length > 1);
  return all.map((s) => ({ ...s, hasLine: hasLine(s.name), hasMarker: s.hasMarkers ?? true }));
}

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

function panelScales(
  { panels, x, y, axes }: LineChartOptions,
  [width, height]: readonly [number, number],
): Scales[] {
  const of = (some: readonly LinePanel[], yAxis: AxisOptions): Scales => {
    const points = some.flatMap(({ series }) => series.flatMap((s) => s.points));
    const xs = [...points.map((point) => point.x), ...(x.include ?? [])];
    const ys = points.flatMap(({ y: middle, low, high }) => [middle, low ?? middle, high ?? middle]);
    return {
      x: scaleOf(xs, { ...x, from: 8, to: width - 8 }),
      y: scaleOf([...ys, ...(yAxis.include ?? [])], { ...yAxis, from: height, to: 0 }),
    };
  };
  if (axes === 'own') return panels.map((panel) => of([panel], panel.y ?? y));
  const shared = of(panels, y);
  return panels.map(() => shared);
}
