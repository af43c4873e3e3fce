import type { MaybeNumber } from '../markup/numbers.js';

export type Cell = string | boolean | MaybeNumber;

export interface Column {
  /** In the first line of the CSV file: unit included, such as `drop_db`. */
  readonly name: string;
  readonly about: string;
}

/** A table as it is written to CSV and JSON: all digits, one fact per column. */
export interface Table {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly about: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A column's meaning and how it is read from an item. */
export type ColumnOf<Item> = readonly [about: string, read: (item: Item) => Cell];

export function tableOf<Item>(
  name: string,
  about: string,
  items: readonly Item[],
  columns: Readonly<Record<string, ColumnOf<Item>>>,
): Table {
  const entries = Object.entries(columns);
  return {
    name,
    about,
    columns: entries.map(([column, [meaning]]) => ({ name: column, about: meaning })),
    rows: items.map((item) => entries.map(([, [, read]]) => read(item))),
  };
}

/** RFC 4180, UTF-8; an empty field where there is no number. */
export function csvText({ columns, rows }: Table): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(csvField).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function csvField(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const text = String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** The table with the meaning of its columns, for programs; null where there is no number. */
export const tableJson = ({ about, columns, rows }: Table) => ({
  about,
  columns: columns.map(({ name, about: meaning }) => ({ name, about: meaning })),
  rows: rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' && !Number.isFinite(cell) ? null : (cell ?? null))),
  ),
});
