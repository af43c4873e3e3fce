import {
  ArgumentError,
  checkOptions,
  type Device,
  describe,
  FormatError,
  type Tensor,
} from '@adjoint/tensor';
import { toTensor } from '../hostArray.js';
import { readFile } from '../readFile.js';
import { checkPath, nodeFiles, refuseFile } from '../replaceFile.js';
import { type Daikon, type DaikonImage, loadDaikon } from './daikon.js';

export interface DicomOptions {
  /** Which series to read, by its instance UID, where there are several. */
  readonly series?: string | undefined;
  /** Default: the current device. */
  readonly device?: Device | undefined;
}

/** A series of DICOM images. */
export interface DicomSeries {
  /** f32 [slices, H, W]: stored values times rescale slope plus intercept. */
  readonly image: Tensor;
  /** mm between rows and between columns, where the files say. */
  readonly spacing: readonly [row: number, column: number] | undefined;
  /** Position of each slice along the normal of its plane, mm; undefined where the files have no positions. */
  readonly positions: readonly number[] | undefined;
  readonly description: string;
  readonly seriesUid: string;
}

/** A file, by its name in messages, and what was parsed of it. */
interface Parsed {
  readonly name: string;
  readonly image: DaikonImage;
  /** Along the normal of the plane, mm. */
  readonly position: number | undefined;
}

const largestImage = 2 ** 28;

/**
 * Reads a series of DICOM images, compressed ones included (JPEG, JPEG-LS, JPEG 2000, RLE, deflate). Slices are sorted
 * by their position along the normal of the image plane, else by instance number; frames of one file keep their order.
 *
 * @param source a folder, whose DICOM files are read; a list of paths; or a list of files in memory
 * @throws FormatError if a listed file is damaged, if sizes differ, or if there are several series and none is chosen.
 */
export async function readDicomSeries(
  source: string | readonly (string | Uint8Array)[],
  options: DicomOptions = {},
): Promise<DicomSeries> {
  const fn = 'readDicomSeries';
  const { series, device } = checkOptions(fn, options, ['series', 'device']);
  if (typeof source !== 'string' && !Array.isArray(source))
    throw new ArgumentError({
      fn,
      argument: 'source',
      expected: 'a folder or a list',
      got: describe(source),
    });
  const parsed = await parseAll(fn, source);
  const images = sorted(chooseSeries(fn, typeof source === 'string' ? source : 'source', parsed, series));
  const first = images[0]!.image;
  const spacing = first.getPixelSpacing();
  const { data, frames } = joinFrames(fn, images);
  const shape = [frames, first.getRows(), first.getCols()];
  return {
    image: toTensor(fn, { dtype: 'f32', shape, data }, device),
    spacing: spacing ? [spacing[0]!, spacing[1]!] : undefined,
    positions:
      frames === images.length && images.every(({ position }) => position !== undefined)
        ? images.map(({ position }) => position!)
        : undefined,
    description: first.getSeriesDescription() ?? '',
    seriesUid: first.getSeriesInstanceUID() ?? '',
  };
}

/** Every DICOM file of a folder, or every item of a list, which must be one. */
async function parseAll(fn: string, source: string | readonly (string | Uint8Array)[]): Promise<Parsed[]> {
  const daikon = await loadDaikon();
  const parsed: Parsed[] = [];
  if (typeof source !== 'string') {
    for (const [k, item] of source.entries()) {
      const isPath = typeof item === 'string';
      parsed.push(
        parse(fn, daikon, isPath ? item : `source[${k}]`, isPath ? await readFile(fn, item) : item),
      );
    }
    return parsed;
  }
  for (const path of await listFiles(fn, source)) {
    const bytes = await readFile(fn, path);
    if (isDicom(bytes)) parsed.push(parse(fn, daikon, path, bytes));
  }
  return parsed;
}

