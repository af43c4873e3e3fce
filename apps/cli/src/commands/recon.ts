import type { Measurement, Reconstructor } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { defineCommand } from '../command.js';
import { checkInput, checkOutput } from '../files/checkFiles.js';
import { writeResult } from '../files/hdf5.js';
import {
  type KspaceFile,
  mapsOf,
  release,
  type Sampling,
  samplingOf,
  samplingOptions,
  withKspace,
} from '../files/kspace.js';
import { type MethodValues, methodMaker, methodNames, methodOptions } from '../method.js';
import type { Session } from '../session.js';

interface ReconValues extends MethodValues {
  readonly in: string;
  readonly mask: string | undefined;
  readonly maps: string | undefined;
  readonly out: string;
  readonly lambda: number | undefined;
  readonly slices: readonly number[] | undefined;
  readonly crop: readonly [number, number] | undefined;
  readonly seed: number;
}

export const reconCommand = defineCommand({
  name: 'recon',
  summary: 'reconstruct images from undersampled k-space',
  details: [
    'Slices are reconstructed one after the other. Without --mask, the zeros of the k-space say what was measured; without ' +
      '--maps, coil sensitivities are estimated from the measured data (ESPIRiT). Images are cropped as the header of the ' +
      'k-space file says.',
    '--lambda of l1 and tv is relative to max |A^H y|, so that one value suits data of any scale; that of cg-sense needs no unit. ' +
      'adjoint tune finds it.',
  ],
  options: {
    method: { kind: 'choice', choices: methodNames, required: true, about: 'how' },
    in: { kind: 'text', placeholder: 'FILE', required: true, about: 'HDF5 file with dataset kspace' },
    ...samplingOptions,
    out: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'HDF5 file to write: dataset reconstruction',
    },
    lambda: { kind: 'number', min: 0, about: 'weight of the regularisation of cg-sense, l1 and tv' },
    ...methodOptions,
    slices: { kind: 'indices', about: 'which slices; default: all' },
    crop: { kind: 'size', about: 'size of the images, from their centre; default: what the header says' },
  },
  positionals: [],
  examples: [
    {
      about: 'wavelet compressed sensing, maps from the data themselves',
      command: 'adjoint recon --method l1 --in k.h5 --mask m.h5 --out r.h5',
    },
    {
      about: 'a trained network on the same data',
      command: 'adjoint recon --method unet --weights unet.safetensors --in k.h5 --mask m.h5 --out r.h5',
    },
    {
      about: 'SENSE with maps made before, of slices 10 to 14, as they were undersampled by the scanner',
      command: 'adjoint recon --method cg-sense --in k.h5 --maps s.h5 --slices 10-14 --out r.h5',
    },
  ],
  async run(values, session) {
    await checkOutput(values.out, [values.in, values.mask, values.maps]);
    for (const file of [values.in, values.mask, values.maps]) if (file !== undefined) await checkInput(file);
    const method = (await methodMaker(values, session))(values.lambda);
    await session.device();
    // One file after the other: a worker that reads HDF5 takes long to start, and the next file gets the last one's.
    const sample = await samplingOf(values.mask, session);
    const started = performance.now();
    const found = await withKspace(values.in, values.slices, session, (kspace) =>
      reconstructFile(values, kspace, sample, method, session),
    );
    const seconds = (performance.now() - started) / 1000;
    const { indices, limits, reconstruction } = found;
    await writeResult(session, {
      path: values.out,
      datasets: { reconstruction },
      seed: values.seed,
      attributes: { method: method.name, slices: indices.join(',') },
      limits,
    });
    const { shape } = reconstruction;
    const text = `${values.out}: ${method.name}, ${shape.join(' x ')} in ${seconds.toFixed(1)} s`;
    return { text, json: { out: values.out, method: method.name, shape, slices: indices, seconds } };
  },
});

async function reconstructFile(
  values: ReconValues,
  kspace: KspaceFile,
  sample: Sampling,
  method: Reconstructor,
  session: Session,
): Promise<{ indices: readonly number[]; limits: readonly string[]; reconstruction: Tensor }> {
  const { stack } = await import('@adjoint/tensor');
  const mapsAt = values.maps === undefined ? undefined : await mapsOf(values.maps, kspace, session);
  const images: Tensor[] = [];
  session.progress.begin(method.name, kspace.indices.length);
  for (const index of kspace.indices) {
    const full = await kspace.slice(index);
    const sampled = await sample(values.crop ? { ...full, crop: values.crop } : full);
    const measurement = mapsAt ? { ...sampled, maps: await mapsAt(index) } : sampled;
    images.push(await reconstructSlice(method, measurement, values.seed, session));
    release(full);
    release(measurement);
    session.progress.next();
  }
  return { indices: kspace.indices, limits: kspace.limits, reconstruction: stack(images) };
}

async function reconstructSlice(
  method: Reconstructor,
  measurement: Measurement,
  seed: number,
  { signal, progress }: Session,
): Promise<Tensor> {
  const { key } = await import('@adjoint/tensor');
  return method.reconstruct(measurement, { signal, onProgress: progress.step, key: key(seed) });
}
