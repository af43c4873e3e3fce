import {
  ArgumentError,
  checkChoice,
  checkShape,
  checkTensor,
  type DType,
  describe,
  dtypeInfo,
  read,
  ShapeError,
  type Tensor,
} from '@adjoint/tensor';
import { Connection } from './connection.js';
import { type H5AttributeValue, type H5NewDataset, typeClass } from './messages.js';

/** Slices that are made one by one while they are written: what does not fit into memory at once. */
export interface H5Slices {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** `shape[0]` tensors of shape `shape.slice(1)`, in order. The writer disposes of them. */
  readonly slices: AsyncIterable<Tensor> | Iterable<Tensor>;
}

/** What a dataset is made of: numbers, or one text. */
export type H5Content = Tensor | H5Slices | string;

/** Attributes by name. */
export type H5Attributes = Readonly<Record<string, H5AttributeValue>>;

export interface WriteH5Options {
  /** Attributes of the file. */
  readonly attributes?: H5Attributes | undefined;
  /** Attributes of datasets, by the dataset's name. */
  readonly datasetAttributes?: Readonly<Record<string, H5Attributes>> | undefined;
  /** gzip level 1 to 9 of arrays of three axes and more, or 0 for none. Default 0: k-space hardly shrinks. */
  readonly compression?: number | undefined;
}

/** Datasets of fewer bytes than this are stored in one piece. */
const minChunkedBytes = 65_536;

/** A file being written, into which datasets go one after the other. */
export class H5Writer {
  private constructor(
    private readonly fn: string,
    private readonly connection: Connection,
    private readonly gzip: number,
  ) {}

  /** Creates the file at `path`, or in memory. */
  static async create(fn: string, place: string, path: string | null, gzip: number): Promise<H5Writer> {
    const connection = await Connection.start(fn, place);
    const writer = new H5Writer(fn, connection, gzip);
    await writer.guard(connection.request('create', { path }));
    return writer;
  }

  async dataset(name: string, content: H5Content): Promise<void> {
    if (typeof content === 'string')
      return void (await this.guard(this.connection.request('createText', { path: name, text: content })));
    if (isSlices(content)) return this.guard(this.slices(name, content));
    const { shape, dtype } = checkTensor(this.fn, `datasets.${name}`, content);
    const isLarge = shape.length >= 3 && content.size * dtypeInfo[dtype].bytes >= minChunkedBytes;
    const layout = layoutOf(name, dtype, shape, this.gzip, isLarge);
    const { chunks } = layout;
    const bytes = bytesOf(await read(content));
    if (chunks === null) await this.guard(this.connection.request('createDataset', { ...layout, bytes }));
    else {
      await this.guard(this.connection.request('createDataset', layout));
      // slice by slice: the library's own copy of what is written then stays small
      const sliceBytes = bytes.length / shape[0]!;
      for (let i = 0; i < shape[0]!; i++)
        await this.slice(name, shape, i, bytes.slice(i * sliceBytes, (i + 1) * sliceBytes));
    }
  }

  private async slices(name: string, { shape, dtype, slices }: H5Slices): Promise<void> {
    const argument = `datasets.${name}`;
    checkShape(this.fn, `the shape of ${argument}`, shape);
    checkChoice(this.fn, `the dtype of ${argument}`, dtype, Object.keys(dtypeInfo) as DType[]);
    if (shape.length === 0) throw new ShapeError({ fn: this.fn, argument, expected: 'of slices', got: '[]' });
    await this.connection.request('createDataset', layoutOf(name, dtype, shape, this.gzip, true));
    let i = 0;
    for await (const slice of slices) {
      const fits = i < shape[0]! && slice.dtype === dtype && `${slice.shape}` === `${shape.slice(1)}`;
      if (!fits)
        throw new ArgumentError({
          fn: this.fn,
          argument: `slice ${i} of datasets.${name}`,
          expected: `one of ${shape[0]} of ${dtype} [${shape.slice(1).join(', ')}]`,
          got: describe(slice),
        });
      const bytes = bytesOf(await read(slice));
      slice.dispose();
      await this.slice(name, shape, i++, bytes);
    }
    if (i < shape[0]!)
      throw new ArgumentError({
        fn: this.fn,
        argument: `datasets.${name}`,
        expected: `${shape[0]} slices, as its shape says`,
        got: `${i}`,
      });
  }

  private async slice(name: string, shape: readonly number[], i: number, bytes: Uint8Array): Promise<void> {
    const offset = shape.map((_, axis) => (axis === 0 ? i : 0));
    const count = [1, ...shape.slice(1)];
    const transfer = [bytes.buffer as ArrayBuffer];
    await this.guard(this.connection.request('write', { path: name, offset, count, bytes }, {}, transfer));
  }

  /** Attributes of a dataset, or of the file (`/`). */
  async attributes(path: string, attributes: H5Attributes): Promise<void> {
    for (const [name, value] of Object.entries(attributes)) {
      checkAttribute(this.fn, name, value);
      await this.guard(this.connection.request('createAttribute', { path, name, value }));
    }
  }

  /** Completes the file; the bytes of one in memory. */
  close(): Promise<Uint8Array | null> {
    return this.guard(this.connection.close());
  }

  /** A failure ends the worker: nothing of the file is kept. */
  private async guard<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.connection.abandon(error);
      throw error;
    }
  }

  abandon(reason: unknown): void {
    this.connection.abandon(reason);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);

const isSlices = (content: Exclude<H5Content, string>): content is H5Slices =>
  content !== null && typeof content === 'object' && 'slices' in content;

/** A chunk per coil and slice, [1, …, H, W], as fastMRI's files have; or one piece. */
function layoutOf(
  path: string,
  dtype: DType,
  shape: readonly number[],
  gzip: number,
  isChunked: boolean,
): H5NewDataset {
  const { kind, bytes: size, parts } = dtypeInfo[dtype];
  const type = kind === 'float' || kind === 'complex' ? typeClass.float : typeClass.integer;
  const whole = Math.max(1, shape.length - 2);
  return {
    path,
    type: { type, size, signed: dtype === 'i32', parts },
    shape,
    chunks: isChunked && !shape.includes(0) ? shape.map((n, axis) => (axis < whole ? 1 : n)) : null,
    gzip,
    bytes: null,
  };
}

function checkAttribute(fn: string, name: string, value: unknown): void {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const kinds = new Set(list.map((item) => typeof item));
  const kind = [...kinds][0];
  if (list.length > 0 && kinds.size === 1 && (kind === 'string' || kind === 'number' || kind === 'boolean'))
    return;
  throw new ArgumentError({
    fn,
    argument: `attribute "${name}"`,
    expected: 'a number, a text, or a list of either',
    got: describe(value),
  });
}
