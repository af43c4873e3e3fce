import { AdjointError, FormatError } from '@adjoint/tensor';
import type { EncodingLimit, IsmrmrdHeader } from '../fastmri/ismrmrdHeader.js';
import type { Counter, Readout } from './readouts.js';

/** k-space of a whole file in host memory. */
export interface Volume {
  /** Partitions of a 3-D acquisition, or slices of a stack of 2-D ones. */
  readonly depth: number;
  readonly is3d: boolean;
  readonly coils: number;
  readonly height: number;
  readonly width: number;
  /** Interleaved re, im; [depth, coils, height, width]. */
  readonly data: Float32Array;
  /** How often each line was measured: [depth, width]. */
  readonly hits: Uint16Array;
}

/** Which readouts make up the image: one number each of what may be repeated. */
export type Selection = Readonly<Partial<Record<'contrast' | 'phase' | 'repetition' | 'set', number>>>;

/** Extents of the readouts that were seen. */
export interface Extent {
  readonly readouts: number;
  readonly samples: number;
  readonly lines: number;
  readonly partitions: number;
  readonly slices: number;
  readonly channels: number;
}

/** An array this many times larger than the samples that go into it has counters that cannot be right. */
const maxSparsity = 64;

export const isSelected = ({ counters }: Readout, selection: Selection): boolean =>
  (['contrast', 'phase', 'repetition', 'set'] as const).every(
    (name) => counters[name] === (selection[name] ?? 0),
  );

/** Extents are largest counter + 1: the limits of headers have been seen off by one. */
export async function measure(
  fn: string,
  place: string,
  readouts: AsyncIterable<Readout>,
  selection: Selection,
): Promise<Extent> {
  const extent = { readouts: 0, samples: 0, lines: 0, partitions: 0, slices: 0, channels: 0 };
  const largest = (name: Counter, before: number, { counters }: Readout) =>
    Math.max(before, counters[name] + 1);
  for await (const readout of readouts) {
    if (!isSelected(readout, selection)) continue;
    const kept = readout.samples - readout.discardBefore - readout.discardAfter;
    const { index, channels } = readout;
    if (kept < 1 || channels < 1 || (extent.channels > 0 && channels !== extent.channels))
      throw new FormatError({
        fn,
        argument: `readout ${index} of ${place}`,
        expected: `of at least one sample of ${extent.channels || 'at least one'} channels, as those before`,
        got: `${kept} samples of ${channels}`,
      });
    extent.readouts++;
    extent.channels = channels;
    extent.samples = Math.max(extent.samples, kept);
    extent.lines = largest('kspace_encode_step_1', extent.lines, readout);
    extent.partitions = largest('kspace_encode_step_2', extent.partitions, readout);
    extent.slices = largest('slice', extent.slices, readout);
  }
  return extent;
}

/** Room for a volume of the extents and the header's encoded matrix. */
export function allocate(fn: string, place: string, extent: Extent, header: IsmrmrdHeader): Volume {
  const { readouts, channels: coils, samples, lines, partitions, slices } = extent;
  const refuse = (expected: string, got: string, remedy?: string) =>
    new FormatError({ fn, argument: place, expected, got, remedy });
  if (readouts === 0) throw refuse('a file of image readouts', 'none for this selection');
  if (partitions > 1 && slices > 1)
    throw refuse('one 3-D volume or a stack of 2-D slices', `${slices} slabs of ${partitions} partitions`);
  const is3d = partitions > 1;
  const { x, y, z } = header.encodedMatrix;
  const height = Math.max(samples, x);
  const width = gridSize(lines, y, header.lines);
  const depth = is3d ? gridSize(partitions, z, header.partitions) : slices;
  const numbers = 2 * depth * coils * height * width;
  if (numbers > maxSparsity * 2 * readouts * samples * coils)
    throw refuse(
      'a file whose counters fit its data',
      `${readouts} readouts for an array of [${depth}, ${coils}, ${height}, ${width}]`,
      'Its head or header is damaged.',
    );
  try {
    const data = new Float32Array(numbers);
    return { depth, is3d, coils, height, width, data, hits: new Uint16Array(depth * width) };
  } catch {
    throw new AdjointError(
      `${fn}: no memory for k-space [${depth}, ${coils}, ${height}, ${width}] of ${place}.`,
    );
  }
}

