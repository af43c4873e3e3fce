import { join, type Markup, markup } from '../markup/markup.js';
import { type Picture, pngUri } from '../pictures/png.js';
import { type Chart, label, moved, px, textWidth } from './chart.js';
import { type ColourBarOptions, colourBar, colourBarWidth } from './colourBar.js';
import { maximum } from './scale.js';

export interface PictureCell {
  readonly picture: Picture;
  /** Below the picture. */
  readonly note?: string | undefined;
  readonly tip: string;
}

export interface PictureGrid {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: readonly (PictureCell | undefined)[] }[];
  readonly alternative: string;
  readonly bar?: Omit<ColourBarOptions, 'width'> | undefined;
  /** Width of a picture on the page. Default 168. */
  readonly cellWidth?: number | undefined;
}

const gap = 8;
const barWidth = 260;

/** Pictures in rows and columns, enlarged without smoothing. */
export function pictureChart({ columns, rows, alternative, bar, cellWidth = 168 }: PictureGrid): Chart {
  const left = 14 + maximum([0, ...rows.map(({ name }) => textWidth(name))]);
  const top = 24;
  const heights = rows.map(({ cells }) => {
    const tallest = maximum(
      cells.map((cell) => (cell ? (cell.picture.height * cellWidth) / cell.picture.width : 0)),
    );
    return tallest + (cells.some((cell) => cell?.note !== undefined) ? 18 : 0) + gap;
  });
  const tops = heights.map((_, i) => top + heights.slice(0, i).reduce((a, b) => a + b, 0));
  const bottom = top + heights.reduce((a, b) => a + b, 0);
  const body = rows.map(({ name, cells }, i) => [
    label(left - 10, tops[i]! + (heights[i]! - gap) / 2, name, 'end'),
    cells.map((cell, j) => cell && moved(left + j * (cellWidth + gap), tops[i]!, cellBody(cell, cellWidth))),
  ]);
  return {
    width: left + Math.max(columns.length * (cellWidth + gap), bar ? colourBarWidth(barWidth, bar.label) : 0),
    height: bottom + (bar ? 36 : 0),
    alternative,
    body: join([
      columns.map((column, j) => label(left + j * (cellWidth + gap), top - 8, column, 'start', 'heading')),
      body,
      bar && moved(left, bottom + 4, colourBar({ ...bar, width: barWidth })),
    ]),
  };
}

function cellBody({ picture, note, tip }: PictureCell, width: number): Markup {
  const height = (picture.height * width) / picture.width;
  return join([
    markup`<image href="${pngUri(picture)}" width="${px(width)}" height="${px(height)}" preserveAspectRatio="none"><title>${tip}</title></image>`,
    note !== undefined && label(0, height + 13, note, 'start', 'small'),
  ]);
}
