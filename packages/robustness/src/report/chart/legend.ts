import { join, type Markup } from '../markup/markup.js';
import { label, moved, textWidth } from './chart.js';
import { line, marker } from './marks.js';
import type { SeriesStyle } from './palette.js';

export interface LegendEntry {
  readonly name: string;
  readonly style: SeriesStyle;
  /** Whether a line is drawn, not only a marker. */
  readonly hasLine?: boolean | undefined;
  readonly hasMarker?: boolean | undefined;
}

const rowHeight = 20;
const sample = 28;

/** Entries in rows as wide as the chart; each name once. */
export function legend(entries: readonly LegendEntry[], width: number): { height: number; body: Markup } {
  const unique = [...new Map(entries.map((entry) => [entry.name, entry])).values()];
  const pieces: Markup[] = [];
  let [x, row] = [0, 0];
  for (const entry of unique) {
    const wide = sample + 6 + textWidth(entry.name) + 22;
    if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
    pieces.push(moved(x, row * rowHeight, item(entry)));
    x += wide;
  }
  return { height: unique.length === 0 ? 0 : (row + 1) * rowHeight, body: join(pieces) };
}

function item({ name, style, hasLine = true, hasMarker = true }: LegendEntry): Markup {
  const middle = rowHeight / 2;
  const ends = [0, sample].map((x) => ({ x, y: middle }));
  return join([
    hasLine && line(ends, { ...style, width: 2 }),
    hasMarker && marker({ x: sample / 2, y: middle }, style),
    label(sample + 6, middle + 4, name),
  ]);
}
