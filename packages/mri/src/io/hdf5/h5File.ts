import {
  ArgumentError,
  checkDevice,
  checkInteger,
  checkOptions,
  type Device,
  type DType,
  FormatError,
  formatShape,
  storedNumbers,
  type Tensor,
} from '@adjoint/tensor';
import { type HostArray, hostArray, toTensor } from '../hostArray.js';
import { checkPath, nodeFiles, refuseFile } from '../replaceFile.js';
import { Connection, type RequestOptions } from './connection.js';
import type { H5AttributeValue, H5Entry, H5Location, H5Records } from './messages.js';
import { meaningOf, typeName } from './storedType.js';

/** A path (Node), the bytes of a file, or a Blob or File of a page, which is read lazily. */
export type H5Source = string | Uint8Array | ArrayBuffer | Blob;

export interface OpenH5Options extends RequestOptions {
  /** Longest time that a single read may take before the file counts as damaged. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** A dataset of an HDF5 file, as far as it is known without reading its values. */
export interface H5Dataset {
  /** Path from the root, without a leading slash: `kspace`, `dataset/xml`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** As stored, in the words of messages: `complex64`, `int16`, `text`, `records of head, traj, data`. */
  readonly type: string;
  /** The dtype it is read as; undefined for what is no array of numbers. */
  readonly dtype: DType | undefined;
}

export interface ReadH5DatasetOptions {
  /** First index of each axis, slowest first; axes not listed are read whole. Default: all 0. */
  readonly offset?: readonly number[] | undefined;
  /** Number of entries of each axis; axes not listed are read to their end. */
  readonly count?: readonly number[] | undefined;
  /** Converts: a float of another precision, a complex number of another precision, an integer to a float. */
  readonly dtype?: DType | undefined;
  /** Default: the current device. */
  readonly device?: Device | undefined;
}

const defaultTimeoutMs = 30_000;
const gzip = 1;
/** HDF5's own filters have smaller numbers than those of others. */
const lastOwnFilter = 6;
const filterNames: Readonly<Record<number, string>> = {
  32000: 'lzf',
  32001: 'blosc',
  32004: 'lz4',
  32008: 'bitshuffle',
  32015: 'zstd',
};
/** Deflate never shrinks data by more than this. */
const maxDeflation = 1032;

/**
 * Opens an HDF5 file for reading. The HDF5 library runs in a worker with a time-out, so that a damaged file ends in a
 * FormatError and never in a hang; values are read lazily. Close it, or declare it with `using`.
 *
 * @example
 * using file = await openH5('k.h5');
 * const slice = await file.read('kspace', { offset: [3], count: [1] });
 * @throws FormatError for what is not a readable HDF5 file; ArgumentError if the file cannot be read at all.
 */
export const openH5 = (source: H5Source, options: OpenH5Options = {}): Promise<H5File> =>
  openFor('openH5', source, options);

/** `openH5` on behalf of another function. */
export async function openFor(fn: string, source: H5Source, options: OpenH5Options): Promise<H5File> {
  const { timeoutMs = defaultTimeoutMs, signal } = checkOptions(fn, options, ['timeoutMs', 'signal']);
  checkInteger(fn, 'option timeoutMs', timeoutMs, { min: 1 });
  const place = typeof source === 'string' ? source : 'the given bytes';
  const { location, bytes } = await locate(fn, source);
  const connection = await Connection.start(fn, place);
  try {
    const entries = await connection.request('open', { location }, { timeoutMs, signal });
    return new H5File(fn, place, bytes, connection, entries, { timeoutMs, signal });
  } catch (error) {
    await release(connection, timeoutMs);
    throw error;
  }
}

/** Closes what was only read: whatever goes wrong in that is of no interest. */
async function release(connection: Connection, timeoutMs: number | undefined): Promise<void> {
  await connection.close(timeoutMs).catch((error) => connection.abandon(error));
}

/** Where the worker finds the file, and the number of its bytes. */
async function locate(fn: string, source: H5Source): Promise<{ location: H5Location; bytes: number }> {
  if (source instanceof Uint8Array) return { location: { bytes: source }, bytes: source.length };
  if (source instanceof ArrayBuffer)
    return { location: { bytes: new Uint8Array(source) }, bytes: source.byteLength };
  if (source instanceof Blob) return { location: { blob: source }, bytes: source.size };
  const path = checkPath(fn, source);
  const { stat } = await nodeFiles(fn);
  const found = await stat(path).catch((error) => refuseFile(fn, path, 'read', error));
  // the library would wait in the system's open, where not even its worker can be ended
  if (!found.isFile())
    throw new ArgumentError({
      fn,
      argument: 'path',
      expected: 'of a file',
      got: found.isDirectory() ? `the folder ${path}` : `the pipe, socket or device ${path}`,
    });
  return { location: { path }, bytes: found.size };
}

/** An open HDF5 file; made by `openH5`. */
export class H5File {
  /** Datasets by name, those in groups included. */
  readonly datasets: ReadonlyMap<string, H5Dataset>;
  private readonly entries: ReadonlyMap<string, H5Entry>;

