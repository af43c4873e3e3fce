import type { Tensor } from '@adjoint/tensor';
import { defineCommand } from '../command.js';
import { type Arrays, guessName, inLayout, pickArray } from '../files/arrays.js';
import { checkOutput } from '../files/checkFiles.js';
import {
  isHdf5,
  readArrays,
  readableTitles,
  takesOne,
  writableTitles,
  writeArrays,
} from '../files/formats.js';
import { writeResult } from '../files/hdf5.js';
import { chooseSlices, limitsOf } from '../files/kspace.js';
import type { Session } from '../session.js';

interface ConvertValues {
  readonly in: string;
  readonly out: string;
  readonly dataset: string | undefined;
  readonly as: string | undefined;
  readonly slices: readonly number[] | undefined;
  readonly scale: number;
  readonly seed: number;
}

/** What a result says about its own making: not true of what is made from it. */
const ownAttributes = ['command', 'seed', 'versions', 'device', 'limits'];

export const convertCommand = defineCommand({
  name: 'convert',
  summary: 'carry arrays from one file format to another',
  details: [
    `Formats go by the files' endings. Read: ${readableTitles}. Written: ${writableTitles}.`,
    'Arrays keep their names where the format has names; to formats of one array goes the one that --dataset names, else ' +
      'reconstruction, kspace or image. k-space gets BART’s order of axes in cfl files (rows are the readout) and loses it again. ' +
      'Double precision becomes single. In HDF5, arrays called kspace, maps, reconstruction or image get a slice axis if they have none.',
  ],
  options: {
    in: { kind: 'text', placeholder: 'FILE', required: true, about: 'file, or folder of a DICOM series' },
    out: { kind: 'text', placeholder: 'FILE', required: true, about: 'file to write' },
    dataset: { kind: 'text', placeholder: 'NAME', about: 'the only array to carry over' },
    as: { kind: 'text', placeholder: 'NAME', about: 'what it is called in the new file' },
    slices: { kind: 'indices', about: 'which entries of its first axis; default: all' },
    scale: { kind: 'number', default: 1, about: 'factor on all its values' },
    series: { kind: 'text', placeholder: 'UID', about: 'of a DICOM folder with several series' },
  },
  positionals: ['in', 'out'],
  examples: [
    { about: 'k-space for BART', command: 'adjoint convert k.h5 k.cfl' },
    { about: 'coil maps of BART for adjoint recon', command: 'adjoint convert maps.cfl s.h5 --as maps' },
    { about: 'raw data of a scanner in the fastMRI layout', command: 'adjoint convert meas.mrd k.h5' },
    {
      about: 'images for a viewer',
      command: 'adjoint convert r.h5 r.nii.gz --dataset reconstruction',
    },
  ],
  async run(values, session) {
    await checkOutput(values.out, [values.in]);
    const isOne = takesOne(values.out);
    await session.lightDevice();
    const source = await readArrays(values.in, session, { series: values.series });
    session.signal.throwIfAborted();
    const changed = values.dataset ?? values.as ?? values.slices;
    const isPart = isOne || source.isSingle || changed !== undefined || values.scale !== 1;
    const arrays = isPart ? await onePart(values, source) : source;
    if (isHdf5(values.out)) await writeHdf5(values, arrays, session);
    else await writeArrays(values.out, arrays);
    const described = Object.entries(arrays.tensors).map(([name, { dtype, shape }]) => ({
      name,
      dtype,
      shape,
    }));
    const words = described.map(({ name, dtype, shape }) => `${name} ${dtype} ${shape.join(' x ')}`);
    return { json: { out: values.out, arrays: described }, text: `${values.out}: ${words.join(', ')}` };
  },
});

/** The one array that is meant, as the options change it. */
async function onePart(values: ConvertValues, source: Arrays & { isSingle: boolean }): Promise<Arrays> {
  const { mul } = await import('@adjoint/tensor');
  const [found, x] = pickArray(values.in, source, source.isSingle ? undefined : values.dataset);
  const name = values.as ?? (source.isSingle ? guessName(x) : found);
  const picked = values.slices ? await entries(values.in, x, values.slices) : x;
  const scaled = values.scale === 1 ? picked : mul(picked, values.scale);
  const tensor = isHdf5(values.out) ? await inLayout(name, scaled) : scaled;
  const { texts, attributes } = source;
  return { tensors: { [name]: tensor }, texts: name === 'kspace' ? texts : {}, attributes };
}

async function entries(file: string, x: Tensor, slices: readonly number[]): Promise<Tensor> {
  const { slice, stack } = await import('@adjoint/tensor');
  const chosen = chooseSlices(file, x.shape[0]!, slices);
  return stack(chosen.map((index) => slice(x, [index])));
}

async function writeHdf5(values: ConvertValues, arrays: Arrays, session: Session): Promise<void> {
  const { tensors, texts, attributes } = arrays;
  const kept = Object.entries(attributes).filter(([name]) => !ownAttributes.includes(name));
  // Slice numbers of the source are not those of a choice from it.
  const stated = kept.filter(([name]) => name !== 'slices' || values.slices === undefined);
  await writeResult(session, {
    path: values.out,
    datasets: { ...tensors, ...texts },
    seed: values.seed,
    attributes: Object.fromEntries(stated),
    limits: limitsOf(attributes),
  });
}
