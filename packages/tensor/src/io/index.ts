/**
 * Files of arrays: npy, npz and safetensors. `load…` and `save…` take paths (Node); `decode…` and `encode…` take and
 * give bytes, anywhere. Files are treated as hostile: whatever is wrong with one ends in a FormatError.
 */
import { FormatError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { readBytes, writeBytes } from './files.js';
import { type DecodeOptions, toHost, toHosts, toTensor, toTensors } from './hostTensor.js';
import { formatNpy, parseNpy } from './npy.js';
import { type FormatNpzOptions, formatNpz, type ParseNpzOptions, parseNpz } from './npz.js';
import { formatSafetensors, parseSafetensors } from './safetensors.js';

export type { DecodeOptions } from './hostTensor.js';
export type { FormatNpzOptions, ParseNpzOptions } from './npz.js';

/** Runs a parser; its error then names the function that the user called, and the file. */
function parsing<T>(fn: string, path: string | undefined, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof FormatError) || !error.parts) throw error;
    const place = path === undefined ? '' : ` of ${path}`;
    throw new FormatError({ ...error.parts, fn, argument: `${error.parts.argument}${place}` });
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
    parsing(fn, path, () => parseNpy(bytes)),
    options,
  );

/** The bytes that numpy.save writes for an equal array. */
export const encodeNpy = async (x: Tensor): Promise<Uint8Array> =>
  formatNpy(await toHost('encodeNpy', 'x', x));

/**
 * Reads an npy file.
 * @example const kspace = await loadNpy('kspace.npy');
 */
export const loadNpy = async (path: string, options: DecodeOptions = {}): Promise<Tensor> =>
  readNpy('loadNpy', path, await readBytes('loadNpy', path), options);

/** Writes an npy file, whole or not at all. */
export const saveNpy = async (path: string, x: Tensor): Promise<void> =>
  writeBytes('saveNpy', path, await encodeNpy(x));

export type DecodeNpzOptions = DecodeOptions & ParseNpzOptions;

/**
 * The arrays of an npz archive by name, as `parseNpz`.
 *
 * @throws FormatError if the bytes are not an npz file of numbers, or hold more than `maxBytes`.
 */
export const decodeNpz = (bytes: Uint8Array, options: DecodeNpzOptions = {}): Record<string, Tensor> =>
  readNpz('decodeNpz', undefined, bytes, options);

const readNpz = (fn: string, path: string | undefined, bytes: Uint8Array, options: DecodeNpzOptions) =>
  toTensors(
    fn,
    parsing(fn, path, () => parseNpz(bytes, options)),
    options,
  );

/** An npz archive; the same tensors give the same bytes. */
export const encodeNpz = async (
  tensors: Readonly<Record<string, Tensor>>,
  options: FormatNpzOptions = {},
): Promise<Uint8Array> => formatNpz(await toHosts('encodeNpz', tensors), options);

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
): Promise<void> => writeBytes('saveNpz', path, await encodeNpz(tensors, options));

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
  const { tensors, metadata } = parsing(fn, path, () => parseSafetensors(bytes));
  const strings: Record<string, string> = Object.create(null);
  for (const [key, value] of metadata) strings[key] = value;
  return { tensors: toTensors(fn, tensors, options), metadata: strings };
}

/** A safetensors file; the same content gives the same bytes whatever its order. */
export const encodeSafetensors = async (
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> =>
  formatSafetensors(await toHosts('encodeSafetensors', tensors), Object.entries(metadata));

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
): Promise<void> => writeBytes('saveSafetensors', path, await encodeSafetensors(tensors, metadata));
