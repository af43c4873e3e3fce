import {
  checkBoolean,
  checkInteger,
  checkOptions,
  type Device,
  deviceOption,
  type FormatError,
  scope,
  type TypedArray,
} from '@adjoint/tensor';
import type { Measurement } from '../../measurement.js';
import { type H5Dataset, type H5File, type H5Source, type OpenH5Options, openFor } from '../hdf5/h5File.js';
import type { H5AttributeValue } from '../hdf5/messages.js';
import { convert, toTensor } from '../hostArray.js';
import { centredCrop } from './crop.js';
import { type IsmrmrdHeader, parseIsmrmrdHeader } from './ismrmrdHeader.js';
import { maskOfSlice } from './mask.js';

export interface OpenFastmriOptions extends OpenH5Options {
  /** Accepts complex128 k-space, and double-precision references, by rounding to single precision. Default false. */
  readonly convert?: boolean | undefined;
  /** Where tensors go. Default: the device that is current when a slice is read. */
  readonly device?: Device | undefined;
}

/** An open file of the fastMRI layout; made by `openFastmri`. */
export interface FastmriFile {
  /** Number of slices. */
  readonly slices: number;
  /** [slices, coils, H, W]; single-coil files have one coil. */
  readonly shape: readonly [slices: number, coils: number, height: number, width: number];
  /** Parsed from the dataset `ismrmrd_header`, where there is one. */
  readonly header: IsmrmrdHeader | undefined;
  /** `acquisition`, `max`, `norm`, `patient_id`, and whatever else the file has. */
  readonly attributes: Readonly<Record<string, H5AttributeValue>>;
  /** The HDF5 file itself, for other datasets. */
  readonly file: H5File;
  /**
   * Reads one slice: k-space c64 [coils, H, W], mask f32 [W] or [H, W], maps where the file has them, crop and
   * reference f32 [h, w]. The tensors are the caller's to dispose of.
   */
  slice(index: number): Promise<Measurement>;
  close(): Promise<void>;
  [Symbol.dispose](): void;
}

const layout = 'complex64 [slices, coils, H, W]';

/**
 * Opens a file of the fastMRI layout: `kspace` complex64 [slices, coils, H, W] (single-coil: [slices, H, W]) and,
 * where present, `reconstruction_rss` or `reconstruction_esc` [slices, h, w], `mask` [W] or [H, W], `maps`
 * [slices, coils, H, W], `ismrmrd_header`. Slices are read when asked for.
 *
 * Images are cropped to the size of the reference, else to the header's reconSpace matrix; where that is wider than
 * the image, to a square of the image's width, as fastMRI does. Without a dataset `mask` every column counts as
 * measured, except zero padding outside the header's encoding limits.
 *
 * @example
 * using file = await openFastmri('file1000001.h5');
 * const m = await file.slice(17);
 * @throws FormatError saying what the file holds instead.
 */
export async function openFastmri(source: H5Source, options: OpenFastmriOptions = {}): Promise<FastmriFile> {
  const fn = 'openFastmri';
  const known = ['timeoutMs', 'signal', 'convert', 'device'];
  const { timeoutMs, signal, convert: mayConvert = false, device } = checkOptions(fn, options, known);
  checkBoolean(fn, 'option convert', mayConvert);
  if (device !== undefined) deviceOption(fn, device);
  const file = await openFor(fn, source, { timeoutMs, signal });
  try {
    const attributes = await file.attributes();
    const header = file.datasets.has('ismrmrd_header')
      ? parseIsmrmrdHeader(fn, file.place, await file.text('ismrmrd_header'))
      : undefined;
    return new OpenFastmri(fn, file, attributes, header, mayConvert, device);
  } catch (error) {
    await file.close();
    throw error;
  }
}

class OpenFastmri implements FastmriFile {
  readonly shape: FastmriFile['shape'];
  private readonly isSingleCoil: boolean;
  private readonly reference: H5Dataset | undefined;

  constructor(
    private readonly fn: string,
    readonly file: H5File,
    readonly attributes: FastmriFile['attributes'],
    readonly header: IsmrmrdHeader | undefined,
    private readonly mayConvert: boolean,
    private readonly device: Device | undefined,
  ) {
    const { shape } = this.checkKspace();
    this.isSingleCoil = shape.length === 3;
    const [slices, ...rest] = shape as [number, ...number[]];
    const [coils, height, width] = this.isSingleCoil ? [1, ...rest] : rest;
    this.shape = [slices, coils!, height!, width!];
    this.reference = this.checkReference();
    this.checkMaps();
  }

