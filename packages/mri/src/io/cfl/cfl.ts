import {
  ArgumentError,
  checkOptions,
  checkTensor,
  type Device,
  DTypeError,
  describe,
  FormatError,
  formatType,
  read,
  type Tensor,
} from '@adjoint/tensor';
import { hostArray, littleEndianBytes, toTensor } from '../hostArray.js';
import { checkBytes, fileSize, readFile } from '../readFile.js';
import { checkPath, nodeFiles, replaceFiles } from '../replaceFile.js';

export interface CflOptions {
  /** Default: the current device. */
  readonly device?: Device | undefined;
}

/** A pair of BART files: the text of the header, and the values. */
export interface CflFiles {
  readonly header: string;
  readonly data: Uint8Array;
}

const maxAxes = 16;
const elementBytes = 8;

/**
 * Reads a pair of BART files, `name.hdr` and `name.cfl`; the name may be given with either ending or without.
 *
 * The axes are BART's dimensions in reverse, slowest first, without its trailing dimensions of 1: BART's
 * [readout, phase 1, phase 2, coils] becomes [coils, phase 2, phase 1, readout]. `kspaceOfBart` gives [coils, H, W].
 *
 * @returns c64
 * @throws FormatError if header and values contradict each other.
 */
export async function readCfl(path: string, options: CflOptions = {}): Promise<Tensor> {
  const fn = 'readCfl';
  const { device } = checkOptions(fn, options, ['device']);
  const name = baseName(fn, path);
  const header = new TextDecoder().decode(await readFile(fn, `${name}.hdr`));
  const dimensions = parseHeader(fn, `${name}.hdr`, header);
  // asked before the values are read: a header may claim anything
  checkSize(fn, `${name}.cfl`, dimensions, await fileSize(fn, `${name}.cfl`));
  return decode(fn, `${name}.cfl`, dimensions, await readFile(fn, `${name}.cfl`), device);
}

/** The array of a pair of BART files that are in memory, as `readCfl`. */
export function decodeCfl(files: CflFiles, options: CflOptions = {}): Tensor {
  const fn = 'decodeCfl';
  const { header, data } = checkOptions(fn, files, ['header', 'data'], 'the files');
  const { device } = checkOptions(fn, options, ['device']);
  if (typeof header !== 'string')
    throw new ArgumentError({ fn, argument: 'header', expected: 'a text', got: describe(header) });
  return decode(fn, 'data', parseHeader(fn, 'header', header), checkBytes(fn, 'data', data), device);
}

/**
 * Writes a pair of BART files. The last axis becomes BART's first dimension: the inverse of `readCfl`.
 *
 * @param x c64 of at most 16 axes
 */
export async function writeCfl(path: string, x: Tensor): Promise<void> {
  const fn = 'writeCfl';
  const name = baseName(fn, path);
  const { header, data } = await encode(fn, x);
  await replaceFiles(fn, [`${name}.cfl`, `${name}.hdr`], async ([values, text]) => {
    const { writeFile } = await nodeFiles(fn);
    await writeFile(values!, data);
    await writeFile(text!, header);
  });
}

/** The pair of files that `writeCfl` writes. */
export const encodeCfl = (x: Tensor): Promise<CflFiles> => encode('encodeCfl', x);

const baseName = (fn: string, path: string): string => checkPath(fn, path).replace(/\.(cfl|hdr)$/, '');

/** The dimensions, fastest first, that follow the line `# Dimensions`; missing ones are 1. */
function parseHeader(fn: string, argument: string, text: string): number[] {
  const refuse = (expected: string, got: string) =>
    new FormatError({ fn, argument, expected, got: got.length > 60 ? `${got.slice(0, 60)}…` : got });
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const at = lines.indexOf('# Dimensions');
  if (at < 0) throw refuse('a BART header with the line "# Dimensions"', JSON.stringify(lines[0] ?? ''));
  const line = lines[at + 1] ?? '';
  const words = line.split(/\s+/).filter(Boolean);
  const isPlain =
    words.length >= 1 && words.length <= maxAxes && words.every((word) => /^[1-9]\d{0,14}$/.test(word));
  if (!isPlain) throw refuse(`of 1 to ${maxAxes} dimensions, whole numbers >= 1`, JSON.stringify(line));
  return words.map(Number);
}

function checkSize(fn: string, argument: string, dimensions: readonly number[], bytes: number): void {
  const claimed = dimensions.reduce((product, n) => product * n, elementBytes);
  if (claimed === bytes) return;
  throw new FormatError({
    fn,
    argument,
    expected: `of ${claimed} bytes for complex64 [${dimensions.join(', ')}], as the header says`,
    got: `${bytes}`,
    remedy: 'One of the two files is damaged, or they do not belong together.',
  });
}

function decode(
  fn: string,
  argument: string,
  dimensions: readonly number[],
  data: Uint8Array,
  device?: Device,
): Tensor {
  checkSize(fn, argument, dimensions, data.length);
  const used = dimensions.length - [...dimensions].reverse().findIndex((n) => n !== 1);
  const shape = dimensions.some((n) => n !== 1) ? dimensions.slice(0, used).reverse() : [1];
  return toTensor(fn, hostArray({ fn, argument }, data, 'complex64', shape), device);
}

async function encode(fn: string, x: Tensor): Promise<CflFiles> {
  const { dtype, shape } = checkTensor(fn, 'x', x);
  if (dtype !== 'c64')
    throw new DTypeError({
      fn,
      argument: 'x',
      expected: 'c64',
      got: formatType(x),
      remedy: 'complex(x) makes it so.',
    });
  if (shape.length > maxAxes || shape.includes(0))
    throw new DTypeError({
      fn,
      argument: 'x',
      expected: `of at most ${maxAxes} axes, none empty`,
      got: formatType(x),
    });
  const dimensions = [...shape].reverse();
  while (dimensions.length < maxAxes) dimensions.push(1);
  const data = littleEndianBytes(await read(x));
  return { header: `# Dimensions\n${dimensions.join(' ')} \n`, data };
}
