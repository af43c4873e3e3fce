import { type ColourMapName, paint } from '@adjoint/mri';
import { join, type Markup, markup } from '../markup/markup.js';
import { pngUri } from '../pictures/png.js';
import { label, px, textWidth } from './chart.js';
import { scaleOf } from './scale.js';

export interface ColourBarOptions {
  readonly map: ColourMapName;
  readonly low: number;
  readonly high: number;
  readonly label: string;
  readonly width: number;
}

const thickness = 10;

/** Pixels that a bar takes with its label. */
export const colourBarWidth = (width: number, text: string): number => width + 14 + textWidth(text, 10.5);

/** What the colours stand for: a bar with ticks below it. */
export function colourBar({ map, low, high, label: text, width }: ColourBarOptions): Markup {
  const levels = Array.from({ length: 256 }, (_, i) => i);
  const data = paint(levels, { low: 0, high: 255 }, map);
  const picture = pngUri({ width: 256, height: 1, data });
  // ticks lie within the bar: its ends are the data's, not round numbers
  const { ticks } = scaleOf([low, high], { from: 0, to: width, count: 4 });
  const inside = ticks.filter(({ value }) => value >= low && value <= high);
  const at = (value: number): number => (high > low ? ((value - low) / (high - low)) * width : 0);
  return join([
    markup`<image href="${picture}" x="0" y="0" width="${px(width)}" height="${thickness}" preserveAspectRatio="none"/>`,
    inside.map(({ value }) => markup`<path class="axis" d="M${px(at(value))} ${thickness}v4"/>`),
    inside.map((tick) => label(at(tick.value), thickness + 16, tick.label, 'middle', 'tick')),
    label(width + 10, thickness - 1, text, 'start', 'small'),
  ]);
}
