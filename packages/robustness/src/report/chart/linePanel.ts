import { join, type Markup } from '../markup/markup.js';
import { frame } from './frame.js';
import { band, line, marker, type Place, whisker } from './marks.js';
import type { SeriesStyle } from './palette.js';
import type { Scale } from './scale.js';

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Of an interval; left out where there is none. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly tip?: string | undefined;
  /** Other series begin there too, and one of them marks it: only the line passes through. */
  readonly isShared?: boolean | undefined;
}

export interface LineSeries {
  readonly name: string;
  readonly style: SeriesStyle;
  readonly points: readonly Point[];
  /** How intervals are drawn. Default 'whiskers'. */
  readonly interval?: 'whiskers' | 'band' | undefined;
  /** Default true; false for curves of many points. */
  readonly hasMarkers?: boolean | undefined;
  /** Never moved aside to make room for others’ intervals. */
  readonly isCentred?: boolean | undefined;
  readonly opacity?: number | undefined;
}

export interface LinePanelOptions {
  readonly x: Scale;
  readonly y: Scale;
  readonly size: readonly [width: number, height: number];
  readonly xLabel: string;
  readonly yLabel: string | undefined;
  readonly hasYTicks: boolean;
}

/** Pixels between series whose intervals would hide each other. */
const aside = 6;

/** One pair of axes with its lines. */
export function linePanel(
  { title, series }: { readonly title: string; readonly series: readonly LineSeries[] },
  { size, ...axes }: LinePanelOptions,
): Markup {
  const area = { left: 0, top: 0, right: size[0], bottom: size[1] };
  const moving = series.filter(
    (s) => (s.interval ?? 'whiskers') === 'whiskers' && s.isCentred !== true && hasIntervals(s),
  );
  const shiftOf = (s: LineSeries): number =>
    moving.includes(s) ? (moving.indexOf(s) - (moving.length - 1) / 2) * aside : 0;
  return join([
    frame({ area, title, ...axes }),
    series.map((s) => seriesBody(s, placesOf(s, axes, shiftOf(s)))),
  ]);
}

const hasIntervals = ({ points }: LineSeries): boolean =>
  points.some(({ low, isShared }) => low !== undefined && isShared !== true);

interface SeriesPlace extends Place {
  readonly isShared?: boolean | undefined;
}

/** Of the points that the axes have a place for. */
function placesOf({ points }: LineSeries, { x, y }: { x: Scale; y: Scale }, shift: number): SeriesPlace[] {
  const end = (value: number | undefined): number | undefined =>
    value !== undefined && y.has(value) ? y.at(value) : undefined;
  return points
    .filter((point) => x.has(point.x) && y.has(point.y))
    .map((point) => ({
      x: x.at(point.x) + (point.isShared ? 0 : shift),
      y: y.at(point.y),
      low: end(point.low),
      high: end(point.high),
      tip: point.tip,
      isShared: point.isShared,
    }));
}

function seriesBody(
  { style, interval = 'whiskers', hasMarkers = true, opacity }: LineSeries,
  places: readonly SeriesPlace[],
): Markup {
  const own = places.filter(({ isShared }) => isShared !== true);
  return join([
    interval === 'band' && band(places, style),
    line(places, style, opacity),
    interval === 'whiskers' && own.map((place) => whisker(place, style)),
    hasMarkers && own.map((place) => marker(place, style)),
  ]);
}
