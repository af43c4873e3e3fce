import { defineCommand } from '../command.js';
import { checkInput, checkOutput } from '../files/checkFiles.js';
import { writeResult } from '../files/hdf5.js';
import { type KspaceFile, release, type Sampling, samplingOf, withKspace } from '../files/kspace.js';
import type { Session } from '../session.js';

export const espiritCommand = defineCommand({
  name: 'espirit',
  summary: 'estimate coil sensitivity maps from the fully sampled centre of k-space',
  details: [
    'ESPIRiT (Uecker et al. 2014) with the thresholds and defaults of BART ecalib, on the measured data alone. The result has the ' +
      'dataset maps [slices, coils, H, W], with --sets above 1 [slices, sets, coils, H, W]; maps are 0 where no coil sees signal.',
  ],
  options: {
    in: { kind: 'text', placeholder: 'FILE', required: true, about: 'HDF5 file with dataset kspace' },
    mask: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'HDF5 file with dataset mask; default: the zeros of kspace',
    },
    out: { kind: 'text', placeholder: 'FILE', required: true, about: 'HDF5 file to write: dataset maps' },
    kernel: { kind: 'integer', min: 2, max: 32, default: 6, about: 'size of the kernel' },
    calibration: {
      kind: 'integer',
      min: 4,
      max: 256,
      default: 24,
      about: 'size of the centre that is used, at most',
    },
    threshold: {
      kind: 'number',
      min: 0,
      max: 1,
      default: 0.001,
      about: 'kernels belong to squared singular values above this, relative to the largest',
    },
    crop: { kind: 'number', min: 0, max: 1, default: 0.8, about: 'maps are 0 where the eigenvalue is below' },
    sets: {
      kind: 'integer',
      min: 1,
      max: 8,
      about: 'sets of maps: 2 for an object that wraps; default: one',
    },
    slices: { kind: 'indices', about: 'which slices; default: all' },
  },
  positionals: [],
  examples: [
    {
      about: 'maps from the data that the mask leaves',
      command: 'adjoint espirit --in k.h5 --mask m.h5 --out s.h5',
    },
  ],
  async run(values, session) {
    await checkOutput(values.out, [values.in, values.mask]);
    for (const file of [values.in, values.mask]) if (file !== undefined) await checkInput(file);
    await session.device();
    const sample = await samplingOf(values.mask, session);
    const { maps, limits, indices } = await withKspace(values.in, values.slices, session, (kspace) =>
      estimateMaps(values, kspace, sample, session),
    );
    await writeResult(session, {
      path: values.out,
      datasets: { maps },
      seed: values.seed,
      attributes: { slices: indices.join(',') },
      limits,
    });
    const json = { out: values.out, shape: maps.shape, slices: indices };
    return { json, text: `${values.out}: maps ${maps.shape.join(' x ')}` };
  },
});

interface EspiritValues {
  readonly kernel: number;
  readonly calibration: number;
  readonly threshold: number;
  readonly crop: number;
  readonly sets: number | undefined;
}

async function estimateMaps(
  { kernel, calibration, threshold, crop, sets }: EspiritValues,
  { indices, limits, slice }: KspaceFile,
  sample: Sampling,
  { signal, progress }: Session,
) {
  const { espirit } = await import('@adjoint/mri');
  const { stack } = await import('@adjoint/tensor');
  const options = { kernel, calibration, threshold, crop, ...(sets === undefined ? {} : { sets }) };
  const maps = [];
  progress.begin('espirit', indices.length);
  for (const index of indices) {
    const full = await slice(index);
    const measurement = await sample(full);
    maps.push(await espirit(measurement, { ...options, signal, onProgress: progress.step }));
    release(full);
    release(measurement);
    progress.next();
  }
  return { maps: stack(maps), indices, limits };
}