  /** @internal */
  constructor(
    private readonly fn: string,
    /** The path, or what messages say instead. */
    readonly place: string,
    private readonly fileBytes: number,
    private readonly connection: Connection,
    entries: readonly H5Entry[],
    private readonly limits: RequestOptions,
  ) {
    this.entries = new Map(entries.map((entry) => [entry.path, entry]));
    this.datasets = new Map(entries.map((entry) => [entry.path, describeEntry(entry)]));
  }

  /** A dataset, or part of one, as a tensor. f64 becomes f32, and c128 c64, where the device has no double precision. */
  async read(name: string, options: ReadH5DatasetOptions = {}): Promise<Tensor> {
    if (options.device !== undefined) checkDevice(this.fn, 'option device', options.device);
    return toTensor(this.fn, await this.readHost(name, options), options.device);
  }

  /** `read` into host memory. @internal */
  async readHost(name: string, options: ReadH5DatasetOptions = {}): Promise<HostArray> {
    checkOptions(this.fn, options, ['offset', 'count', 'dtype', 'device']);
    const entry = this.entry(name);
    const meaning = meaningOf(entry.stored);
    if (meaning.kind !== 'numbers' || entry.shape === null)
      throw this.unreadable(name, `is ${describeStored(entry)}`, 'an array of numbers');
    const { offset, count } = this.region(name, entry.shape, options);
    const bytes = count.reduce((product, n) => product * n, entry.stored.size);
    const isWhole = count.every((n, axis) => n === entry.shape![axis]);
    const stored = await this.connection.request(
      'read',
      { path: name, bytes, ...(isWhole ? { offset: null, count: null } : { offset, count }) },
      this.limits,
    );
    const source = { fn: this.fn, argument: `dataset "${name}" of ${this.place}` };
    return hostArray(source, stored, meaning.format, count, options.dtype);
  }

  /** The text of a dataset that holds one string. */
  async text(name: string): Promise<string> {
    const texts = await this.texts(name);
    if (texts.length === 1) return texts[0]!;
    throw this.unreadable(name, `holds ${texts.length} texts`, 'one text');
  }

  /** All strings of a dataset of text. */
  async texts(name: string): Promise<readonly string[]> {
    const entry = this.entry(name);
    if (meaningOf(entry.stored).kind !== 'text' || entry.shape === null)
      throw this.unreadable(name, `is ${describeStored(entry)}`, 'text');
    return this.connection.request('texts', { path: name }, this.limits);
  }

  /** Attributes of the file, or of a dataset or group: those that are numbers, text, or lists of either. */
  attributes(name = '/'): Promise<Readonly<Record<string, H5AttributeValue>>> {
    if (name !== '/') this.entry(name);
    return this.connection.request('attributes', { path: name }, this.limits);
  }