/** The encoded matrix, or more where counters go beyond it. */
function gridSize(extent: number, encoded: number, limit: EncodingLimit | undefined): number {
  return Math.max(encoded, extent + padding(encoded, extent, limit));
}

/** Lines before the first one: counters are such that `center` is k = 0, and k = 0 belongs at ⌊encoded/2⌋. */
export function padding(encoded: number, extent: number, limit: EncodingLimit | undefined): number {
  if (encoded <= extent || !limit) return 0;
  return Math.max(0, Math.floor(encoded / 2) - limit.center);
}

/** What to multiply samples by. */
export interface Weights {
  /** One factor per coil. */
  readonly coils: Float64Array;
  /** Whether every other line, or partition, is to be negated. */
  readonly alternatesLines: boolean;
  readonly alternatesPartitions: boolean;
}

/** Adds readouts to a volume; lines that were measured more than once become their mean. */
export async function fill(
  volume: Volume,
  extent: Extent,
  header: IsmrmrdHeader,
  readouts: AsyncIterable<Readout>,
  selection: Selection,
  weights: Weights,
): Promise<void> {
  const { is3d, width, hits } = volume;
  const before = padding(header.encodedMatrix.y, extent.lines, header.lines);
  const below = is3d ? padding(header.encodedMatrix.z, extent.partitions, header.partitions) : 0;
  for await (const readout of readouts) {
    if (!isSelected(readout, selection)) continue;
    const { kspace_encode_step_1: line, kspace_encode_step_2: partition, slice } = readout.counters;
    const z = is3d ? partition + below : slice;
    const column = line + before;
    const isNegative =
      ((weights.alternatesLines && line % 2) === 1) !==
      ((weights.alternatesPartitions && partition % 2) === 1);
    addLine(volume, readout, z, column, weights.coils, isNegative ? -1 : 1);
    hits[z * width + column]!++;
  }
  average(volume);
}

function addLine(
  { coils, height, width, data: to }: Volume,
  { data, samples, discardBefore, discardAfter, centre, isReversed }: Readout,
  z: number,
  column: number,
  weights: Float64Array,
  sign: number,
): void {
  const kept = samples - discardBefore - discardAfter;
  // a readout that is cut short (an asymmetric echo) has its k = 0 off its middle; 0 is what files hold that do not say
  const stated = isReversed ? samples - 1 - centre - discardAfter : centre - discardBefore;
  const middle = centre === 0 ? Math.floor(kept / 2) : stated;
  const first = Math.min(Math.max(Math.floor(height / 2) - middle, 0), height - kept);
  for (let c = 0; c < coils; c++) {
    const factor = sign * weights[c]!;
    for (let x = 0; x < kept; x++) {
      const from = 2 * (c * samples + (isReversed ? samples - 1 - discardAfter - x : discardBefore + x));
      const at = 2 * (((z * coils + c) * height + first + x) * width + column);
      to[at]! += factor * data[from]!;
      to[at + 1]! += factor * data[from + 1]!;
    }
  }
}

function average({ depth, coils, height, width, data, hits }: Volume): void {
  if (!hits.some((count) => count > 1)) return;
  for (let z = 0; z < depth; z++)
    for (let row = 0; row < coils * height; row++)
      for (let column = 0; column < width; column++) {
        const count = hits[z * width + column]!;
        if (count < 2) continue;
        const at = 2 * ((z * coils * height + row) * width + column);
        data[at]! /= count;
        data[at + 1]! /= count;
      }
}
