import {
  ArgumentError,
  checkBoolean,
  checkInteger,
  checkOptions,
  describe,
  FormatError,
} from '@adjoint/tensor';
import type { Box } from '../../box.js';
import { readFile } from '../readFile.js';
import { parseCsv } from './csv.js';

export interface Annotation {
  /** Name of the volume, without ending. */
  readonly file: string;
  /** Counted from 0. Undefined for labels of the whole study. */
  readonly slice: number | undefined;
  readonly label: string;
  readonly box: Box | undefined;
}

export interface AnnotationOptions {
  /** Height of the images that the labels were drawn on. Default 320, the size of fastMRI's knees. */
  readonly imageHeight?: number | undefined;
  /** Heights of single volumes by name, where they differ (the brains of fastMRI+). */
  readonly imageHeights?: Readonly<Record<string, number>> | undefined;
  /**
   * Whether slices of the Cheng/Caliva files are counted from 1, as they state. Default true; `false` takes their numbers
   * as they are.
   */
  readonly countsFromOne?: boolean | undefined;
}

const chengColumns = ['filename', 'slice', 'numBBs', 'labels', 'coords'] as const;
const plusColumns = ['file', 'slice', 'study_level', 'x', 'y', 'width', 'height', 'label'] as const;

/**
 * Reads labelled boxes of fastMRI volumes, of either kind, told by the first line: the knee labels of Cheng, Caliva et
 * al. (`filename,slice,numBBs,labels,coords`) and fastMRI+ (`file,slice,study_level,x,y,width,height,label`). Both were
 * drawn on images turned upside down; boxes are returned on the image as it is stored: row = H − y − height. Boxes are
 * one annotation each.
 *
 * @throws FormatError naming the line.
 */
export async function readAnnotations(path: string, options: AnnotationOptions = {}): Promise<Annotation[]> {
  const fn = 'readAnnotations';
  return parse(fn, path, new TextDecoder().decode(await readFile(fn, path)), options);
}

/** Annotations of a CSV text, as `readAnnotations`. */
export function parseAnnotations(text: string, options: AnnotationOptions = {}): Annotation[] {
  const fn = 'parseAnnotations';
  if (typeof text !== 'string')
    throw new ArgumentError({ fn, argument: 'text', expected: 'a text', got: describe(text) });
  return parse(fn, 'the text', text, options);
}

interface Context {
  readonly fn: string;
  readonly argument: string;
  heightOf(file: string): number;
  readonly firstSlice: number;
}

function parse(fn: string, argument: string, text: string, options: AnnotationOptions): Annotation[] {
  const known = ['imageHeight', 'imageHeights', 'countsFromOne'];
  const { imageHeight = 320, imageHeights = {}, countsFromOne = true } = checkOptions(fn, options, known);
  checkInteger(fn, 'option imageHeight', imageHeight, { min: 1 });
  checkBoolean(fn, 'option countsFromOne', countsFromOne);
  if (imageHeights === null || typeof imageHeights !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'option imageHeights',
      expected: 'heights by file',
      got: describe(imageHeights),
    });
  for (const [file, height] of Object.entries(imageHeights))
    checkInteger(fn, `option imageHeights.${file}`, height, { min: 1 });
  const context: Context = {
    fn,
    argument,
    heightOf: (file) => (Object.hasOwn(imageHeights, file) ? imageHeights[file]! : imageHeight),
    firstSlice: countsFromOne ? 1 : 0,
  };
  return /^\uFEFF?\s*filename,/.test(text) ? parseCheng(context, text) : parsePlus(context, text);
}

const refuse = ({ fn, argument }: Context, line: number, expected: string, got: string): FormatError =>
  new FormatError({ fn, argument: `line ${line} of ${argument}`, expected, got });

/** A whole number >= `least` of a field. */
function whole(context: Context, line: number, name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^-?\d{1,9}$/.test(text) && value >= least) return value;
  throw refuse(context, line, `with a ${name} that is a whole number >= ${least}`, JSON.stringify(text));
}

function parsePlus(context: Context, text: string): Annotation[] {
  const rows = parseCsv(context.fn, context.argument, text, plusColumns);
  return rows.map(({ line, fields }) => {
    const { file, label, study_level: level } = fields;
    if (level === 'Yes') return { file, label, slice: undefined, box: undefined };
    const number = (name: 'slice' | 'x' | 'y' | 'width' | 'height', least = 0) =>
      whole(context, line, name, fields[name], least);
    const [width, height] = [number('width'), number('height')];
    const row = context.heightOf(file) - number('y', -height) - height;
    return { file, label, slice: number('slice'), box: { row, column: number('x', -width), height, width } };
  });
}

function parseCheng(context: Context, text: string): Annotation[] {
  const rows = parseCsv(context.fn, context.argument, text, chengColumns);
  return rows.flatMap(({ line, fields }) => {
    const labels = [...fields.labels.matchAll(/'([^']+)'|"([^"]+)"/g)].map((match) => match[1] ?? match[2]!);
    const boxes = [...fields.coords.matchAll(/\[([^[\]]+)\]/g)].map(([, inside]) =>
      inside!
        .trim()
        .split(/[\s,]+/)
        .map(Number),
    );
    const count = whole(context, line, 'numBBs', fields.numBBs, 0);
    const slice = whole(context, line, 'slice', fields.slice, context.firstSlice) - context.firstSlice;
    const isGood = boxes.every((box) => box.length === 4 && box.every(Number.isFinite));
    if (!isGood || labels.length !== count || boxes.length !== count)
      throw refuse(
        context,
        line,
        `of ${count} labels and boxes x0 x1 y0 y1`,
        `${labels.length} and ${boxes.length}`,
      );
    return boxes.map(([x0, x1, y0, y1], k) => ({
      file: fields.filename,
      slice,
      label: labels[k]!,
      box: {
        row: context.heightOf(fields.filename) - y1!,
        column: x0!,
        height: y1! - y0!,
        width: x1! - x0!,
      },
    }));
  });
}

/** Names of the volumes of a file list of fastMRI+: those that were read, whether anything was found or not. */
export async function readFileList(path: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readFile('readFileList', path));
  return text
    .split(/\r?\n/)
    .map((line) => line.trim().replace(/\.h5$/, ''))
    .filter(Boolean);
}
