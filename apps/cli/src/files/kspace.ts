import type { Measurement } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { UsageError } from '../failure.js';
import type { Options } from '../option.js';
import type { Session } from '../session.js';
import { checkInput } from './checkFiles.js';
import { checkDataset, expectedMaps, readMask, withH5 } from './hdf5.js';

/** Where a command finds what was sampled, and the coils' sensitivities. */
export const samplingOptions = {
  mask: {
    kind: 'text',
    placeholder: 'FILE',
    about: 'HDF5 file with dataset mask; default: the zeros of kspace',
  },
  maps: { kind: 'text', placeholder: 'FILE', about: 'HDF5 file with dataset maps; default: estimated' },
} as const satisfies Options;

/** The chosen slices of a file of k-space. */
export interface KspaceFile {
  /** [slices, coils, H, W] of the whole file. */
  readonly shape: readonly number[];
  /** Which slices were chosen. */
  readonly indices: readonly number[];
  /** What the file says its data cannot show. */
  readonly limits: readonly string[];
  /** One slice, without slice axis; the caller disposes of it. */
  slice(index: number): Promise<Measurement>;
}

/** Runs `use` on a file of k-space, and closes it. */
export async function withKspace<T>(
  file: string,
  slices: readonly number[] | undefined,
  session: Session,
  use: (kspace: KspaceFile) => Promise<T>,
): Promise<T> {
  await checkInput(file);
  const { openFastmri } = await import('@adjoint/mri');
  const opened = await openFastmri(file, { signal: session.signal, convert: true });
  try {
    const { shape, attributes } = opened;
    const indices = chooseSlices(file, shape[0], slices);
    // Maps in the file itself are not used unasked: they may come from data that the mask takes away.
    const slice = async (index: number): Promise<Measurement> => {
      const { maps, ...measurement } = await opened.slice(index);
      maps?.dispose();
      return measurement;
    };
    return await use({ shape, indices, slice, limits: limitsOf(attributes) });
  } finally {
    await opened.close();
  }
}

/** The sentences of the attribute `limits`. */
export const limitsOf = (attributes: Readonly<Record<string, unknown>>): string[] =>
  typeof attributes.limits === 'string' && attributes.limits !== 'none stated' ? [attributes.limits] : [];

/** Slice numbers of the acquisition: the attribute `slices` of results, which may leave some out, else 0, 1, … */
export function sliceNumbers(
  count: number,
  attributes: Readonly<Record<string, unknown>>,
): readonly number[] {
  const stored = typeof attributes.slices === 'string' ? attributes.slices.split(',').map(Number) : [];
  const isUsable = stored.length === count && stored.every((n) => Number.isInteger(n) && n >= 0);
  return isUsable ? stored : Array.from({ length: count }, (_, i) => i);
}

/** The slices that --slices names, or all. Throws UsageError for one that the file does not have. */
export function chooseSlices(
  file: string,
  count: number,
  slices: readonly number[] | undefined,
): readonly number[] {
  if (slices === undefined) return Array.from({ length: count }, (_, i) => i);
  const missing = slices.find((index) => index >= count);
  if (missing === undefined) return slices;
  const range = count === 1 ? 'only slice 0' : `slices 0 to ${count - 1}`;
  throw new UsageError(`--slices names slice ${missing}; ${file} has ${range}.`);
}

/** Makes of a slice what was, or is to be, measured of it. */
export type Sampling = (full: Measurement) => Promise<Measurement>;

/**
 * Makes measurements of slices: sampled with the mask of a file, or, without one, with the mask that the zeros of the
 * k-space itself show.
 */
export async function samplingOf(maskFile: string | undefined, session: Session): Promise<Sampling> {
  const { detectMask, maskTensor, undersample } = await import('@adjoint/mri');
  if (maskFile !== undefined) {
    const mask = await readMask(maskFile, session);
    return async (full) => undersample(full, mask);
  }
  return async (full) => ({ ...full, mask: maskTensor(await detectMask(full.kspace)) });
}

/** Sensitivity maps of a file, by slice of the k-space; maps of one slice serve every slice. */
export async function mapsOf(
  file: string,
  kspace: KspaceFile,
  session: Session,
): Promise<(index: number) => Promise<Tensor>> {
  const { shape, numbers } = await withH5(file, session, async (h5) => {
    const shape = checkDataset(h5, 'maps', expectedMaps);
    return { shape, numbers: sliceNumbers(shape[0]!, await h5.attributes()) };
  });
  const plane = kspace.shape.slice(1);
  const missing = kspace.indices.find((index) => shape[0] !== 1 && !numbers.includes(index));
  if (`${shape.slice(-3)}` !== `${plane}` || missing !== undefined)
    throw new UsageError(
      `maps of ${file} are [${shape.join(', ')}] for slices ${numbers.join(', ')}; expected [slices, ${plane.join(', ')}] for ` +
        'every slice of the k-space. Estimate them from it: adjoint espirit.',
    );
  return (index) =>
    withH5(file, session, async (h5) => {
      const offset = [Math.max(0, numbers.indexOf(index))];
      using stack = await h5.read('maps', { offset, count: [1] });
      return stack.reshape(shape.slice(1));
    });
}

/** Frees what a measurement holds. */
export function release({ kspace, mask, maps, reference }: Measurement): void {
  for (const held of [kspace, mask, maps, reference]) if (held && !held.isDisposed) held.dispose();
}