/** The files of a folder, sorted; or the one file that the path names. */
async function listFiles(fn: string, path: string): Promise<string[]> {
  const { readdir, stat } = await nodeFiles(fn);
  const found = await stat(checkPath(fn, path)).catch((error) => refuseFile(fn, path, 'read', error));
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${path}/${entry.name}`)
    .sort();
}

const isDicom = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(128, 132)) === 'DICM';

const refuse = (fn: string, argument: string, expected: string, got: string, remedy?: string): FormatError =>
  new FormatError({ fn, argument, expected, got, remedy });

function parse(fn: string, daikon: Daikon, name: string, bytes: Uint8Array): Parsed {
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError({ fn, argument: name, expected: 'a path or a Uint8Array', got: describe(bytes) });
  if (!isDicom(bytes))
    throw refuse(fn, name, 'a DICOM file, with DICM at byte 128', `${bytes.length} other bytes`);
  let image: DaikonImage | null;
  try {
    // daikon takes whole buffers: a copy begins and ends where the file does
    image = daikon.Series.parseImage(new DataView(bytes.slice().buffer));
  } catch (error) {
    throw refuse(fn, name, 'a readable DICOM file', String(error));
  }
  if (!image?.hasPixelData())
    throw refuse(fn, name, 'a DICOM image', image ? 'no pixels' : String(daikon.Series.parserError));
  const [rows, columns, frames] = [image.getRows(), image.getCols(), image.getNumberOfFrames()];
  const samples = image.getNumberOfSamplesPerPixel();
  const isSize = (n: number) => Number.isSafeInteger(n) && n >= 1;
  if (![rows, columns, frames].every(isSize) || rows * columns * frames > largestImage)
    throw refuse(fn, name, 'an image of whole rows, columns and frames', `${frames} of ${rows} x ${columns}`);
  if (samples !== 1) throw refuse(fn, name, 'an image of single grey values', `${samples} samples a pixel`);
  return { name, image, position: positionOf(image) };
}

/** Image position along the normal of the plane, which is row direction × column direction. */
function positionOf(image: DaikonImage): number | undefined {
  const [x, y, z] = image.getImagePosition() ?? [];
  const [a, b, c, d, e, f] = image.getImageDirections() ?? [];
  if (x === undefined || y === undefined || z === undefined) return undefined;
  if (
    a === undefined ||
    b === undefined ||
    c === undefined ||
    d === undefined ||
    e === undefined ||
    f === undefined
  )
    return undefined;
  const position = x * (b * f - c * e) + y * (c * d - a * f) + z * (a * e - b * d);
  return Number.isFinite(position) ? position : undefined;
}

function chooseSeries(
  fn: string,
  argument: string,
  parsed: readonly Parsed[],
  series: string | undefined,
): readonly Parsed[] {
  if (parsed.length === 0) throw refuse(fn, argument, 'at least one DICOM image', 'none');
  const uidOf = ({ image }: Parsed) => image.getSeriesInstanceUID() ?? '';
  const found = [...new Set(parsed.map(uidOf))];
  if (series === undefined && found.length === 1) return parsed;
  const chosen = parsed.filter((item) => uidOf(item) === series);
  if (chosen.length > 0) return chosen;
  const list = found.map((uid) => {
    const members = parsed.filter((item) => uidOf(item) === uid);
    return `${uid} (${members.length} x ${members[0]!.image.getSeriesDescription() ?? 'without description'})`;
  });
  throw refuse(fn, argument, 'one series', list.join(', '), 'Choose with option series.');
}

function sorted(images: readonly Parsed[]): readonly Parsed[] {
  const hasPositions = images.every(({ position }) => position !== undefined);
  const number = ({ image }: Parsed) => image.getImageNumber() ?? 0;
  return [...images].sort((a, b) => (hasPositions ? a.position! - b.position! : 0) || number(a) - number(b));
}

function joinFrames(fn: string, images: readonly Parsed[]): { data: Float32Array; frames: number } {
  const [rows, columns] = [images[0]!.image.getRows(), images[0]!.image.getCols()];
  const pixels = rows * columns;
  const frames = images.reduce((sum, { image }) => sum + image.getNumberOfFrames(), 0);
  if (frames * pixels > largestImage)
    throw refuse(
      fn,
      'the series',
      `of at most ${largestImage} pixels`,
      `${frames} images of ${rows} x ${columns}`,
    );
  const data = new Float32Array(frames * pixels);
  let at = 0;
  for (const { name, image } of images) {
    if (image.getRows() !== rows || image.getCols() !== columns)
      throw refuse(
        fn,
        name,
        `of ${rows} x ${columns}, as the first`,
        `${image.getRows()} x ${image.getCols()}`,
      );
    for (const frame of readFrames(fn, name, image, pixels)) {
      data.set(frame, at);
      at += pixels;
    }
  }
  return { data, frames };
}

function readFrames(fn: string, name: string, image: DaikonImage, pixels: number): Float32Array[] {
  const frames = image.getNumberOfFrames();
  const bytes = image.getBitsAllocated() / 8;
  if (bytes !== 1 && bytes !== 2) throw refuse(fn, name, 'of 8 or 16 bits a pixel', `${8 * bytes}`);
  try {
    const stored = image.getRawData().byteLength;
    // a byte more makes the number of bytes even
    if (stored < frames * pixels * bytes || stored > frames * pixels * bytes + 1)
      throw refuse(fn, name, `of ${frames * pixels * bytes} bytes of pixels`, `${stored}`);
    return Array.from({ length: frames }, (_, k) =>
      image.getInterpretedData(false, false, k).subarray(0, pixels),
    );
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw refuse(fn, name, 'an image that can be decompressed', String(error));
  }
}
