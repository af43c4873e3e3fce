import { captionHeight, writeCaption } from './caption.js';
import type { Panel } from './panel.js';
import { blank, paste, type Raster } from './raster.js';

const gap = 6;
const white = [255, 255, 255] as const;
const ink = [40, 40, 40] as const;
const paleInk = [120, 120, 120] as const;
/** Small images are enlarged until they are at least that wide. */
const readableWidth = 160;

export interface MontageOptions {
  /** Pixels of the picture per pixel of an image; default: what makes them readable. */
  readonly zoom?: number | undefined;
}

/** Panels in rows, with their titles and ranges below; cells of a column are as wide as its widest panel. */
export function montage(rows: readonly (readonly Panel[])[], { zoom }: MontageOptions = {}): Raster {
  const widest = Math.max(...rows.flat().map(({ raster }) => raster.width));
  const factor = zoom ?? Math.max(1, Math.ceil(readableWidth / widest));
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from(
    { length: columns },
    (_, k) => factor * Math.max(...rows.map((row) => row[k]?.raster.width ?? 0)),
  );
  const heights = rows.map((row) => factor * Math.max(...row.map(({ raster }) => raster.height)));
  const below = 2 * captionHeight + gap;
  const target = blank(sum(heights) + rows.length * below + gap, sum(widths) + (columns + 1) * gap, white);
  let top = gap;
  rows.forEach((row, r) => {
    let left = gap;
    row.forEach(({ raster, title, range }, k) => {
      paste(target, raster, top, left, factor);
      const under = top + heights[r]! + 2;
      writeCaption(target, title, under, left, widths[k]!, ink);
      writeCaption(target, range, under + captionHeight, left, widths[k]!, paleInk);
      left += widths[k]! + gap;
    });
    top += heights[r]! + below;
  });
  return target;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
