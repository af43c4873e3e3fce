import {
  ArgumentError,
  checkOptions,
  checkTensor,
  type Device,
  type DType,
  DTypeError,
  describe,
  dtypeInfo,
  FormatError,
  formatShape,
  formatType,
  read,
  ShapeError,
  storedNumbers,
  type Tensor,
} from '@adjoint/tensor';
import { type HostArray, hostArray, littleEndianBytes, toTensor } from '../hostArray.js';
import { checkBytes, gunzip, isGzip, readFile } from '../readFile.js';
import { nodeFiles, replaceFile } from '../replaceFile.js';
import {
  formatCodes,
  formatNiftiHeader,
  headerBytes,
  type NiftiHeader,
  parseNiftiHeader,
} from './niftiHeader.js';

export interface NiftiOptions {
  /** Default: the current device. */
  readonly device?: Device | undefined;
}

/** An image of a NIfTI-1 file. */
export interface Nifti {
  /** [..., z, y, x]: the file's dimensions in reverse, slowest first; scaled by the file's slope and intercept. */
  readonly image: Tensor;
  /** Distance between voxels along the axes of `image`, mm (time: seconds). */
  readonly spacing: readonly number[];
  /** Voxel index (x, y, z, 1) to mm, 3 rows of 4. */
  readonly affine: readonly (readonly number[])[] | undefined;
  readonly description: string;
}

export interface WriteNiftiOptions {
  /** Distance between voxels along the axes of the image. Default: 1. */
  readonly spacing?: readonly number[] | undefined;
  readonly affine?: readonly (readonly number[])[] | undefined;
  /** At most 79 bytes. */
  readonly description?: string | undefined;
}

/**
 * Reads a NIfTI-1 file, `.nii` or `.nii.gz`, of either byte order and any scalar or complex type. Where the header has
 * a slope, values are slope · stored + intercept and floating; else they keep their type (integers become i32, bytes
 * u8).
 *
 * @throws FormatError if the file is damaged or holds colours.
 */
export async function readNifti(path: string, options: NiftiOptions = {}): Promise<Nifti> {
  return decode('readNifti', path, await readFile('readNifti', path), options);
}

/** The image of a NIfTI-1 file in memory, as `readNifti`. */
export async function decodeNifti(bytes: Uint8Array, options: NiftiOptions = {}): Promise<Nifti> {
  return decode('decodeNifti', 'bytes', checkBytes('decodeNifti', 'bytes', bytes), options);
}

/**
 * Writes a NIfTI-1 file, whole or not at all; gzipped if the name ends in `.gz`.
 *
 * @param image [..., z, y, x] (of slices: [slices, H, W]) of u8, i32, f32, f64, c64, c128 or bool
 */
export async function writeNifti(
  path: string,
  image: Tensor,
  options: WriteNiftiOptions = {},
): Promise<void> {
  const fn = 'writeNifti';
  const plain = await encode(fn, image, options);
  const bytes = /\.gz$/i.test(path) ? await gzip(plain) : plain;
  await replaceFile(fn, path, async (temporary) => {
    const { writeFile } = await nodeFiles(fn);
    await writeFile(temporary, bytes);
  });
}

/** The bytes of the `.nii` file that `writeNifti` writes. */
export const encodeNifti = (image: Tensor, options: WriteNiftiOptions = {}): Promise<Uint8Array> =>
  encode('encodeNifti', image, options);

async function decode(
  fn: string,
  argument: string,
  bytes: Uint8Array,
  options: NiftiOptions,
): Promise<Nifti> {
  const { device } = checkOptions(fn, options, ['device']);
  const sizeOf = (head: Uint8Array) => endOf(parseNiftiHeader(fn, argument, head));
  const whole = isGzip(bytes) ? await gunzip(fn, argument, bytes, headerBytes, sizeOf) : bytes;
  const header = parseNiftiHeader(fn, argument, whole);
  const end = endOf(header);
  if (end > whole.length)
    throw new FormatError({
      fn,
      argument,
      expected: `of ${end} bytes for ${header.format} [${header.dimensions.join(', ')}]`,
      got: `${whole.length}`,
      remedy: 'The file is cut short, or its header is damaged.',
    });
  const { format, offset, isLittleEndian } = header;
  const shape = [...header.dimensions].reverse();
  const stored = whole.subarray(offset, end);
  const array = hostArray({ fn, argument }, stored, format, shape, undefined, isLittleEndian);
  return {
    image: toTensor(fn, scaled(array, header), device),
    spacing: [...header.spacing].reverse(),
    affine: header.affine,
    description: header.description,
  };
}

