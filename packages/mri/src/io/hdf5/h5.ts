import {
  ArgumentError,
  checkInteger,
  checkOptions,
  type Device,
  describe,
  type Tensor,
} from '@adjoint/tensor';
import { replaceFile } from '../replaceFile.js';
import { type H5Source, type OpenH5Options, openFor } from './h5File.js';
import { type H5Content, H5Writer, type WriteH5Options } from './h5Writer.js';
import type { H5AttributeValue } from './messages.js';

export interface ReadH5Options extends OpenH5Options {
  /** Datasets to read. Default: all that are numbers or text. */
  readonly names?: readonly string[] | undefined;
  /** Default: the current device. */
  readonly device?: Device | undefined;
}

export interface H5Contents {
  /** Arrays by dataset name. */
  readonly tensors: Record<string, Tensor>;
  /** Datasets of one text, by name. */
  readonly texts: Record<string, string>;
  /** Attributes of the file. */
  readonly attributes: Readonly<Record<string, H5AttributeValue>>;
}

/**
 * Reads whole datasets of an HDF5 file. For parts of large ones, `openH5`.
 *
 * @example const { tensors, attributes } = await readH5('r.h5', { names: ['reconstruction'] });
 * @throws FormatError for what is not a readable HDF5 file, or where a named dataset is missing.
 */
export async function readH5(source: H5Source, options: ReadH5Options = {}): Promise<H5Contents> {
  const fn = 'readH5';
  const { names, device, timeoutMs, signal } = checkOptions(fn, options, [
    'names',
    'device',
    'timeoutMs',
    'signal',
  ]);
  const file = await openFor(fn, source, { timeoutMs, signal });
  const tensors: Record<string, Tensor> = Object.create(null);
  try {
    const texts: Record<string, string> = Object.create(null);
    for (const name of names ?? file.datasets.keys()) {
      const { type, dtype } = file.datasets.get(name) ?? {};
      if (type === 'text' && (names || file.datasets.get(name)?.shape.length === 0))
        texts[name] = await file.text(name);
      else if (names || dtype) tensors[name] = await file.read(name, { device });
    }
    return { tensors, texts, attributes: await file.attributes() };
  } catch (error) {
    for (const x of Object.values(tensors)) x.dispose();
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * Writes an HDF5 file, whole or not at all: under a temporary name in the same folder, then renamed. c64 becomes the
 * compound {r, i} of float32 that h5py reads as complex64; bool becomes unsigned bytes. Names may hold groups (`a/b`).
 *
 * @example await writeH5('r.h5', { reconstruction: image }, { attributes: { method: 'l1' } });
 */
export async function writeH5(
  path: string,
  datasets: Readonly<Record<string, H5Content>>,
  options: WriteH5Options = {},
): Promise<void> {
  await writeFor('writeH5', path, datasets, options);
}

/** `writeH5` on behalf of another function. */
export async function writeFor(
  fn: string,
  path: string,
  datasets: Readonly<Record<string, H5Content>>,
  options: WriteH5Options,
): Promise<void> {
  check(fn, datasets, options);
  await replaceFile(fn, path, async (temporary) => {
    await fill(fn, path, temporary, datasets, options);
  });
}

/** The bytes of the file that `writeH5` would write. */
export async function encodeH5(
  datasets: Readonly<Record<string, H5Content>>,
  options: WriteH5Options = {},
): Promise<Uint8Array> {
  const fn = 'encodeH5';
  check(fn, datasets, options);
  return (await fill(fn, 'the file in memory', null, datasets, options))!;
}

async function fill(
  fn: string,
  place: string,
  path: string | null,
  datasets: Readonly<Record<string, H5Content>>,
  { attributes = {}, datasetAttributes = {}, compression = 0 }: WriteH5Options,
): Promise<Uint8Array | null> {
  const writer = await H5Writer.create(fn, place, path, compression);
  try {
    for (const [name, content] of Object.entries(datasets)) await writer.dataset(name, content);
    await writer.attributes('/', attributes);
    for (const [name, list] of Object.entries(datasetAttributes)) await writer.attributes(name, list);
    return await writer.close();
  } catch (error) {
    writer.abandon(error);
    throw error;
  }
}

function check(fn: string, datasets: Readonly<Record<string, H5Content>>, options: WriteH5Options): void {
  const { compression = 0, datasetAttributes = {} } = checkOptions(fn, options, [
    'attributes',
    'datasetAttributes',
    'compression',
  ]);
  checkInteger(fn, 'option compression', compression, { min: 0, max: 9 });
  if (datasets === null || typeof datasets !== 'object')
    throw new ArgumentError({ fn, argument: 'datasets', expected: 'an object', got: describe(datasets) });
  for (const name of [...Object.keys(datasets), ...Object.keys(datasetAttributes)])
    if (!/^[^/]+(\/[^/]+)*$/.test(name) || name.split('/').includes('.'))
      throw new ArgumentError({
        fn,
        argument: 'the name of a dataset',
        expected: 'of parts separated by single slashes, as in group/name',
        got: describe(name),
      });
}
