import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { TrainingData } from '@adjoint/models';
import type { Tensor } from '@adjoint/tensor';
import { UsageError } from './failure.js';
import { checkInput } from './files/checkFiles.js';
import type { Options, Values } from './option.js';
import type { Session } from './session.js';

/** Options that say what is measured, how, and how much is left of it. */
export const sourceOptions = {
  acceleration: {
    kind: 'number',
    min: 1,
    max: 1000,
    default: 4,
    about: 'one of so many columns is measured, others at every step',
  },
  'center-fraction': {
    kind: 'number',
    min: 0,
    max: 1,
    default: 0.07,
    about: 'of the columns, in the centre, all measured',
  },
  'no-augment': { kind: 'switch', about: 'no flips, transposes and shifts of the training data' },
  size: {
    kind: 'size',
    about: 'of simulated k-space, default 96x96; of images from files, default: what they say',
  },
  coils: { kind: 'integer', min: 1, max: 64, default: 4, about: 'of simulated k-space' },
  snr: { kind: 'number', min: -100, max: 300, default: 30, about: 'of simulated k-space, in dB' },
  subjects: { kind: 'integer', min: 1, max: 10_000, default: 8, about: 'of phantoms' },
} as const satisfies Options;

export type SourceValues = Values<typeof sourceOptions> & { readonly seed: number };

/** Examples, what they cannot show, and how to let go of them. */
export interface Source {
  readonly data: TrainingData;
  readonly limits: string;
  close(): Promise<void>;
}

const phantomSlices = 8;
/** Validation phantoms are other subjects: those from here on. */
const firstValidationSubject = 1_000_000;

type Purpose = 'data' | 'validate';

/** What is measured by simulation, by its name on the command line. */
const simulated: Readonly<Record<string, (values: SourceValues, purpose: Purpose) => Promise<Tensor>>> = {
  'builtin:head': headImages,
  'builtin:brain': () => builtinOf('brain'),
  'builtin:flair': () => builtinOf('flair'),
  'builtin:shoulder': () => builtinOf('shoulder'),
  'builtin:heart': () => builtinOf('heart'),
  'phantom:brain': (values, purpose) => phantomsOf('brain', purpose, values),
  'phantom:knee': (values, purpose) => phantomsOf('knee', purpose, values),
};

/** Requires a source that there is, before anything is made of another. Throws UsageError. */
export async function checkSource(what: string, purpose: Purpose): Promise<void> {
  if (purpose === 'validate' && what === 'builtin:head')
    throw new UsageError(
      '--validate builtin:head: its training slices are no validation; take builtin:brain.',
    );
  if (Object.hasOwn(simulated, what)) return;
  if (/^(builtin|phantom):/.test(what))
    throw new UsageError(`--${purpose} ${what}: there are ${Object.keys(simulated).join(', ')}.`);
  await checkInput(what, { mayBeFolder: true });
}

/**
 * The examples that --data or --validate names: builtin:head (the slices that `headSplit` trains on), another built-in
 * set or phantoms, measured by simulation; or fully sampled files of k-space. Throws UsageError.
 */
export async function sourceOf(
  what: string,
  purpose: Purpose,
  values: SourceValues,
  session: Session,
): Promise<Source> {
  const make = Object.hasOwn(simulated, what) ? simulated[what] : undefined;
  if (!make) return filesOf(what, purpose, values);
  session.progress.begin(`simulate ${what}`);
  const images = await make(values, purpose);
  const { simulatedTrainingData } = await import('@adjoint/models');
  const data = await simulatedTrainingData({
    images,
    shape: values.size ?? [96, 96],
    coils: values.coils,
    snr: values.snr,
    seed: values.seed,
    ...sampling(purpose, values),
    signal: session.signal,
    onProgress: session.progress.step,
  });
  images.dispose();
  const anatomy = what.startsWith('builtin') ? 'Real anatomy of one person' : 'Procedural anatomy';
  return { data, limits: `${anatomy}, simulated acquisition (${what}).`, close: async () => data.dispose() };
}

const sampling = (purpose: Purpose, values: SourceValues) => ({
  acceleration: values.acceleration,
  centerFraction: values['center-fraction'],
  augment: purpose === 'data' && !values['no-augment'],
});

const builtinOf = async (name: 'brain' | 'flair' | 'shoulder' | 'heart'): Promise<Tensor> =>
  (await import('@adjoint/mri')).builtinImages(name).then(({ images }) => images);

/** Of both volumes, without what is kept for tests. */
async function headImages(): Promise<Tensor> {
  const { builtinImages, headSplit } = await import('@adjoint/mri');
  const { training: slices } = headSplit('axial');
  const volumes = [];
  for (const volume of [1, 2]) volumes.push((await builtinImages('head', { volume, slices })).images);
  return joined(volumes);
}

async function phantomsOf(name: 'brain' | 'knee', purpose: Purpose, values: SourceValues): Promise<Tensor> {
  const { brainPhantom, kneePhantom } = await import('@adjoint/mri');
  const size = 2 * Math.max(...(values.size ?? [96, 96]));
  const first = purpose === 'data' ? 0 : firstValidationSubject;
  const made = [];
  for (let i = 0; i < values.subjects; i++) {
    const options = { subject: first + i, slices: phantomSlices, size };
    made.push(await (name === 'knee' ? kneePhantom(options) : brainPhantom(options)));
  }
  return joined(made);
}

async function joined(parts: readonly Tensor[]): Promise<Tensor> {
  const { concat } = await import('@adjoint/tensor');
  const all = concat(parts, 0);
  for (const part of parts) part.dispose();
  return all;
}

async function filesOf(what: string, purpose: Purpose, values: SourceValues): Promise<Source> {
  const isFolder = (await stat(what)).isDirectory();
  const names = isFolder ? (await readdir(what)).filter((name) => /\.h5$/i.test(name)).sort() : [];
  if (isFolder && names.length === 0)
    throw new UsageError(`--${purpose} ${what}: the folder has no .h5 files.`);
  const files = isFolder ? names.map((name) => path.join(what, name)) : [what];
  const { fastmriDataset } = await import('@adjoint/models');
  const data = await fastmriDataset(files, { ...sampling(purpose, values), crop: values.size });
  return { data, limits: `Trained on ${files.length} files of ${what}.`, close: () => data.close() };
}
