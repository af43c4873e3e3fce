import { FormatError, type StoredNumber, storedNumbers } from '@adjoint/tensor';

/** What the 348 bytes of a NIfTI-1 header say of the values and of where they are in space. */
export interface NiftiHeader {
  readonly isLittleEndian: boolean;
  /** Fastest first: x, y, z, time, … */
  readonly dimensions: readonly number[];
  /** Distance between voxels along each dimension: mm, and seconds or what the file uses for time. */
  readonly spacing: readonly number[];
  readonly format: StoredNumber;
  /** Where the values begin. */
  readonly offset: number;
  /** value = slope · stored + intercept; slope 0 means that stored values are the values. */
  readonly slope: number;
  readonly intercept: number;
  /** Voxel index (x, y, z) to mm, 3 rows of 4, if the file has an `sform`. */
  readonly affine: readonly (readonly number[])[] | undefined;
  readonly description: string;
}

export const headerBytes = 348;
/** The header, and four bytes that say that no extension follows. */
export const dataOffset = 352;

export const formatCodes: Readonly<Record<number, StoredNumber>> = {
  2: 'uint8',
  4: 'int16',
  8: 'int32',
  16: 'float32',
  32: 'complex64',
  64: 'float64',
  256: 'int8',
  512: 'uint16',
  768: 'uint32',
  1024: 'int64',
  1280: 'uint64',
  1792: 'complex128',
};
const otherCodes: Readonly<Record<number, string>> = {
  0: 'no type',
  1: 'single bits',
  128: 'RGB colours',
  1536: '128-bit floats',
  2048: '256-bit complex numbers',
  2304: 'RGBA colours',
};

/**
 * Parses the header of a NIfTI-1 file (`.nii`), of either byte order.
 * Reference: nifti1.h, nifti.nimh.nih.gov.
 *
 * @throws FormatError
 */
export function parseNiftiHeader(fn: string, argument: string, bytes: Uint8Array): NiftiHeader {
  const refuse = (expected: string, got: string, remedy?: string) =>
    new FormatError({ fn, argument, expected, got, remedy });
  const { view, isLittleEndian } = checkMagic(refuse, bytes);
  const short = (at: number) => view.getInt16(at, isLittleEndian);
  const float = (at: number) => view.getFloat32(at, isLittleEndian);
  const dimensions = parseDimensions(refuse, short);
  const format = formatCodes[short(70)];
  if (!format) throw refuse('of numbers', otherCodes[short(70)] ?? `datatype ${short(70)}`);
  const bits = 8 * storedNumbers[format].bytes;
  if (short(72) !== bits) throw refuse(`of ${bits} bits a voxel, as ${format} has`, `${short(72)}`);
  const offset = float(108);
  if (!Number.isInteger(offset) || offset < dataOffset)
    throw refuse(`of values at an offset >= ${dataOffset}`, `${offset}`);
  const [slope, intercept] = [float(112), float(116)];
  return {
    isLittleEndian,
    dimensions,
    spacing: dimensions.map((_, axis) => float(80 + 4 * axis)),
    format,
    offset,
    // programs write NaN here where they mean that there is nothing to scale
    slope: Number.isFinite(slope) ? slope : 0,
    intercept: Number.isFinite(intercept) ? intercept : 0,
    affine:
      short(254) > 0
        ? [0, 1, 2].map((row) => [0, 1, 2, 3].map((k) => float(280 + 16 * row + 4 * k)))
        : undefined,
    description: String.fromCharCode(...bytes.subarray(148, 228)).replace(/\0.*$/s, ''),
  };
}

/** That the bytes are a whole header of a file in one piece; its byte order. */
function checkMagic(
  refuse: (expected: string, got: string, remedy?: string) => FormatError,
  bytes: Uint8Array,
) {
  if (bytes.length < headerBytes)
    throw refuse(`a NIfTI-1 file, of at least ${headerBytes} bytes`, `${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getInt32(0, true);
  const isLittleEndian = size === headerBytes;
  if (!isLittleEndian && view.getInt32(0, false) !== headerBytes)
    throw refuse('a NIfTI-1 file, which begins with 348', size === 540 ? 'NIfTI-2' : `${size}`);
  const magic = String.fromCharCode(...bytes.subarray(344, 347));
  if (magic !== 'n+1')
    throw refuse(
      'a NIfTI-1 file in one piece (.nii)',
      magic === 'ni1' ? 'the header of a pair' : 'an Analyze header',
      'Join the pair: nibabel and fslchfiletype do.',
    );
  return { view, isLittleEndian };
}

function parseDimensions(
  refuse: (expected: string, got: string) => FormatError,
  short: (at: number) => number,
): number[] {
  const rank = short(40);
  if (rank < 1 || rank > 7) throw refuse('of 1 to 7 dimensions', `${rank}`);
  const dimensions = Array.from({ length: rank }, (_, axis) => short(42 + 2 * axis));
  if (dimensions.some((n) => n < 1)) throw refuse('of dimensions >= 1', `[${dimensions.join(', ')}]`);
  return dimensions;
}

/** What goes into a header that is written. */
export type NewNiftiHeader = Pick<NiftiHeader, 'dimensions' | 'spacing' | 'affine' | 'description'> & {
  readonly code: number;
};

/** A header of a little-endian file with values from byte 352, and the four bytes after it. */
export function formatNiftiHeader(header: NewNiftiHeader, bytesPerVoxel: number): Uint8Array {
  const bytes = new Uint8Array(dataOffset);
  const view = new DataView(bytes.buffer);
  const short = (at: number, value: number) => view.setInt16(at, value, true);
  const float = (at: number, value: number) => view.setFloat32(at, value, true);
  view.setInt32(0, headerBytes, true);
  const { dimensions, spacing, affine, description, code } = header;
  short(40, dimensions.length);
  for (let axis = 0; axis < 7; axis++) {
    short(42 + 2 * axis, dimensions[axis] ?? 1);
    float(80 + 4 * axis, spacing[axis] ?? 1);
  }
  short(70, code);
  short(72, 8 * bytesPerVoxel);
  float(76, 1);
  float(108, dataOffset);
  float(112, 1);
  // mm and seconds
  bytes[123] = 2 + 8;
  bytes.set(new TextEncoder().encode(description).subarray(0, 79), 148);
  if (affine) {
    // aligned with a scanner
    short(254, 1);
    affine.forEach((row, i) => {
      row.forEach((value, k) => {
        float(280 + 16 * i + 4 * k, value);
      });
    });
  }
  bytes.set(new TextEncoder().encode('n+1\0'), 344);
  return bytes;
}
