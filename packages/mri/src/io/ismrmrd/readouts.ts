import { FormatError } from '@adjoint/tensor';
import type { H5File } from '../hdf5/h5File.js';
import { type H5Member, type H5Type, typeClass } from '../hdf5/messages.js';

/** One line of k-space as the scanner sent it. */
export interface Readout {
  /** Position in the file. */
  readonly index: number;
  readonly samples: number;
  readonly channels: number;
  /** Samples to drop at both ends. */
  readonly discardBefore: number;
  readonly discardAfter: number;
  /** Sample at k = 0. */
  readonly centre: number;
  /** Samples run against the readout direction. */
  readonly isReversed: boolean;
  readonly counters: Readonly<Record<Counter, number>>;
  /** Interleaved re, im; sample fastest, then channel. */
  readonly data: Float32Array;
}

export const counters = [
  'kspace_encode_step_1',
  'kspace_encode_step_2',
  'average',
  'slice',
  'contrast',
  'phase',
  'repetition',
  'set',
] as const;
export type Counter = (typeof counters)[number];

/**
 * Bits of `flags` (counted from 1, ismrmrd.h) of readouts that are no part of the image: noise, parallel calibration,
 * navigation, phase correction, feedback, dummy scans, surface coil correction.
 */
const skipped = [19, 23, 24, 26, 27, 28, 29];
const calibration = 20;
const reversed = 22;
/** Samples of these are compressed. */
const compressed = [53, 54, 55, 56];

const batchBytes = 16 * 2 ** 20;
const firstBatch = 64;

/** Goes through the image readouts of the dataset `name` in the order of the file, in batches. */
export async function* readReadouts(
  fn: string,
  file: H5File,
  name: string,
  withCalibration: boolean,
): AsyncGenerator<Readout> {
  const count = file.datasets.get(name)!.shape[0] ?? 0;
  const layout = recordLayout(file, name);
  let size = firstBatch;
  for (let start = 0; start < count; ) {
    const n = Math.min(size, count - start);
    const { bytes, members } = await file.records(name, start, n, ['data']);
    const { lengths, bytes: samples } = members.data!;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    // a copy is aligned
    const values = new Float32Array(samples.slice().buffer);
    for (let i = 0, at = 0; i < n; at += lengths[i++]!) {
      const data = values.subarray(at, at + lengths[i]!);
      const readout = parse(withCalibration, view, i * layout.bytes, layout, start + i, data);
      if (readout === 'compressed')
        throw refuse(fn, file, name, start + i, 'of plain samples', 'compressed ones');
      if (readout === 'skipped') continue;
      const wanted = 2 * readout.samples * readout.channels;
      if (data.length !== wanted)
        throw refuse(fn, file, name, start + i, `of ${wanted} numbers, as its head says`, `${data.length}`);
      yield readout;
    }
    start += n;
    size = Math.max(1, Math.round((n * batchBytes) / (bytes.length + samples.length)));
  }
}

const refuse = (fn: string, file: H5File, name: string, index: number, expected: string, got: string) =>
  new FormatError({ fn, argument: `readout ${index} of ${name} in ${file.place}`, expected, got });

interface RecordLayout {
  readonly bytes: number;
  readonly at: Readonly<Record<string, number>>;
}

const headNumbers = {
  number_of_samples: 2,
  active_channels: 2,
  discard_pre: 2,
  discard_post: 2,
  center_sample: 2,
  encoding_space_ref: 2,
  flags: 8,
};

/** Where the members of a record's head are: looked up by name, because programs lay them out differently. */
function recordLayout(file: H5File, name: string): RecordLayout {
  const stored = file.stored(name);
  const head = member(stored, 'head');
  const idx = head && member(head, 'idx');
  const data = member(stored, 'data')?.vlen_type;
  const at: Record<string, number> = {};
  for (const [part, bytes] of Object.entries(headNumbers)) {
    const found = head && member(head, part);
    if (head && found?.size === bytes) at[part] = head.offset + found.offset;
  }
  for (const part of counters) {
    const found = idx && member(idx, part);
    if (head && idx && found?.size === 2) at[part] = head.offset + idx.offset + found.offset;
  }
  const missing = [...Object.keys(headNumbers), ...counters].filter((part) => at[part] === undefined);
  if (missing.length === 0 && data?.type === typeClass.float && data.size === 4)
    return { bytes: stored.size, at };
  const problem = missing.length > 0 ? `lacks ${missing.join(', ')}` : 'holds no lists of float32';
  throw file.unreadable(name, problem, 'acquisitions as ISMRMRD defines them');
}

const member = ({ compound_type }: H5Type, name: string): H5Member | undefined =>
  compound_type?.members.find((other) => other.name === name);

function parse(
  withCalibration: boolean,
  view: DataView,
  record: number,
  { at }: RecordLayout,
  index: number,
  data: Float32Array,
): Readout | 'skipped' | 'compressed' {
  const short = (name: string) => view.getUint16(record + at[name]!, true);
  const flags = view.getBigUint64(record + at.flags!, true);
  const has = (bit: number) => (flags >> BigInt(bit - 1)) & 1n;
  if (skipped.some(has) || (has(calibration) && !withCalibration)) return 'skipped';
  if (short('encoding_space_ref') !== 0) return 'skipped';
  if (compressed.some(has)) return 'compressed';
  return {
    index,
    samples: short('number_of_samples'),
    channels: short('active_channels'),
    discardBefore: short('discard_pre'),
    discardAfter: short('discard_post'),
    centre: short('center_sample'),
    isReversed: has(reversed) === 1n,
    counters: Object.fromEntries(counters.map((name) => [name, short(name)])) as Record<Counter, number>,
    data,
  };
}
