import type { RunRecord, StudyRecord } from '../study/records.js';
import type { SeriesStyle } from './chart/palette.js';
import { markers } from './chart/palette.js';
import { Figures } from './figures.js';
import type { Content, Markup } from './markup/markup.js';

/** An array of a unit, in host memory. */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** The arrays of a unit by name, or undefined where they are not (or no longer) there. */
export type ReadArrays = (unit: string) => Promise<Readonly<Record<string, StoredArray>> | undefined>;

/** What sections of a report are made from. */
export interface ReportContext {
  readonly study: StudyRecord;
  readonly run: RunRecord | undefined;
  readonly figures: Figures;
  readonly readArrays: ReadArrays;
  /** How a method looks in every figure. */
  readonly styleOf: (method: string) => SeriesStyle;
}

/** A part of the page; left out where the study has nothing to show in it. */
export interface Section {
  readonly id: string;
  /** In the contents. */
  readonly short: string;
  readonly title: string;
  readonly body: Content;
}

export type SectionOf = (context: ReportContext) => Promise<Section | undefined> | Section | undefined;

export function reportContext(
  study: StudyRecord,
  run: RunRecord | undefined,
  readArrays: ReadArrays,
): ReportContext {
  const methods = study.manifest.methods.map(({ name }) => name);
  const styleOf = (method: string): SeriesStyle => {
    const index = Math.max(0, methods.indexOf(method));
    return { colour: index, marker: markers[index % markers.length] };
  };
  return { study, run, figures: new Figures(), readArrays, styleOf };
}

export type { Content, Markup };
