import { defineCommand } from '../command.js';
import { checkOutput } from '../files/checkFiles.js';
import { writeResult } from '../files/hdf5.js';
import { builtins, objectsOf, phantoms } from '../objects.js';

export const simulateCommand = defineCommand({
  name: 'simulate',
  summary: 'make multi-coil k-space from images or phantoms',
  details: [
    'Images are weighted with coils and a smooth phase on their own grid, their k-space is cut to the study grid, half as large ' +
      'unless --size says otherwise, and complex noise is added: nothing is sampled and reconstructed on one grid. Ellipses have ' +
      'exact k-space.',
    'builtin:head and the others are real MR images out of npm packages; if one is not installed, the message says what to install. ' +
      'phantom:brain and phantom:knee are procedural: every --subject is another one.',
  ],
  options: {
    images: {
      kind: 'text',
      placeholder: 'WHAT',
      default: 'builtin:head',
      about: `builtin:${builtins.join(' | ')}, phantom:${phantoms.join(' | ')}, or an HDF5, NIfTI or DICOM file of images`,
    },
    dataset: {
      kind: 'text',
      placeholder: 'NAME',
      about: 'of a file with several; default: image or a reconstruction',
    },
    coils: { kind: 'integer', min: 1, max: 256, default: 8, about: 'on a ring around the object' },
    snr: {
      kind: 'number',
      min: -100,
      max: 300,
      default: 30,
      about: 'signal-to-noise ratio of k-space in dB',
    },
    'no-noise': { kind: 'switch', about: 'add none' },
    size: { kind: 'size', about: 'of k-space; default: half the size of the images, 128x128 for ellipses' },
    count: {
      kind: 'integer',
      min: 1,
      max: 1000,
      default: 1,
      about: 'slices: through a phantom, or from the middle of images',
    },
    slices: { kind: 'indices', about: 'which slices of the images, instead of --count' },
    subject: { kind: 'integer', min: 0, default: 0, about: 'of phantoms' },
    contrast: { kind: 'text', placeholder: 'NAME', about: 'of phantoms: t1, t2 (brain); pd, pdfs (knee)' },
    plane: {
      kind: 'choice',
      choices: ['axial', 'sagittal', 'coronal'],
      about: 'of builtin:head; default axial',
    },
    phase: { kind: 'number', min: 0, about: 'deviation of the smooth random phase in radians; default 0.7' },
    model: { kind: 'choice', choices: ['gaussian', 'loops'], default: 'gaussian', about: 'of the coils' },
    out: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'HDF5 file to write: kspace, reconstruction_rss, noise_free, true_maps',
    },
  },
  positionals: [],
  examples: [
    {
      about: 'a slice through a real head, 8 coils',
      command: 'adjoint simulate --images builtin:head --coils 8 --snr 30 --out k.h5',
    },
    {
      about: 'three slices of a made-up knee, fat suppressed',
      command:
        'adjoint simulate --images phantom:knee --contrast pdfs --subject 12 --count 3 --size 160x160 --out k.h5',
    },
  ],
  async run(values, session) {
    await checkOutput(values.out, [values.images]);
    await session.device();
    const { simulate } = await import('@adjoint/mri');
    const { limits, numbers, ...objects } = await objectsOf(values, session);
    session.progress.begin('simulate');
    const { coils, size, snr, phase, model, seed } = values;
    const made = await simulate({
      ...{ coils, shape: size, phase, model, seed },
      ...objects,
      snr: values['no-noise'] ? Infinity : snr,
      signal: session.signal,
      onProgress: session.progress.step,
    });
    const { kspace, reference, noiseFree, trueMaps, oversampling } = made;
    const { max: largest, norm } = await import('@adjoint/tensor');
    const json = { out: values.out, shape: kspace.shape, coils, snr: values['no-noise'] ? null : snr };
    await writeResult(session, {
      path: values.out,
      datasets: { kspace, reconstruction_rss: reference, noise_free: noiseFree, true_maps: trueMaps },
      seed,
      attributes: {
        acquisition: 'simulated',
        patient_id: values.images,
        max: (await largest(reference).item()) as number,
        norm: (await norm(reference).item()) as number,
        image_slices: numbers.join(','),
        oversampling: oversampling.join(','),
      },
      limits: [limits],
    });
    return { json, text: `${values.out}: k-space ${kspace.shape.join(' x ')} of ${values.images}` };
  },
});
