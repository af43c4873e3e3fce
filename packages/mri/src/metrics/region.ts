import { ArgumentError, checkInteger, describe, NumericalError, ShapeError } from '@adjoint/tensor';
import type { Box } from '../box.js';
import { type DataRange, imageMaxima, largest } from './dataRange.js';
import { type ImagePair, type Images, readImages } from './images.js';

/**
 * The pixels that are scored: the `foreground` (above 8 % of the reference's maximum, where an image does not look
 * good for a clean background), a box, or a pattern [H, W] or [..., H, W] of numbers other than 0. Intensity
 * matching and data range are those of whole images all the same.
 */
export type Region = 'foreground' | Box | Images;

/** Part of the maximum above which a pixel is foreground. */
const FOREGROUND = 0.08;

/** 1 for every pixel that is scored; undefined for all of them. */
export async function selectPixels(
  fn: string,
  pair: ImagePair,
  region: Region | undefined,
  range: DataRange,
): Promise<Uint8Array | undefined> {
  if (region === undefined) return undefined;
  const selection =
    region === 'foreground'
      ? foreground(pair, range)
      : isBox(region)
        ? boxPixels(fn, pair, region)
        : await patternPixels(fn, pair, checkPattern(fn, region));
  if (!selection.includes(1)) throw emptyRegion(fn);
  return selection;
}

export const emptyRegion = (fn: string): NumericalError =>
  new NumericalError({
    fn,
    argument: 'option region',
    expected: 'one with pixels in it (SSIM: at least 3 pixels from the border)',
    got: 'none',
  });

/** Pixels of the foreground; thresholds per image where images are scored one by one. */
function foreground({ reference, count }: ImagePair, range: DataRange): Uint8Array {
  const maxima = imageMaxima(reference, count);
  if (range !== 'slice') maxima.fill(largest(maxima));
  const pixels = reference.length / count;
  // "not at most" takes everything where the maximum is NaN, which the score then says
  return Uint8Array.from(reference, (value, i) =>
    value <= FOREGROUND * maxima[Math.floor(i / pixels)]! ? 0 : 1,
  );
}

const isBox = (region: Region): region is Box =>
  region !== null && typeof region === 'object' && 'row' in region && 'column' in region;

function checkPattern(fn: string, region: Images): Images {
  if (region !== null && typeof region === 'object') return region;
  throw new ArgumentError({
    fn,
    argument: 'option region',
    expected: "'foreground', a box { row, column, height, width } or a pattern",
    got: describe(region),
  });
}

function boxPixels(fn: string, { reference, height, width }: ImagePair, box: Box): Uint8Array {
  const { row, column } = checkBox(fn, box, height, width);
  const selection = new Uint8Array(reference.length);
  for (let start = row * width + column; start < selection.length; start += height * width)
    for (let i = 0; i < box.height; i++) {
      const first = start + i * width;
      selection.fill(1, first, first + box.width);
    }
  return selection;
}

function checkBox(fn: string, box: Box, height: number, width: number): Box {
  checkInteger(fn, 'region.row', box.row, { min: 0, max: height - 1 });
  checkInteger(fn, 'region.column', box.column, { min: 0, max: width - 1 });
  checkInteger(fn, 'region.height', box.height, { min: 1, max: height - box.row });
  checkInteger(fn, 'region.width', box.width, { min: 1, max: width - box.column });
  return box;
}

async function patternPixels(fn: string, pair: ImagePair, region: Images): Promise<Uint8Array> {
  const { reference, height, width } = pair;
  const { shape, data } = await readImages(fn, 'option region', region);
  const fits = shape.at(-2) === height && shape.at(-1) === width;
  if (!fits || (data.length !== height * width && data.length !== reference.length))
    throw new ShapeError({
      fn,
      argument: 'option region',
      expected: `[${height}, ${width}], or one such pattern per image`,
      got: `[${shape.join(', ')}]`,
    });
  return Uint8Array.from(reference, (_, i) => (data[i % data.length] === 0 ? 0 : 1));
}
