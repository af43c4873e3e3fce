import { type Markup, markup } from '../markup/markup.js';
import { px } from './chart.js';
import { colourOf, type SeriesStyle } from './palette.js';

/** A place in pixels with the interval around its value, if it is bounded. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** Shown when the pointer rests on it. */
  readonly tip?: string | undefined;
}

const dashes = { solid: 'none', dashed: '6 4', dotted: '2 3' } as const;
const size = 4;

/** Corners of the markers that are polygons, in units of `size`. */
const corners: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  square: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  triangle: [
    [0, -1.2],
    [1.1, 0.8],
    [-1.1, 0.8],
  ],
  inverted: [
    [0, 1.2],
    [1.1, -0.8],
    [-1.1, -0.8],
  ],
  diamond: [
    [0, -1.3],
    [1.3, 0],
    [0, 1.3],
    [-1.3, 0],
  ],
  cross: [
    [-1, -0.4],
    [-0.4, -1],
    [0, -0.6],
    [0.4, -1],
    [1, -0.4],
    [0.6, 0],
    [1, 0.4],
    [0.4, 1],
    [0, 0.6],
    [-0.4, 1],
    [-1, 0.4],
    [-0.6, 0],
  ],
  plus: [
    [-0.4, -1.2],
    [0.4, -1.2],
    [0.4, -0.4],
    [1.2, -0.4],
    [1.2, 0.4],
    [0.4, 0.4],
    [0.4, 1.2],
    [-0.4, 1.2],
    [-0.4, 0.4],
    [-1.2, 0.4],
    [-1.2, -0.4],
    [-0.4, -0.4],
  ],
  star: [
    [0, -1.4],
    [0.4, -0.4],
    [1.4, -0.4],
    [0.6, 0.3],
    [0.9, 1.3],
    [0, 0.7],
    [-0.9, 1.3],
    [-0.6, 0.3],
    [-1.4, -0.4],
    [-0.4, -0.4],
  ],
};

export function marker({ x, y, tip }: Place, style: SeriesStyle): Markup {
  const paint = style.hollow
    ? `fill:var(--paper);stroke:${colourOf(style)};stroke-width:1.5`
    : `fill:${colourOf(style)};stroke:var(--paper);stroke-width:0.75`;
  const title = tip === undefined ? undefined : markup`<title>${tip}</title>`;
  const polygon = corners[style.marker ?? 'circle'];
  if (!polygon)
    return markup`<circle cx="${px(x)}" cy="${px(y)}" r="${size}" style="${paint}">${title}</circle>`;
  const points = polygon.map(([dx, dy]) => `${px(x + size * dx)},${px(y + size * dy)}`).join(' ');
  return markup`<polygon points="${points}" style="${paint}">${title}</polygon>`;
}

export function line(places: readonly Place[], style: SeriesStyle, opacity = 1): Markup | undefined {
  if (places.length < 2) return undefined;
  const path = places.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${px(x)} ${px(y)}`).join('');
  const paint = `stroke:${colourOf(style)};stroke-width:${style.width ?? 1.75};stroke-dasharray:${dashes[style.dash ?? 'solid']};opacity:${opacity}`;
  return markup`<path class="line" d="${path}" style="${paint}"/>`;
}

/** Many small points as one path: a marker each would fill the page. */
export function dots(places: readonly Place[], style: SeriesStyle): Markup {
  const path = places.map(({ x, y }) => `M${px(x)} ${px(y)}h0`).join('');
  return markup`<path class="line" d="${path}" style="stroke:${colourOf(style)};stroke-width:4;opacity:0.55"/>`;
}

/** The area between the intervals' ends of places that have them. */
export function band(places: readonly Place[], style: SeriesStyle): Markup | undefined {
  const known = places.filter(({ low, high }) => low !== undefined && high !== undefined);
  if (known.length < 2) return undefined;
  const there = known.map(({ x, high }, i) => `${i === 0 ? 'M' : 'L'}${px(x)} ${px(high!)}`);
  const back = [...known].reverse().map(({ x, low }) => `L${px(x)} ${px(low!)}`);
  return markup`<path d="${[...there, ...back].join('')}Z" style="fill:${colourOf(style)};opacity:0.16;stroke:none"/>`;
}

const cap = 3;

/** A vertical interval with short ends. */
export function whisker({ x, low, high }: Place, style: SeriesStyle): Markup | undefined {
  if (low === undefined || high === undefined) return undefined;
  const path = `M${px(x - cap)} ${px(low)}h${2 * cap}M${px(x)} ${px(low)}V${px(high)}M${px(x - cap)} ${px(high)}h${2 * cap}`;
  return markup`<path class="line" d="${path}" style="stroke:${colourOf(style)};stroke-width:1.25"/>`;
}

/** A horizontal interval around x, from `low` to `high`. */
export function rail({ y, low, high }: Place, style: SeriesStyle): Markup | undefined {
  if (low === undefined || high === undefined) return undefined;
  const path = `M${px(low)} ${px(y - cap)}v${2 * cap}M${px(low)} ${px(y)}H${px(high)}M${px(high)} ${px(y - cap)}v${2 * cap}`;
  return markup`<path class="line" d="${path}" style="stroke:${colourOf(style)};stroke-width:1.25"/>`;
}
