import {
  centredFft,
  centredIfft,
  checkChoice,
  checkInteger,
  checkNumber,
  checkOptions,
  type Device,
  deviceOption,
  FormatError,
  scope,
  slice,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { rss } from '../../coils/index.js';
import { cropCentre } from '../../cropCentre.js';
import type { LoopOptions } from '../../loop.js';
import type { Measurement } from '../../measurement.js';
import { centredCrop } from '../fastmri/crop.js';
import { type IsmrmrdHeader, parseIsmrmrdHeader } from '../fastmri/ismrmrdHeader.js';
import { type H5File, type H5Source, openFor } from '../hdf5/h5File.js';
import { transformPartitions } from './partitions.js';
import { readReadouts } from './readouts.js';
import { allocate, fill, measure, type Selection, type Volume, type Weights } from './volume.js';

export interface OpenIsmrmrdOptions extends Pick<LoopOptions, 'signal'> {
  /** Longest time that reading one batch of lines may take before the file counts as damaged. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * `keep` (default): rows as acquired, images are cropped, as in fastMRI's files. `crop`: readout oversampling is
   * removed from k-space itself, which then has as many rows as the image.
   */
  readonly readout?: 'keep' | 'crop' | undefined;
  /** Factor on all samples. Default 1. */
  readonly scale?: number | undefined;
  /** Which contrast, phase, repetition and set to read. Default: 0 of each. Averages are averaged. */
  readonly select?: Selection | undefined;
  /**
   * Lines that are marked as parallel calibration and nothing else: skipped by default, because they may come from
   * a scan of their own. `include` takes them as lines of the image, where maps are to be estimated from them.
   */
  readonly calibration?: 'skip' | 'include' | undefined;
  /** Where tensors go. Default: the current device. */
  readonly device?: Device | undefined;
}

/** An ISMRMRD file read into memory; made by `openIsmrmrd`. */
export interface IsmrmrdFile {
  readonly slices: number;
  /** [slices, coils, H, W] */
  readonly shape: readonly [slices: number, coils: number, height: number, width: number];
  readonly header: IsmrmrdHeader;
  /** The header's text. */
  readonly xml: string;
  /**
   * One slice: k-space c64 [coils, H, W], mask f32 [W], crop, and, where every line was measured, the reference f32
   * [h, w]. The tensors are the caller's to dispose of.
   */
  slice(index: number): Promise<Measurement>;
  close(): Promise<void>;
  [Symbol.dispose](): void;
}

/** A 3-D acquisition whose sampled lines leave more than this empty is more than a cut-off corner. */
const leastCoverage = 0.7;

/**
 * Reads an ISMRMRD (MRD) raw data file: 2-D slices, or a 3-D acquisition as slices after a centred inverse Fourier
 * transform along kz. Noise, calibration, navigator and similar readouts are skipped; lines stand at their counters
 * (plus the padding that the header implies); `ChopY`/`ChopZ` = 0 negates every other line/partition; an array
 * `rec_std` weights coil c by (1/s_c) / √(Σ 1/s²).
 *
 * Cartesian data only. Lines may stand anywhere in such a file, so that it is read whole.
 *
 * @throws FormatError if it is no such file, or its parts contradict each other.
 */
export async function openIsmrmrd(source: H5Source, options: OpenIsmrmrdOptions = {}): Promise<IsmrmrdFile> {
  const fn = 'openIsmrmrd';
  const known = ['timeoutMs', 'signal', 'readout', 'scale', 'select', 'calibration', 'device'];
  const { timeoutMs, signal, device, select = {}, scale = 1 } = checkOptions(fn, options, known);
  const { readout = 'keep', calibration = 'skip' } = options;
  checkChoice(fn, 'option readout', readout, ['keep', 'crop']);
  checkChoice(fn, 'option calibration', calibration, ['skip', 'include']);
  checkNumber(fn, 'option scale', scale);
  checkOptions(fn, select, ['contrast', 'phase', 'repetition', 'set'], 'option select');
  for (const [name, value] of Object.entries(select))
    checkInteger(fn, `option select.${name}`, value, { min: 0 });
  const on = deviceOption(fn, device);
  const file = await openFor(fn, source, { timeoutMs, signal });
  try {
    const group = findGroup(fn, file);
    const xml = (await file.texts(`${group}/xml`)).join('');
    const header = parseIsmrmrdHeader(fn, file.place, xml);
    if (header.trajectory !== 'cartesian')
      throw new FormatError({
        fn,
        argument: file.place,
        expected: 'of Cartesian data',
        got: header.trajectory,
        remedy: 'Grid it with another program first.',
      });
    const readouts = () => readReadouts(fn, file, `${group}/data`, calibration === 'include');
    const extent = await measure(fn, file.place, readouts(), select);
    const volume = allocate(fn, file.place, extent, header);
    const weights = await weightsOf(file, group, header, volume.coils, scale);
    await fill(volume, extent, header, readouts(), select, weights);
    if (volume.is3d) {
      checkCoverage(fn, file, volume);
      await transformPartitions(volume, on, { signal });
    }
    return new ReadIsmrmrd(fn, file.place, volume, header, xml, readout === 'crop', on);
  } finally {
    await file.close();
  }
}

/** The group that holds the header and the readouts: `dataset`, or whatever it is called. */
function findGroup(fn: string, file: H5File): string {
  const groups = [...file.datasets.keys()]
    .filter((name) => name.endsWith('/xml'))
    .map((name) => name.slice(0, -'/xml'.length))
    .filter((group) => file.datasets.has(`${group}/data`));
  const group = groups.find((name) => name === 'dataset') ?? groups[0];
  if (group !== undefined) return group;
  throw new FormatError({
    fn,
    argument: file.place,
    expected: 'an ISMRMRD file, with dataset/xml and dataset/data',
    got: `one with ${[...file.datasets.keys()].slice(0, 8).join(', ') || 'no dataset'}`,
    remedy: 'Files of the fastMRI layout are read by openFastmri.',
  });
}

async function weightsOf(
  file: H5File,
  group: string,
  { parameters }: IsmrmrdHeader,
  coils: number,
  scale: number,
): Promise<Weights> {
  const weights = new Float64Array(coils).fill(scale);
  const name = `${group}/rec_std`;
  if (file.datasets.has(name)) {
    const deviations = (await file.readHost(name)).data.subarray(0, coils);
    if (deviations.length < coils || deviations.some((value) => !(value > 0)))
      throw file.unreadable(name, 'is not a positive number per coil', `${coils} standard deviations`);
    const inverses = Float64Array.from(deviations, (value) => 1 / value);
    const norm = Math.hypot(...inverses);
    for (let c = 0; c < coils; c++) weights[c] = (scale * inverses[c]!) / norm;
  }
  return {
    coils: weights,
    alternatesLines: parameters.get('ChopY') === 0,
    alternatesPartitions: parameters.get('ChopZ') === 0,
  };
}

/**
 * After the transform along kz a slice has a line where any partition has it. That is true enough where corners were
 * cut off, and false for undersampling that differs between partitions.
 */
function checkCoverage(fn: string, file: H5File, { depth, width, hits }: Volume): void {
  const lines = new Set<number>();
  const partitions = new Set<number>();
  let measured = 0;
  hits.forEach((count, i) => {
    if (count === 0) return;
    measured++;
    lines.add(i % width);
    partitions.add(Math.floor(i / width));
  });
  const coverage = measured / (lines.size * partitions.size);
  if (coverage >= leastCoverage && partitions.size > leastCoverage * depth) return;
  throw new FormatError({
    fn,
    argument: file.place,
    expected: 'of a 3-D acquisition that is fully sampled along kz',
    got: `${partitions.size} of ${depth} partitions, with ${Math.round(100 * coverage)} % of their lines`,
    remedy: 'Such data do not fall into 2-D slices; fill in kz with another program first.',
  });
}

class ReadIsmrmrd implements IsmrmrdFile {
  readonly shape: IsmrmrdFile['shape'];
  private readonly crop: readonly [number, number] | undefined;

  constructor(
    private readonly fn: string,
    private readonly place: string,
    private volume: Volume | undefined,
    readonly header: IsmrmrdHeader,
    readonly xml: string,
    private readonly cropsReadout: boolean,
    private readonly device: Device,
  ) {
    const { depth, coils, height, width } = volume!;
    this.crop = centredCrop([height, width], undefined, header);
    this.shape = [depth, coils, cropsReadout ? this.crop![0] : height, width];
  }

  get slices(): number {
    return this.shape[0];
  }

  async slice(index: number): Promise<Measurement> {
    const i = checkInteger(this.fn, 'slice', index, { min: 0, max: this.slices - 1 });
    if (!this.volume) throw new FormatError(`${this.fn}: ${this.place} was closed.`);
    const { coils, height, width, data } = this.volume;
    const numbers = 2 * coils * height * width;
    const part = data.subarray(i * numbers, (i + 1) * numbers);
    const columns = this.columns(i);
    return scope(() => {
      const acquired = tensor(part, { dtype: 'c64', shape: [coils, height, width], device: this.device });
      const kspace = this.cropsReadout ? cropRows(acquired, this.shape[2]) : acquired;
      const isFull = columns.every((value) => value === 1);
      return {
        kspace,
        mask: tensor(columns, { shape: [width], device: this.device }),
        crop: this.crop,
        reference: isFull ? this.cropped(rss(centredIfft(kspace))) : undefined,
        name: `${this.place.replace(/^.*[/\\]/, '').replace(/\.h5$/i, '')}, slice ${i}`,
      };
    });
  }

  private cropped(image: Tensor): Tensor {
    return this.crop ? cropCentre(image, this.crop) : image;
  }

  /** Measured columns of a slice; of a 3-D acquisition, those that any partition has. */
  private columns(i: number): Float32Array {
    const { is3d, depth, width, hits } = this.volume!;
    const rows = is3d ? Array.from({ length: depth }, (_, z) => z) : [i];
    return Float32Array.from({ length: width }, (_, column) =>
      Number(rows.some((z) => hits[z * width + column]! > 0)),
    );
  }

  async close(): Promise<void> {
    this.volume = undefined;
  }

  [Symbol.dispose](): void {
    this.volume = undefined;
  }
}

/** Removes readout oversampling: k-space of the central rows of the image. */
function cropRows(kspace: Tensor, rows: number): Tensor {
  const height = kspace.shape[1]!;
  const start = Math.floor((height - rows) / 2);
  const image = centredIfft(kspace, { axes: [-2] });
  return centredFft(slice(image, [null, [start, start + rows], null]), { axes: [-2] });
}
