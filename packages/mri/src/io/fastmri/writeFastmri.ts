import {
  ArgumentError,
  checkOptions,
  type DType,
  DTypeError,
  describe,
  formatShape,
  ShapeError,
} from '@adjoint/tensor';
import { writeFor } from '../hdf5/h5.js';
import type { H5Attributes, H5Content } from '../hdf5/h5Writer.js';

/** Datasets of the fastMRI layout. Large ones may be given slice by slice (`H5Slices`). */
export interface FastmriContent {
  /** c64 [slices, coils, H, W], or [slices, H, W] for a single coil. */
  readonly kspace: Exclude<H5Content, string>;
  /** f32 [slices, h, w] */
  readonly reconstruction_rss?: Exclude<H5Content, string> | undefined;
  readonly reconstruction_esc?: Exclude<H5Content, string> | undefined;
  /** f32 [W] or [H, W] */
  readonly mask?: Exclude<H5Content, string> | undefined;
  /** c64 [slices, coils, H, W] */
  readonly maps?: Exclude<H5Content, string> | undefined;
  /** XML; default: a minimal one whose matrix sizes are those of the data. */
  readonly ismrmrd_header?: string | undefined;
  /** fastMRI's files have `acquisition`, `max`, `norm` and `patient_id`. */
  readonly attributes?: H5Attributes | undefined;
  /** Further datasets by name. */
  readonly [name: string]: H5Content | H5Attributes | undefined;
}

/**
 * Writes a file of the fastMRI layout, whole or not at all. `openFastmri` and fastMRI's own reader read it.
 *
 * @example await writeFastmri('k.h5', { kspace, reconstruction_rss: rss, attributes: { acquisition: 'simulated' } });
 */
export async function writeFastmri(path: string, content: FastmriContent): Promise<void> {
  const fn = 'writeFastmri';
  const {
    kspace,
    attributes = {},
    ...others
  } = checkOptions(fn, content, Object.keys(content ?? {}), 'content');
  const shape = checkArray(fn, 'kspace', kspace, 'c64', [3, 4]);
  const [height, width] = shape.slice(-2) as [number, number];
  const given = Object.entries(others).filter(
    (entry): entry is [string, H5Content] => entry[1] !== undefined,
  );
  const datasets: Record<string, H5Content> = { kspace, ...Object.fromEntries(given) };
  let recon: readonly number[] = [height, width];
  for (const name of ['reconstruction_rss', 'reconstruction_esc'])
    if (datasets[name] !== undefined) recon = checkArray(fn, name, datasets[name], 'f32', [3]).slice(1);
  if (datasets.maps !== undefined) checkArray(fn, 'maps', datasets.maps, 'c64', [shape.length]);
  datasets.ismrmrd_header ??= minimalHeader([height, width], recon, shape.length === 4 ? shape[1]! : 1);
  await writeFor(fn, path, datasets, { attributes });
}

function checkArray(
  fn: string,
  name: string,
  content: H5Content | undefined,
  dtype: DType,
  ranks: readonly number[],
): readonly number[] {
  if (content === null || typeof content !== 'object')
    throw new ArgumentError({ fn, argument: name, expected: 'a tensor', got: describe(content) });
  if (content.dtype !== dtype)
    throw new DTypeError({ fn, argument: name, expected: dtype, got: describe(content) });
  if (!ranks.includes(content.shape.length) || content.shape.includes(0))
    throw new ShapeError({
      fn,
      argument: name,
      expected: `of ${ranks.join(' or ')} axes and not empty`,
      got: formatShape(content.shape),
      remedy: 'The first axis is that of the slices.',
    });
  return content.shape;
}

const matrix = (name: string, [x, y]: readonly number[]): string =>
  `<${name}><matrixSize><x>${x}</x><y>${y}</y><z>1</z></matrixSize>` +
  `<fieldOfView_mm><x>${x}</x><y>${y}</y><z>1</z></fieldOfView_mm></${name}>`;

/** A header that is true in its matrix sizes; the fields of view are placeholders of 1 mm a pixel. */
function minimalHeader(encoded: readonly [number, number], recon: readonly number[], coils: number): string {
  const [, width] = encoded;
  const lines = `<minimum>0</minimum><maximum>${width - 1}</maximum><center>${Math.floor(width / 2)}</center>`;
  return (
    '<?xml version="1.0" encoding="utf-8"?><ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">' +
    `<acquisitionSystemInformation><receiverChannels>${coils}</receiverChannels></acquisitionSystemInformation>` +
    '<experimentalConditions><H1resonanceFrequency_Hz>0</H1resonanceFrequency_Hz></experimentalConditions>' +
    `<encoding>${matrix('encodedSpace', encoded)}${matrix('reconSpace', recon)}` +
    `<encodingLimits><kspace_encoding_step_1>${lines}</kspace_encoding_step_1></encodingLimits>` +
    '<trajectory>cartesian</trajectory></encoding></ismrmrdHeader>'
  );
}
