import { type ColourMapName, colourMap, levelOf } from '@adjoint/mri';
import { join, type Markup, markup } from '../markup/markup.js';
import { fixed } from '../markup/numbers.js';
import { type Chart, label, moved, px, textWidth } from './chart.js';
import { colourBar, colourBarWidth } from './colourBar.js';
import { maximum, minimum } from './scale.js';

export interface MatrixCell {
  /** Not finite: there is no number; the cell is hatched by a dash. */
  readonly value: number;
  /** Below the value, in small letters. */
  readonly note?: string | undefined;
  readonly tip?: string | undefined;
  /** Drawn with a frame. */
  readonly isMarked?: boolean | undefined;
}

export interface MatrixPanel {
  readonly title: string;
  /** [rows][columns] */
  readonly cells: readonly (readonly (MatrixCell | undefined)[])[];
}

export interface MatrixOptions {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowsLabel: string;
  readonly columnsLabel: string;
  readonly panels: readonly MatrixPanel[];
  readonly unit: string;
  readonly digits: number;
  readonly alternative: string;
}

const [cellWidth, cellHeight] = [88, 44];
const map: ColourMapName = 'viridis';
const barWidth = 260;

/** Tables of colours with their numbers; all panels share one scale of colours. */
export function matrixChart(options: MatrixOptions): Chart {
  const { rows, columns, panels, unit } = options;
  const values = panels.flatMap(({ cells }) => cells.flat().map((cell) => cell?.value ?? Number.NaN));
  const known = values.filter(Number.isFinite);
  const window = { low: minimum([0, ...known]), high: maximum([0, ...known]) };
  const left = 26 + maximum(rows.map((row) => textWidth(row)));
  const wide = columns.length * cellWidth;
  const pitch = wide + 36;
  const perRow = Math.max(1, Math.min(panels.length, Math.floor((1000 - left) / pitch)));
  const [top, rowPitch] = [62, rows.length * cellHeight + 92];
  const bodies = panels.map((panel, i) => {
    const column = i % perRow;
    const names = column === 0 ? rowNames(options) : undefined;
    const body = join([names, panelBody(panel, options, window)]);
    return moved(left + column * pitch, top + Math.floor(i / perRow) * rowPitch, body);
  });
  const bottom = top + Math.ceil(panels.length / perRow) * rowPitch - 66;
  return {
    width: left + Math.max((perRow - 1) * pitch + wide + 16, colourBarWidth(barWidth, unit)),
    height: bottom + 46,
    alternative: options.alternative,
    body: join([bodies, moved(left, bottom, colourBar({ map, ...window, label: unit, width: barWidth }))]),
  };
}

const rowNames = ({ rows, rowsLabel }: MatrixOptions): Markup =>
  join([
    rows.map((row, i) => label(-9, (i + 0.5) * cellHeight + 4, row, 'end')),
    label(-9, -10, rowsLabel, 'end', 'small'),
  ]);

interface Window {
  readonly low: number;
  readonly high: number;
}

function panelBody(
  { title, cells }: MatrixPanel,
  { columns, columnsLabel, digits }: MatrixOptions,
  window: Window,
): Markup {
  return join([
    label(0, -44, title, 'start', 'heading'),
    label(0, -27, columnsLabel, 'start', 'small'),
    columns.map((column, j) => label((j + 0.5) * cellWidth, -10, column, 'middle')),
    cells.map((row, i) =>
      row.map((cell, j) => moved(j * cellWidth, i * cellHeight, cell && cellBody(cell, window, digits))),
    ),
    cells.map((row, i) => row.map((cell, j) => cell?.isMarked && frameOf(j * cellWidth, i * cellHeight))),
  ]);
}

/** A dark line with a bright one inside: seen on cells of any colour. */
const frameOf = (x: number, y: number): Markup =>
  join([edge(x, y, 1.5, 'var(--ink)', 2), edge(x, y, 3, 'var(--paper)', 1)]);

const edge = (x: number, y: number, inset: number, colour: string, width: number): Markup =>
  markup`<rect x="${px(x + inset)}" y="${px(y + inset)}" width="${cellWidth - 2 * inset}" height="${cellHeight - 2 * inset}" style="fill:none;stroke:${colour};stroke-width:${width}"/>`;

function cellBody({ value, note, tip }: MatrixCell, { low, high }: Window, digits: number): Markup {
  const level = levelOf(value, low, high);
  const [red, green, blue] = level === undefined ? [128, 128, 128] : [...colourMap(map).subarray(3 * level)];
  // the eye's weights of the three colours: dark letters on bright cells
  const ink = 0.3 * red! + 0.59 * green! + 0.11 * blue! > 140 ? '#111111' : '#ffffff';
  const middle = cellWidth / 2;
  return markup`<g><title>${tip ?? fixed(value, digits)}</title><rect width="${cellWidth}" height="${cellHeight}" style="fill:rgb(${red!},${green!},${blue!});stroke:var(--paper)"/><text x="${middle}" y="${note === undefined ? 27 : 20}" text-anchor="middle" style="fill:${ink};font-weight:600">${fixed(value, digits)}</text>${note !== undefined && markup`<text x="${middle}" y="35" text-anchor="middle" style="fill:${ink};font-size:10px">${note}</text>`}</g>`;
}
