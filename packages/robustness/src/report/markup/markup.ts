/** Text that is HTML or SVG already. Everything else is escaped when it is put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What a template may hold: markup as it is, lists one after the other, nothing, or text to escape. */
export type Content = Markup | string | number | undefined | null | false | readonly Content[];

/**
 * HTML or SVG from a template whose values are escaped, so that no name of a method, file or subject can end an
 * attribute or open a tag: attributes are always written in double quotes.
 *
 * @example markup`<td title="${name}">${value}</td>`
 */
export function markup(strings: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(strings.map((text, i) => (i === 0 ? '' : render(values[i - 1])) + text).join(''));
}

/** Pieces one after the other. */
export const join = (pieces: readonly Content[], separator = ''): Markup =>
  new Markup(pieces.map(render).join(separator));

function render(value: Content): string {
  if (value === undefined || value === null || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return value.map(render).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escaped for text and quoted attributes; characters that XML forbids become U+FFFD. */
export const escapeText = (text: string): string =>
  text
    .replace(/(?![\t\n\r])\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (letter) => entities[letter]!);