  /** Records `start` to `start + count` of a list of records with members of varying length. @internal */
  records(name: string, start: number, count: number, members: readonly string[]): Promise<H5Records> {
    return this.connection.request(
      'records',
      { path: this.entry(name).path, start, count, members },
      this.limits,
    );
  }

  /** How a dataset is stored. @internal */
  stored(name: string): H5Entry['stored'] {
    return this.entry(name).stored;
  }

  /** Ends work on the file. Later reads fail. */
  async close(): Promise<void> {
    await release(this.connection, this.limits.timeoutMs);
  }

  [Symbol.dispose](): void {
    void this.close();
  }

  /** The error `cannot read FILE: dataset "NAME" PROBLEM; expected EXPECTED. REMEDY`. @internal */
  unreadable(name: string, problem: string, expected: string, remedy = ''): FormatError {
    const sentence = `dataset "${name}" ${problem}; expected ${expected}.`;
    return new FormatError(`${this.fn}: cannot read ${this.place}: ${sentence}${remedy && ` ${remedy}`}`);
  }

  private entry(name: string): H5Entry {
    const entry = this.entries.get(name);
    if (!entry) {
      const names = [...this.entries.keys()];
      const shown = names.length > 12 ? [...names.slice(0, 12), '…'] : names;
      throw this.unreadable(
        name,
        'is missing',
        `one of ${shown.join(', ') || 'none: the file holds no dataset'}`,
      );
    }
    this.refuseClaims(entry);
    return entry;
  }

  /** Refuses a dataset that claims more than the file can hold, before anything is allocated for it. */
  private refuseClaims({ path, shape, stored, filters, isVirtual }: H5Entry): void {
    if (isVirtual)
      throw this.unreadable(path, 'stands in other files', 'values in this file', 'Repack the file.');
    const unknown = filters.find((id) => id > lastOwnFilter);
    if (unknown !== undefined)
      throw this.unreadable(
        path,
        `is compressed by ${filterNames[unknown] ?? `filter ${unknown}`}`,
        'gzip',
        'Repack it with: h5repack -f GZIP=4 IN OUT',
      );
    if (!shape) return;
    const claimed = shape.reduce((product, n) => product * n, stored.size);
    const possible = this.fileBytes * (filters.includes(gzip) ? maxDeflation : 1);
    if (claimed > possible)
      throw this.unreadable(
        path,
        `claims ${claimed} bytes (${typeName(stored)} ${formatShape(shape)})`,
        `no more than a file of ${this.fileBytes} bytes can hold`,
        'It is damaged, cut short, or was never filled.',
      );
  }

  private region(name: string, shape: readonly number[], { offset = [], count = [] }: ReadH5DatasetOptions) {
    for (const [argument, list] of Object.entries({ offset, count }))
      if (!Array.isArray(list) || list.length > shape.length)
        throw this.unreadable(name, `has ${shape.length} axes`, `option ${argument} to list no more`);
    const from = shape.map((n, axis) =>
      checkInteger(this.fn, 'option offset', offset[axis] ?? 0, { min: 0, max: n }),
    );
    const size = shape.map((n, axis) =>
      checkInteger(this.fn, 'option count', count[axis] ?? n - from[axis]!, { min: 0, max: n - from[axis]! }),
    );
    return { offset: from, count: size };
  }
}

const describeStored = ({ stored, shape }: H5Entry): string =>
  `${typeName(stored)} ${shape === null ? 'without values' : formatShape(shape)}`;

function describeEntry({ path, shape, stored }: H5Entry): H5Dataset {
  const meaning = meaningOf(stored);
  const dtype = meaning.kind === 'numbers' ? storedNumbers[meaning.format].dtype : undefined;
  return { name: path, shape: shape ?? [0], type: typeName(stored), dtype };
}
