import { checkOptions, type Device, FormatError, type Tensor } from '@adjoint/tensor';
import { hostArray, toTensor } from '../hostArray.js';
import { checkBytes, gunzip, isGzip, readFile } from '../readFile.js';
import { checkPath } from '../replaceFile.js';

export interface MincOptions {
  /** Default: the current device. */
  readonly device?: Device | undefined;
}

/** A volume in MINC's raw form. */
export interface Minc {
  /** u8, of the axes `axes`, slowest first. */
  readonly image: Tensor;
  /** Directions of the image's axes in the head: x from left to right, y to the front, z upwards. */
  readonly axes: readonly string[];
  /** Signed distance between voxels along each axis, mm: negative where the index runs against the direction. */
  readonly spacing: readonly number[];
  /** Position of the first voxel along each axis, mm. */
  readonly start: readonly number[];
}

interface MincHeader extends Omit<Minc, 'image'> {
  readonly shape: readonly number[];
}

const maxHeaderBytes = 65_536;

/**
 * Reads a volume in the form that BrainBrowser makes of MINC files: `name.header` (JSON: `order`, and for each axis
 * `space_length`, `start`, `step`) beside `name.raw` (unsigned bytes), both plain or gzipped (`.gz`).
 *
 * @param path the name without `.header` or `.raw`: `models/structural1.mnc`
 * @throws FormatError if header and values contradict each other.
 */
export async function readMinc(path: string, options: MincOptions = {}): Promise<Minc> {
  const fn = 'readMinc';
  const { device } = checkOptions(fn, options, ['device']);
  const name = checkPath(fn, path).replace(/\.(header|raw)(\.gz)?$/, '');
  const [header, raw] = [await readEither(fn, `${name}.header`), await readEither(fn, `${name}.raw`)];
  return decode(fn, header, raw, device);
}

/** The volume of a header and values in memory, as `readMinc`. */
export async function decodeMinc(
  header: Uint8Array,
  raw: Uint8Array,
  options: MincOptions = {},
): Promise<Minc> {
  const fn = 'decodeMinc';
  const { device } = checkOptions(fn, options, ['device']);
  checkBytes(fn, 'header', header);
  checkBytes(fn, 'raw', raw);
  return decode(fn, { argument: 'header', bytes: header }, { argument: 'raw', bytes: raw }, device);
}

interface Part {
  readonly argument: string;
  readonly bytes: Uint8Array;
}

/** The gzipped file, or the plain one where there is none. */
async function readEither(fn: string, path: string): Promise<Part> {
  try {
    return { argument: `${path}.gz`, bytes: await readFile(fn, `${path}.gz`) };
  } catch {
    return { argument: path, bytes: await readFile(fn, path) };
  }
}

async function decode(fn: string, header: Part, raw: Part, device: Device | undefined): Promise<Minc> {
  const text = isGzip(header.bytes)
    ? await gunzip(fn, header.argument, header.bytes, maxHeaderBytes, (head) => head.length)
    : header.bytes;
  const { shape, axes, spacing, start } = parseHeader(fn, header.argument, new TextDecoder().decode(text));
  const size = shape.reduce((product, n) => product * n, 1);
  const values = isGzip(raw.bytes) ? await gunzip(fn, raw.argument, raw.bytes, 0, () => size) : raw.bytes;
  if (values.length !== size)
    throw new FormatError({
      fn,
      argument: raw.argument,
      expected: `of ${size} bytes for [${shape.join(', ')}], as the header says`,
      got: `${values.length}`,
    });
  const array = hostArray({ fn, argument: raw.argument }, values, 'uint8', shape);
  return { image: toTensor(fn, array, device), axes, spacing, start };
}

const names = ['xspace', 'yspace', 'zspace'];

function parseHeader(fn: string, argument: string, text: string): MincHeader {
  const refuse = (expected: string, got: string) => new FormatError({ fn, argument, expected, got });
  let header: Record<string, unknown>;
  try {
    header = JSON.parse(text);
  } catch {
    throw refuse('JSON', JSON.stringify(text.slice(0, 40)));
  }
  const order = header?.order;
  if (!Array.isArray(order) || [...order].sort().join() !== names.join())
    throw refuse(`with an order of ${names.join(', ')}`, JSON.stringify(order) ?? 'none');
  const along = (key: string, isGood: (value: number) => boolean) =>
    order.map((name: string) => {
      const value = (header[name] as Record<string, unknown> | null)?.[key];
      if (typeof value === 'number' && isGood(value)) return value;
      throw refuse(`with a ${key} of ${name} that is a number in its range`, JSON.stringify(value) ?? 'none');
    });
  return {
    shape: along('space_length', (n) => Number.isInteger(n) && n >= 1 && n <= 65_536),
    axes: order.map((name: string) => name[0]!),
    spacing: along('step', (step) => Number.isFinite(step) && step !== 0),
    start: along('start', Number.isFinite),
  };
}
