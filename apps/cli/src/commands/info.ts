import type { H5File } from '@adjoint/mri';
import { defineCommand, type Report } from '../command.js';
import { checkInput } from '../files/checkFiles.js';
import { isHdf5, readArrays } from '../files/formats.js';
import { withH5 } from '../files/hdf5.js';
import type { Session } from '../session.js';

interface ArrayInfo {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

interface SamplingInfo {
  readonly slices: number;
  readonly coils: number;
  readonly acceleration: number;
  readonly sampled: number;
  readonly of: number;
  readonly low_frequencies: number;
  readonly crop: readonly number[] | null;
}

export const infoCommand = defineCommand({
  name: 'info',
  summary: 'say what a file holds',
  details: [
    'Arrays with their types and shapes, attributes, and of k-space what was sampled of its first slice. Of HDF5 files only what is needed ' +
      'is read.',
  ],
  options: {
    in: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'a file of any format that convert reads',
    },
  },
  positionals: ['in'],
  examples: [
    { about: 'what is in k.h5', command: 'adjoint info k.h5' },
    { about: 'the same for a script', command: 'adjoint info k.h5 --json' },
  ],
  async run({ in: file }, session) {
    await checkInput(file, { mayBeFolder: true });
    return isHdf5(file) ? describeHdf5(file, session) : describeOther(file, session);
  },
});

async function describeHdf5(file: string, session: Session): Promise<Report> {
  const content = await withH5(file, session, async (h5) => ({
    datasets: arraysOf(h5),
    attributes: await h5.attributes(),
  }));
  const hasKspace = content.datasets.some(
    ({ name, type }) => name === 'kspace' && type.startsWith('complex'),
  );
  const sampling = hasKspace ? await samplingInfo(file, session) : undefined;
  const { datasets, attributes } = content;
  const json = { file, format: 'HDF5', datasets, attributes, ...(sampling ? { sampling } : {}) };
  return { json, text: textOf(file, datasets, attributes, sampling) };
}

const arraysOf = (h5: H5File): ArrayInfo[] =>
  [...h5.datasets.values()].map(({ name, type, shape }) => ({ name, type, shape }));

async function describeOther(file: string, session: Session): Promise<Report> {
  await session.lightDevice();
  const { tensors, attributes } = await readArrays(file, session);
  const datasets = Object.entries(tensors).map(([name, { dtype, shape }]) => ({ name, type: dtype, shape }));
  return { json: { file, datasets, attributes }, text: textOf(file, datasets, attributes, undefined) };
}

async function samplingInfo(file: string, session: Session): Promise<SamplingInfo> {
  await session.lightDevice();
  const { detectMask, openFastmri } = await import('@adjoint/mri');
  const opened = await openFastmri(file, { signal: session.signal, convert: true });
  try {
    const [slices, coils] = opened.shape;
    const { kspace, crop } = await opened.slice(0);
    const mask = await detectMask(kspace);
    return {
      slices,
      coils,
      acceleration: mask.acceleration,
      sampled: mask.numSampled,
      of: mask.values.length,
      low_frequencies: mask.numLowFrequencies,
      crop: crop ?? null,
    };
  } finally {
    await opened.close();
  }
}

/** Longest attribute that is printed whole. */
const longestText = 200;

function textOf(
  file: string,
  datasets: readonly ArrayInfo[],
  attributes: Readonly<Record<string, unknown>>,
  sampling: SamplingInfo | undefined,
): string {
  const width = Math.max(
    0,
    ...datasets.map(({ name }) => name.length),
    ...Object.keys(attributes).map((name) => name.length),
  );
  const row = (name: string, value: string): string => `  ${name.padEnd(width)}  ${value}`;
  const lines = [
    file,
    ...datasets.map(({ name, type, shape }) => row(name, `${type} [${shape.join(', ')}]`)),
  ];
  if (sampling) {
    const { sampled, of, acceleration, low_frequencies, crop } = sampling;
    lines.push('sampling');
    lines.push(
      row(
        '',
        `${sampled} of ${of} (${acceleration.toFixed(2)}x), ${low_frequencies} columns in the centre`,
      ).trimEnd(),
    );
    if (crop) lines.push(row('', `images are cropped to ${crop.join(' x ')}`));
  }
  const named = Object.entries(attributes);
  if (named.length > 0) lines.push('attributes');
  for (const [name, value] of named) {
    const text = String(value);
    lines.push(row(name, text.length > longestText ? `${text.slice(0, longestText)}…` : text));
  }
  return lines.join('\n');
}
