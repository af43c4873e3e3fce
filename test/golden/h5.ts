import type { DType, TypedArray } from '@adjoint/tensor';
import type { Attribute, Entity, Dataset as H5Dataset, Group as H5Group } from 'h5wasm/node';
import { isPage } from '../environment.js';

/** A golden file, or a case in it, is not what its suite knows how to run. Counts as a failed case. */
export class GoldenError extends Error {}

/** An array of a golden file as it is stored; complex numbers interleaved. */
export interface Stored {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TypedArray;
}

type AttributeValue = number | string | readonly number[];

const { default: h5wasm } = (await (isPage
  ? import('h5wasm')
  : import('h5wasm/node'))) as typeof import('h5wasm/node');
const library = await h5wasm.ready;
// without it, errors are only printed to stderr and the next call fails with another message
library.activate_throwing_error_handler();

const classes = { integer: 0, float: 1, compound: 6 };

/** Opens a file for reading, gives its root to `use` and closes it. In a page the path is that of a URL. */
export async function withGoldenFile<T>(path: string, use: (root: Group) => Promise<T>): Promise<T> {
  const file = openFile(isPage ? await download(path) : path);
  try {
    return await use(new Group(file, undefined, ''));
  } finally {
    file.close();
  }
}

/** Brings a file into the library's own file system; returns its path there. */
async function download(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new GoldenError(`${url}: ${response.status} ${response.statusText}`);
  const path = `/${url.split('/').at(-1)}`;
  library.FS.writeFile(path, new Uint8Array(await response.arrayBuffer()));
  return path;
}

function openFile(path: string) {
  try {
    return new h5wasm.File(path, 'r');
  } catch (error) {
    throw new GoldenError(`cannot be opened as HDF5: ${lastLine(error)}`);
  }
}

