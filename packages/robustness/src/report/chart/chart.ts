import { type Content, Markup, markup } from '../markup/markup.js';
import { chartStyle, darkVariables, lightVariables } from './palette.js';

/** A finished drawing. */
export interface Chart {
  readonly width: number;
  readonly height: number;
  /** What a reader who does not see it is told. */
  readonly alternative: string;
  readonly body: Markup;
}

/** For a page that holds `chartStyle` and the palette's variables. */
export const inlineSvg = ({ width, height, alternative, body }: Chart): Markup =>
  markup`<svg class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${alternative}">${body}</svg>`;

/** A file of its own, readable on light and dark pages. */
export function svgFile({ width, height, alternative, body }: Chart): string {
  const style = new Markup(
    `<style>:root,svg{${lightVariables}}@media (prefers-color-scheme:dark){:root,svg{${darkVariables}}}${chartStyle}</style>`,
  );
  const svg = markup`<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${alternative}">${style}<rect width="${width}" height="${height}" style="fill:var(--paper)"/>${body}</svg>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svg.text}\n`;
}

/** A coordinate: hundredths of a pixel are enough. */
export const px = (value: number): string => String(Math.round(value * 100) / 100);

/** Pixels that a line of text takes, nearly: there is no font to ask. */
export const textWidth = (text: string, size = 12): number => 0.56 * size * [...text].length;

export const moved = (x: number, y: number, content: Content): Markup =>
  markup`<g transform="translate(${px(x)} ${px(y)})">${content}</g>`;

type Anchor = 'start' | 'middle' | 'end';

export const label = (x: number, y: number, text: string, anchor: Anchor = 'start', kind = ''): Markup =>
  markup`<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" class="${kind}">${text}</text>`;
