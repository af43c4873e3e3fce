import { defineCommand } from '../command.js';
import { UsageError } from '../failure.js';
import { checkOutput } from '../files/checkFiles.js';
import { writeResult } from '../files/hdf5.js';
import { withKspace } from '../files/kspace.js';
import type { Session } from '../session.js';

const types = [
  'random',
  'equispaced',
  'equispaced-fraction',
  'magic',
  'magic-fraction',
  'gaussian-2d',
  'study',
] as const;

type MaskValues = {
  readonly type: (typeof types)[number];
  readonly acceleration: number;
  readonly 'center-fraction': number;
  readonly offset: number | undefined;
  readonly deviation: number;
  readonly pattern: 'random' | 'equispaced-fraction';
  readonly mode: 'corrected' | 'faithful';
  readonly seed: number;
};

interface ExtentValues {
  readonly in: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly type: string;
}

export const maskCommand = defineCommand({
  name: 'mask',
  summary: 'draw a sampling mask',
  details: [
    'Whole columns of k-space (the phase encoding axis W), with a fully sampled centre; gaussian-2d draws single entries. ' +
      'Equal seeds give the masks of fastMRI: random is its RandomMaskFunc, equispaced-fraction what published work also ' +
      'calls equispaced. study: redrawn until the acceleration is right.',
  ],
  options: {
    type: { kind: 'choice', choices: types, default: 'random', about: 'the pattern' },
    acceleration: {
      kind: 'number',
      min: 1,
      max: 1000,
      default: 4,
      about: 'one of so many columns or entries is measured',
    },
    'center-fraction': {
      kind: 'number',
      min: 0,
      max: 1,
      default: 0.08,
      about: 'of the columns, in the centre, all measured',
    },
    offset: {
      kind: 'integer',
      min: 0,
      about: 'first column of equispaced and magic patterns; default: drawn',
    },
    deviation: {
      kind: 'number',
      positive: true,
      default: 0.2,
      about: 'of gaussian-2d: the standard deviation as a fraction of each axis',
    },
    pattern: {
      kind: 'choice',
      choices: ['random', 'equispaced-fraction'],
      default: 'random',
      about: 'of study: what is drawn',
    },
    mode: {
      kind: 'choice',
      choices: ['corrected', 'faithful'],
      default: 'corrected',
      about: 'of study: an exact number of columns, or the redrawing of the published code',
    },
    in: { kind: 'text', placeholder: 'FILE', about: 'HDF5 file whose kspace the mask is for' },
    width: { kind: 'integer', min: 1, max: 16384, about: 'columns of k-space, without --in' },
    height: { kind: 'integer', min: 1, max: 16384, about: 'rows of k-space, without --in: for gaussian-2d' },
    out: { kind: 'text', placeholder: 'FILE', required: true, about: 'HDF5 file to write: dataset mask' },
  },
  positionals: [],
  examples: [
    {
      about: 'every fourth column or so, for the k-space in k.h5',
      command:
        'adjoint mask --type random --acceleration 4 --center-fraction 0.08 --seed 7 --in k.h5 --out m.h5',
    },
    {
      about: 'an eightfold equispaced mask for 368 columns',
      command:
        'adjoint mask --type equispaced --acceleration 8 --center-fraction 0.04 --width 368 --out m.h5',
    },
  ],
  async run(values, session) {
    await checkOutput(values.out, [values.in]);
    const { width, height } = await extent(values, session);
    await session.lightDevice();
    const mri = await import('@adjoint/mri');
    const mask = drawMask(mri, values, width, height);
    await writeResult(session, {
      path: values.out,
      datasets: { mask: mri.maskTensor(mask) },
      seed: values.seed,
      attributes: {
        mask_type: values.type,
        acceleration: mask.acceleration,
        num_low_frequencies: mask.numLowFrequencies,
        num_sampled: mask.numSampled,
      },
    });
    const total = mask.values.length;
    const json = {
      out: values.out,
      type: values.type,
      shape: mask.shape,
      acceleration: total / mask.numSampled,
      sampled: mask.numSampled,
      low_frequencies: mask.numLowFrequencies,
      seed: values.seed,
    };
    const what = mask.shape.length === 1 ? 'columns' : 'entries';
    const text = `${values.out}: ${mask.numSampled} of ${total} ${what} (${json.acceleration.toFixed(2)}x)`;
    return { json, text: `${text}, ${mask.numLowFrequencies} columns in the centre` };
  },
});

/** Rows and columns of the k-space, from the file or as given. */
async function extent(values: ExtentValues, session: Session): Promise<{ width: number; height: number }> {
  if (values.in !== undefined)
    return withKspace(values.in, undefined, session, async ({ shape: [, , height, width] }) => ({
      width: width!,
      height: height!,
    }));
  const { width, height = 0 } = values;
  if (width === undefined) throw new UsageError('--in or --width is missing: the mask is made for one size.');
  if (values.type === 'gaussian-2d' && height === 0)
    throw new UsageError('--height is missing: gaussian-2d draws entries of rows and columns.');
  return { width, height };
}

function drawMask(mri: typeof import('@adjoint/mri'), values: MaskValues, width: number, height: number) {
  const { acceleration, 'center-fraction': centerFraction, offset, seed } = values;
  const options = { width, acceleration, centerFraction, seed };
  const lattice = offset === undefined ? options : { ...options, offset };
  switch (values.type) {
    case 'random':
      return mri.randomMask(options);
    case 'equispaced':
      return mri.equispacedMask(lattice);
    case 'equispaced-fraction':
      return mri.equispacedFractionMask(lattice);
    case 'magic':
      return mri.magicMask(lattice);
    case 'magic-fraction':
      return mri.magicFractionMask(lattice);
    case 'gaussian-2d':
      return mri.gaussianMask2d({ ...options, height, standardDeviation: values.deviation });
    case 'study':
      return mri.studyMask({
        ...options,
        type: values.pattern === 'random' ? 'random' : 'equispaced_fraction',
        mode: values.mode,
      });
  }
}