  get slices(): number {
    return this.shape[0];
  }

  async slice(index: number): Promise<Measurement> {
    const i = checkInteger(this.fn, 'slice', index, { min: 0, max: this.slices - 1 });
    const [, coils, height, width] = this.shape;
    const on = this.device ?? deviceOption(this.fn, undefined);
    const part = { offset: [i], count: [1] };
    const kspace = await this.file.readHost('kspace', { ...part, dtype: 'c64' });
    const stored = this.file.datasets.has('mask') ? await this.file.readHost('mask') : undefined;
    const mask = maskOfSlice(this.file, stored, kspace.data, [height, width], this.header);
    const maps = this.file.datasets.has('maps')
      ? await this.file.readHost('maps', { ...part, dtype: 'c64' })
      : undefined;
    const reference = this.reference && (await this.file.readHost(this.reference.name, part));
    const host = (dtype: 'c64' | 'f32', shape: readonly number[], data: TypedArray) =>
      toTensor(this.fn, { dtype, shape, data }, on);
    const source = { fn: this.fn, argument: 'the reference' };
    return scope(() => ({
      kspace: host('c64', [coils, height, width], kspace.data),
      mask: host('f32', mask.shape, mask.data),
      maps: maps && host('c64', [coils, height, width], maps.data),
      crop: centredCrop([height, width], this.reference?.shape.slice(-2), this.header),
      reference: reference && host('f32', reference.shape.slice(1), convert(source, reference, 'f32').data),
      name: `${nameOf(this.file.place)}, slice ${i}`,
    }));
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  private checkKspace(): H5Dataset {
    const kspace = this.file.datasets.get('kspace');
    if (!kspace) throw this.refuse('kspace', `is missing; the file has ${this.names()}`, layout);
    const { shape, dtype } = kspace;
    const isComplex = dtype === 'c64' || (dtype === 'c128' && this.mayConvert);
    if (isComplex && (shape.length === 4 || shape.length === 3) && !shape.includes(0)) return kspace;
    throw this.refuse('kspace', `is ${kspace.type} [${shape.join(', ')}]`, layout, dtype === 'c128');
  }

  private names(): string {
    return [...this.file.datasets.keys()].slice(0, 12).join(', ') || 'none';
  }

  private checkReference(): H5Dataset | undefined {
    const [slices, , height, width] = this.shape;
    const names = ['reconstruction_rss', 'reconstruction_esc'];
    const reference = names.map((name) => this.file.datasets.get(name)).find((found) => found !== undefined);
    if (!reference) return undefined;
    const { name, shape, dtype, type } = reference;
    const [count, h, w] = shape;
    const fits = shape.length === 3 && count === slices && h! >= 1 && w! >= 1 && h! <= height && w! <= width;
    if (fits && (dtype === 'f32' || (dtype === 'f64' && this.mayConvert))) return reference;
    const expected = `float32 [${slices}, h <= ${height}, w <= ${width}] to go with kspace`;
    throw this.refuse(name, `is ${type} [${shape.join(', ')}]`, expected, dtype === 'f64');
  }

  private checkMaps(): void {
    const maps = this.file.datasets.get('maps');
    const wanted = this.isSingleCoil ? [this.shape[0], ...this.shape.slice(2)] : this.shape;
    if (!maps || (maps.dtype === 'c64' && `${maps.shape}` === `${wanted}`)) return;
    throw this.refuse(
      'maps',
      `is ${maps.type} [${maps.shape.join(', ')}]`,
      `complex64 [${wanted.join(', ')}], as kspace has`,
    );
  }

  private refuse(name: string, problem: string, expected: string, isDouble = false): FormatError {
    const remedy = `Convert with: adjoint convert ${this.file.place} --out …`;
    return this.file.unreadable(
      name,
      problem,
      expected,
      isDouble ? `Pass { convert: true }. ${remedy}` : remedy,
    );
  }
}

/** The file's name without folder and ending. */
const nameOf = (place: string): string => place.replace(/^.*[/\\]/, '').replace(/\.h5$/i, '');
