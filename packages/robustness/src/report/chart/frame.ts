import { join, type Markup, markup } from '../markup/markup.js';
import { label, px, textWidth } from './chart.js';
import type { Scale } from './scale.js';

/** The rectangle between the axes, in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface FrameOptions {
  readonly area: Area;
  readonly x: Scale;
  readonly y: Scale;
  readonly xLabel?: string | undefined;
  readonly yLabel?: string | undefined;
  readonly title?: string | undefined;
  /** Whether the tick labels are written; default true. */
  readonly hasYTicks?: boolean | undefined;
}

/** Grid, axes, ticks and their labels. */
export function frame({ area, x, y, xLabel, yLabel, title, hasYTicks = true }: FrameOptions): Markup {
  const { left, top, right, bottom } = area;
  const shownX = spaced(x);
  return join([
    y.ticks.map(({ value }) => horizontal(left, right, y.at(value))),
    shownX.map(({ value }) => markup`<path class="axis" d="M${px(x.at(value))} ${px(bottom)}v4"/>`),
    markup`<path class="axis" d="M${px(left)} ${px(bottom)}H${px(right)}"/>`,
    shownX.map((tick) => label(x.at(tick.value), bottom + 17, tick.label, 'middle', 'tick')),
    hasYTicks && y.ticks.map((tick) => label(left - 7, y.at(tick.value) + 4, tick.label, 'end', 'tick')),
    xLabel !== undefined && label((left + right) / 2, bottom + 36, xLabel, 'middle'),
    yLabel !== undefined && turned(left - 14 - tickWidth(y), (top + bottom) / 2, yLabel),
    title !== undefined && label(left, top - 9, title, 'start', 'heading'),
  ]);
}

/** Pixels that the widest tick label takes. */
export const tickWidth = ({ ticks }: Scale): number =>
  ticks.reduce((widest, { label: text }) => Math.max(widest, textWidth(text, 11)), 0);

const horizontal = (left: number, right: number, y: number): Markup =>
  markup`<path class="grid" d="M${px(left)} ${px(y)}H${px(right)}"/>`;

const turned = (x: number, y: number, text: string): Markup =>
  markup`<text transform="translate(${px(x)} ${px(y)}) rotate(-90)" text-anchor="middle">${text}</text>`;

/** Ticks along x whose labels do not touch. */
function spaced(x: Scale): Scale['ticks'] {
  let free = -Infinity;
  return x.ticks.filter((tick) => {
    const [at, half] = [x.at(tick.value), textWidth(tick.label, 11) / 2];
    if (at - half < free) return false;
    free = at + half + 6;
    return true;
  });
}