/** The library reports its whole call stack; the last line names the cause. */
const lastLine = (error: unknown): string => {
  const lines = String(error).trim().split('\n');
  return (lines.filter((line) => /#\d+/.test(line)).at(-1) ?? lines[0]!).trim();
};

/**
 * A group of a golden file. Attributes and datasets that are asked for are remembered, so that a runner can
 * tell what nobody looked at.
 */
export class Group {
  private readonly seen = new Set<string>();
  private entries: ReadonlyMap<string, Entity> | undefined;

  constructor(
    private readonly entity: H5Group,
    readonly parent: Group | undefined,
    /** Path from the root, without a leading slash. */
    readonly path: string,
  ) {}

  get name(): string {
    return this.path.slice(this.path.lastIndexOf('/') + 1);
  }

  /** The path's components. */
  get parts(): string[] {
    return this.path.split('/');
  }

  /** What the group holds, by name. */
  private get children(): ReadonlyMap<string, Entity> {
    this.entries ??= new Map(this.entity.keys().map((name) => [name, this.entity.get(name)!]));
    return this.entries;
  }

  groups(): Group[] {
    const found: Group[] = [];
    for (const [name, child] of this.children) {
      const path = this.path ? `${this.path}/${name}` : name;
      if (child instanceof h5wasm.Group) found.push(new Group(child, this, path));
      else if (!(child instanceof h5wasm.Dataset))
        throw new GoldenError(`${path} is neither a group nor a dataset`);
    }
    return found;
  }

  get hasGroups(): boolean {
    return [...this.children.values()].some((child) => child instanceof h5wasm.Group);
  }

  datasetNames(): string[] {
    return [...this.children.keys()].filter((name) => this.hasDataset(name));
  }

  hasDataset(name: string): boolean {
    return this.children.get(name) instanceof h5wasm.Dataset;
  }

  dataset(name: string): Stored {
    const found = this.children.get(name);
    if (!(found instanceof h5wasm.Dataset)) throw new GoldenError(`there is no dataset "${name}"`);
    this.seen.add(`dataset ${name}`);
    return readDataset(found, `${this.path}/${name}`);
  }

  /** A dataset of this group or of the nearest parent that has it. */
  inherited(name: string): Stored {
    for (let group: Group | undefined = this; group; group = group.parent)
      if (group.hasDataset(name)) return group.dataset(name);
    throw new GoldenError(`neither ${this.path} nor its parents have a dataset "${name}"`);
  }

  /** An attribute of this group or of the nearest parent that has it. */
  attribute(name: string): AttributeValue | undefined {
    for (let group: Group | undefined = this; group; group = group.parent) {
      const attribute = group.entity.attrs[name];
      if (attribute === undefined) continue;
      group.seen.add(`attribute ${name}`);
      return attributeValue(attribute, `${group.path}@${name}`);
    }
    return undefined;
  }

  has(name: string): boolean {
    return this.attribute(name) !== undefined;
  }

  number(name: string): number {
    return this.expect(name, 'a number', (value) => (typeof value === 'number' ? value : undefined));
  }

  text(name: string): string {
    return this.expect(name, 'text', (value) => (typeof value === 'string' ? value : undefined));
  }

  /** A 0/1 attribute. */
  flag(name: string): boolean {
    return this.expect(name, '0 or 1', (value) => (value === 0 || value === 1 ? value === 1 : undefined));
  }

  list(name: string): readonly number[] {
    return this.expect(name, 'a list of numbers', (value) => (Array.isArray(value) ? value : undefined));
  }

  /** One number for both axes, or two. */
  pair(name: string): [number, number] {
    return this.expect(name, 'one or two numbers', (value) => {
      if (typeof value === 'number') return [value, value];
      return Array.isArray(value) && value.length === 2 ? [value[0], value[1]] : undefined;
    });
  }

  /** Requires an attribute, if it is there, to have the one value that is implemented. */
  only(name: string, implemented: AttributeValue): void {
    const value = this.attribute(name);
    if (value !== undefined && value !== implemented)
      throw new GoldenError(
        `attribute ${name} = ${String(value)} is not implemented, only ${String(implemented)}`,
      );
  }

  private expect<T>(name: string, what: string, convert: (value: AttributeValue) => T | undefined): T {
    const value = this.attribute(name);
    if (value === undefined) throw new GoldenError(`attribute ${name} is missing`);
    const converted = convert(value);
    if (converted === undefined)
      throw new GoldenError(`attribute ${name} must be ${what}; got ${String(value)}`);
    return converted;
  }

  /** Attributes and datasets of this very group that were not asked for, less those named. */
  unread(ignored: (name: string) => boolean): string[] {
    const all = [
      ...Object.keys(this.entity.attrs).map((name) => ['attribute', name] as const),
      ...this.datasetNames().map((name) => ['dataset', name] as const),
    ];
    return all
      .filter(([kind, name]) => !this.seen.has(`${kind} ${name}`) && !ignored(name))
      .map((pair) => pair.join(' '));
  }
}

function attributeValue(attribute: Attribute, path: string): AttributeValue {
  const value = attribute.value;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const list = Array.from(value as ArrayLike<unknown>, Number);
    if (list.every(Number.isFinite)) return list;
  }
  throw new GoldenError(`attribute ${path} is neither a number, nor text, nor a list of numbers`);
}

/** Reads the bytes in one piece: the high-level reader makes an array per complex number, 100 times slower. */
function readDataset(dataset: H5Dataset, path: string): Stored {
  const { shape, dtype } = typeOf(dataset, path);
  const bytes = shape.reduce((size, n) => size * n, dataset.metadata.size);
  const pointer = library._malloc(Math.max(bytes, 1));
  if (!pointer) throw new GoldenError(`${path}: cannot allocate ${bytes} bytes`);
  try {
    if (bytes > 0) library.get_dataset_data(dataset.file_id, dataset.path, null, null, null, BigInt(pointer));
    const { buffer } = library.HEAPU8.slice(pointer, pointer + bytes);
    return { shape, dtype, data: viewAs(dtype, buffer) };
  } finally {
    library._free(pointer);
  }
}

function typeOf({ metadata, shape }: H5Dataset, path: string): { shape: number[]; dtype: DType } {
  const { type, size, signed, compound_type: compound } = metadata;
  const name = `${type}/${size}/${signed ? 'signed' : 'unsigned'}`;
  const simple: Record<string, DType> = {
    [`${classes.float}/4/signed`]: 'f32',
    [`${classes.float}/4/unsigned`]: 'f32',
    [`${classes.float}/8/signed`]: 'f64',
    [`${classes.float}/8/unsigned`]: 'f64',
    [`${classes.integer}/4/signed`]: 'i32',
    [`${classes.integer}/1/unsigned`]: 'u8',
  };
  const isComplex =
    type === classes.compound &&
    compound?.members.map((member) => `${member.name}:${member.type}:${member.size}`).join() ===
      `r:1:${size / 2},i:1:${size / 2}`;
  const dtype = isComplex ? (size === 8 ? 'c64' : size === 16 ? 'c128' : undefined) : simple[name];
  if (dtype === undefined || shape === null || !metadata.littleEndian)
    throw new GoldenError(`${path} has an unknown type (HDF5 class ${type} of ${size} bytes)`);
  return { shape, dtype };
}

function viewAs(dtype: DType, buffer: ArrayBufferLike): TypedArray {
  if (dtype === 'i32') return new Int32Array(buffer);
  if (dtype === 'u8') return new Uint8Array(buffer);
  return dtype === 'f32' || dtype === 'c64' ? new Float32Array(buffer) : new Float64Array(buffer);
}
