import { type Content, type Markup, markup } from './markup.js';

export interface HtmlColumn {
  readonly name: Content;
  /** Below the name. */
  readonly unit?: string | undefined;
  /** Default 'text'; numbers are aligned right, in figures of one width. */
  readonly kind?: 'text' | 'number' | undefined;
}

export interface HtmlTable {
  /** What the table shows, and of what. */
  readonly caption: Content;
  readonly columns: readonly HtmlColumn[];
  /** The first cell names the row. */
  readonly rows: readonly (readonly Content[])[];
}

/** A table that screen readers can walk: caption, column and row headings. */
export function htmlTable({ caption, columns, rows }: HtmlTable): Markup {
  const kind = (j: number): string => columns[j]?.kind ?? 'text';
  const head = columns.map(
    ({ name, unit }, j) =>
      markup`<th scope="col" class="${kind(j)}">${name}${unit !== undefined && markup`<span class="unit">${unit}</span>`}</th>`,
  );
  const body = rows.map(
    (row) =>
      markup`<tr>${row.map((cell, j) =>
        j === 0
          ? markup`<th scope="row" class="${kind(j)}">${cell}</th>`
          : markup`<td class="${kind(j)}">${cell}</td>`,
      )}</tr>\n`,
  );
  return markup`<div class="scroll"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}
