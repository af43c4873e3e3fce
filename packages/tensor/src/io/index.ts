/**
 * Files of arrays: npy, npz and safetensors. `load…` and `save…` take paths (Node); `decode…` and `encode…` take and
 * give bytes, anywhere. Files are treated as hostile: whatever is wrong with one ends in a FormatError.
 */
import { checkBoolean, checkOptions } from '../check.js';
import { AdjointError, ArgumentError, describe, type ErrorParts } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { readBytes, writeBytes } from './files.js';
import { type DecodeOptions, toHost, toHosts, toTensor, toTensors } from './hostTensor.js';
import { formatNpy, parseNpy } from './npy.js';
import { type FormatNpzOptions, formatNpz, type ParseNpzOptions, parseNpz } from './npz.js';
import { formatSafetensors, parseSafetensors } from './safetensors.js';

export type { DecodeOptions } from './hostTensor.js';
export type { FormatNpzOptions, ParseNpzOptions } from './npz.js';
export {
  readNumbers,
  type Source as NumberSource,
  type StoredNumber,
  storedNumbers,
} from './storedNumbers.js';

/** Runs a parser on bytes; its error then names the function that the user called, and the file. */
function parsing<T>(fn: string, path: string | undefined, bytes: Uint8Array, parse: () => T): T {
  if (!(bytes instanceof Uint8Array))
    throw new ArgumentError({ fn, argument: 'bytes', expected: 'a Uint8Array', got: describe(bytes) });
  return inNameOf(fn, parse, path === undefined ? '' : ` of ${path}`);
}

/** Runs a parser or formatter; its errors then name the function that the user called. */
function inNameOf<T>(fn: string, run: () => T, place = ''): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof AdjointError) || !error.parts) throw error;
    const Kind = error.constructor as new (parts: ErrorParts) => AdjointError;
    throw new Kind({ ...error.parts, fn, argument: `${error.parts.argument}${place}` });
  }
}

/**
 * One array from npy bytes, as `parseNpy`. f64 becomes f32, and c128 c64, where the device has no double precision.
 *
 * @throws FormatError if the bytes are not an npy file of numbers.
 */
export const decodeNpy = (bytes: Uint8Array, options: DecodeOptions = {}): Tensor =>
  readNpy('decodeNpy', undefined, bytes, options);

const readNpy = (fn: string, path: string | undefined, bytes: Uint8Array, options: DecodeOptions): Tensor =>
  toTensor(
    fn,
    parsing(fn, path, bytes, () => parseNpy(bytes)),
    checkOptions(fn, options, ['device']),
  );

/** The bytes that numpy.save writes for an equal array. */
export const encodeNpy = (x: Tensor): Promise<Uint8Array> => npyBytes('encodeNpy', x);

const npyBytes = async (fn: string, x: Tensor): Promise<Uint8Array> => {
  const array = await toHost(fn, 'x', x);
  return inNameOf(fn, () => formatNpy(array));
};

/**
 * Reads an npy file.
 * @example const kspace = await loadNpy('kspace.npy');
 */
export const loadNpy = async (path: string, options: DecodeOptions = {}): Promise<Tensor> =>
  readNpy('loadNpy', path, await readBytes('loadNpy', path), options);

/** Writes an npy file, whole or not at all. */
export const saveNpy = async (path: string, x: Tensor): Promise<void> =>
  writeBytes('saveNpy', path, await npyBytes('saveNpy', x));

export type DecodeNpzOptions = DecodeOptions & ParseNpzOptions;

/**
 * The arrays of an npz archive by name, as `parseNpz`.
 *
 * @throws FormatError if the bytes are not an npz file of numbers, or hold more than `maxBytes`.
 */
export const decodeNpz = (bytes: Uint8Array, options: DecodeNpzOptions = {}): Record<string, Tensor> =>
  readNpz('decodeNpz', undefined, bytes, options);

function readNpz(fn: string, path: string | undefined, bytes: Uint8Array, options: DecodeNpzOptions) {
  checkOptions(fn, options, ['device', 'names', 'maxBytes']);
  return toTensors(
    fn,
    parsing(fn, path, bytes, () => parseNpz(bytes, options)),
    options,
  );
}

/** An npz archive; the same tensors give the same bytes. */
export const encodeNpz = (
  tensors: Readonly<Record<string, Tensor>>,
  options: FormatNpzOptions = {},
): Promise<Uint8Array> => npzBytes('encodeNpz', tensors, options);

async function npzBytes(
  fn: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: FormatNpzOptions,
): Promise<Uint8Array> {
  const { compress = true } = checkOptions(fn, options, ['compress']);
  checkBoolean(fn, 'option compress', compress);
  const arrays = await toHosts(fn, tensors);
  return inNameOf(fn, () => formatNpz(arrays, { compress }));
}

/**
 * Reads an npz file.
 * @example const { kspace, maps } = await loadNpz('scan.npz', { names: ['kspace', 'maps'] });
 */
export const loadNpz = async (
  path: string,
  options: DecodeNpzOptions = {},
): Promise<Record<string, Tensor>> => readNpz('loadNpz', path, await readBytes('loadNpz', path), options);

/** Writes an npz file, whole or not at all. */
export const saveNpz = async (
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  options: FormatNpzOptions = {},
): Promise<void> => writeBytes('saveNpz', path, await npzBytes('saveNpz', tensors, options));

export interface Safetensors {
  readonly tensors: Record<string, Tensor>;
  /** The strings of the file's `__metadata__`. */
  readonly metadata: Record<string, string>;
}

/**
 * The tensors and strings of a safetensors file, as `parseSafetensors`.
 *
 * @throws FormatError if the bytes are not a safetensors file.
 */
export const decodeSafetensors = (bytes: Uint8Array, options: DecodeOptions = {}): Safetensors =>
  readSafetensors('decodeSafetensors', undefined, bytes, options);

function readSafetensors(
  fn: string,
  path: string | undefined,
  bytes: Uint8Array,
  options: DecodeOptions,
): Safetensors {
  checkOptions(fn, options, ['device']);
  const { tensors, metadata } = parsing(fn, path, bytes, () => parseSafetensors(bytes));
  const strings: Record<string, string> = Object.create(null);
  for (const [key, value] of metadata) strings[key] = value;
  return { tensors: toTensors(fn, tensors, options), metadata: strings };
}

/** A safetensors file; the same content gives the same bytes whatever its order. */
export const encodeSafetensors = (
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> => safetensorsBytes('encodeSafetensors', tensors, metadata);

async function safetensorsBytes(
  fn: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  if (metadata === null || typeof metadata !== 'object')
    throw new ArgumentError({
      fn,
      argument: 'metadata',
      expected: 'an object of strings',
      got: describe(metadata),
    });
  const arrays = await toHosts(fn, tensors);
  return inNameOf(fn, () => formatSafetensors(arrays, Object.entries(metadata)));
}

/**
 * Reads a safetensors file.
 * @example const { tensors, metadata } = await loadSafetensors('unet.safetensors');
 */
export const loadSafetensors = async (path: string, options: DecodeOptions = {}): Promise<Safetensors> =>
  readSafetensors('loadSafetensors', path, await readBytes('loadSafetensors', path), options);

/** Writes a safetensors file, whole or not at all. */
export const saveSafetensors = async (
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> =>
  writeBytes('saveSafetensors', path, await safetensorsBytes('saveSafetensors', tensors, metadata));
