import { type Chart, inlineSvg, svgFile } from './chart/chart.js';
import { type Content, type Markup, markup } from './markup/markup.js';

/** The figures of a report, numbered as they come, and the files they are written to as well. */
export class Figures {
  /** Content by name below `figures/`. */
  readonly files = new Map<string, string | Uint8Array>();
  private count = 0;

  /** For the page, with its caption; the drawing alone goes to `figures/NAME.svg`. */
  add(name: string, chart: Chart, caption: Content): Markup {
    this.files.set(`${name}.svg`, svgFile(chart));
    this.count++;
    return markup`<figure id="figure-${name}"><div class="scroll">${inlineSvg(chart)}</div><figcaption><b>Figure ${this.count}.</b> ${caption} <span class="file">figures/${name}.svg</span></figcaption></figure>`;
  }
}

/** A name that files and anchors can have: letters, digits and dashes. */
export const fileName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80) || 'unnamed';