const endOf = ({ offset, dimensions, format }: NiftiHeader): number =>
  offset + dimensions.reduce((product, n) => product * n, storedNumbers[format].bytes);

/** slope · x + intercept. Of complex numbers the intercept shifts the real part. Types of up to 16 bits become f32. */
function scaled(array: HostArray, { format, slope, intercept }: NiftiHeader): HostArray {
  if (slope === 0 || (slope === 1 && intercept === 0)) return array;
  const isComplex = format.startsWith('complex');
  const isShort = storedNumbers[format].wordBytes <= 2 || format === 'float32' || format === 'complex64';
  const dtype: DType = isComplex ? (isShort ? 'c64' : 'c128') : isShort ? 'f32' : 'f64';
  const data = new dtypeInfo[dtype].array(new ArrayBuffer(dtypeInfo[dtype].bytes * elements(array)));
  array.data.forEach((value, i) => {
    data[i] = slope * value + (isComplex && i % 2 === 1 ? 0 : intercept);
  });
  return { dtype, shape: array.shape, data };
}

const elements = ({ shape }: HostArray): number => shape.reduce((product, n) => product * n, 1);

/** Codes of the types that our dtypes are written as. */
const codes: Readonly<Record<DType, number>> = {
  bool: 2,
  u8: 2,
  i32: 8,
  f32: 16,
  c64: 32,
  f64: 64,
  c128: 1792,
};
const maxDimension = 32_767;

async function encode(fn: string, image: Tensor, options: WriteNiftiOptions): Promise<Uint8Array> {
  const { dtype, shape } = checkTensor(fn, 'image', image);
  const { spacing, affine, description } = checkWrite(fn, shape, options);
  const code = codes[dtype];
  const format = formatCodes[code];
  if (!format)
    throw new DTypeError({ fn, argument: 'image', expected: 'of numbers', got: formatType(image) });
  const { bytes } = storedNumbers[format];
  const dimensions = [...shape].reverse();
  const head = formatNiftiHeader(
    { dimensions, spacing: [...spacing].reverse(), affine, description, code },
    bytes,
  );
  const values = littleEndianBytes(await read(image));
  const file = new Uint8Array(head.length + values.length);
  file.set(head);
  file.set(values, head.length);
  return file;
}

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function checkWrite(fn: string, shape: readonly number[], options: WriteNiftiOptions) {
  const {
    spacing,
    affine,
    description = '',
  } = checkOptions(fn, options, ['spacing', 'affine', 'description']);
  if (shape.length < 1 || shape.length > 7 || shape.some((n) => n < 1 || n > maxDimension))
    throw new ShapeError({
      fn,
      argument: 'image',
      expected: `of 1 to 7 axes of 1 to ${maxDimension}`,
      got: formatShape(shape),
    });
  const steps = spacing ?? shape.map(() => 1);
  if (!Array.isArray(steps) || steps.length !== shape.length || !steps.every((step) => step > 0))
    throw new ArgumentError({
      fn,
      argument: 'option spacing',
      expected: `${shape.length} numbers > 0`,
      got: describe(spacing),
    });
  const isAffine = (rows: readonly (readonly number[])[]) =>
    rows.length === 3 && rows.every((row) => row.length === 4 && row.every(Number.isFinite));
  if (affine !== undefined && !(Array.isArray(affine) && isAffine(affine)))
    throw new ArgumentError({
      fn,
      argument: 'option affine',
      expected: '3 rows of 4 numbers',
      got: describe(affine),
    });
  if (typeof description !== 'string')
    throw new ArgumentError({
      fn,
      argument: 'option description',
      expected: 'a text',
      got: describe(description),
    });
  return { spacing: steps, affine, description };
}
