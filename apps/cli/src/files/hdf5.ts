import type { H5Content, H5File } from '@adjoint/mri';
import { UsageError } from '../failure.js';
import type { Session } from '../session.js';
import { checkInput } from './checkFiles.js';
import { provenance } from './provenance.js';

/** Runs `use` on an open HDF5 file, and closes it. */
export async function withH5<T>(file: string, session: Session, use: (h5: H5File) => Promise<T>): Promise<T> {
  await checkInput(file);
  const { openH5 } = await import('@adjoint/mri');
  const h5 = await openH5(file, { signal: session.signal });
  try {
    return await use(h5);
  } finally {
    await h5.close();
  }
}

/** What a dataset must be, for the message of a file where it is something else. */
export interface Expected {
  readonly dtypes: readonly string[];
  /** Axes as messages show them: `[slices, coils, H, W]`. */
  readonly axes: string;
  readonly ranks: readonly number[];
}

export const expectedMask: Expected = {
  dtypes: ['f32', 'f64', 'i32', 'u8', 'bool'],
  axes: 'real [W] or [H, W]',
  ranks: [1, 2],
};
export const expectedMaps: Expected = {
  dtypes: ['c64'],
  axes: 'complex64 [slices, coils, H, W]',
  ranks: [4, 5],
};

/** Requires a dataset of a kind. Throws UsageError that says what is there instead, and how to get there. */
export function checkDataset(h5: H5File, name: string, { dtypes, axes, ranks }: Expected): readonly number[] {
  const dataset = h5.datasets.get(name);
  if (!dataset) {
    const names = [...h5.datasets.keys()].slice(0, 12).join(', ');
    throw new UsageError(
      `cannot read ${h5.place}: dataset "${name}" is missing; the file has ${names || 'none'}. ${convertHint(h5, name)}`,
    );
  }
  const { shape, type, dtype } = dataset;
  if (dtype !== undefined && dtypes.includes(dtype) && ranks.includes(shape.length) && !shape.includes(0))
    return shape;
  throw new UsageError(
    `cannot read ${h5.place}: dataset "${name}" is ${type} [${shape.join(', ')}]; expected ${axes}. ${convertHint(h5, name)}`,
  );
}

const convertHint = ({ place }: H5File, name: string): string =>
  `Convert with: adjoint convert ${place} OUT.h5 --dataset NAME --as ${name}`;

/** The sampling mask of a file, f32 [W] or [H, W]. */
export const readMask = (file: string, session: Session) =>
  withH5(file, session, async (h5) => {
    checkDataset(h5, 'mask', expectedMask);
    const { cast } = await import('@adjoint/tensor');
    using stored = await h5.read('mask');
    return cast(stored, 'f32');
  });

export interface ResultFile {
  readonly path: string;
  readonly datasets: Readonly<Record<string, H5Content>>;
  readonly seed: number;
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Sentences on what the data cannot show. */
  readonly limits?: readonly string[];
}

/** Writes a result in the fastMRI layout with its provenance: whole or not at all. */
export async function writeResult(session: Session, result: ResultFile): Promise<void> {
  const { path, datasets, seed, attributes = {}, limits = [] } = result;
  const { writeFastmri, writeH5 } = await import('@adjoint/mri');
  const all = { ...attributes, ...(await provenance(session, seed, limits)) };
  session.signal.throwIfAborted();
  const { kspace } = datasets;
  // With the header that fastMRI's own reader wants.
  if (kspace !== undefined && typeof kspace !== 'string')
    await writeFastmri(path, { ...datasets, kspace, attributes: all });
  else await writeH5(path, datasets, { attributes: all });
}
