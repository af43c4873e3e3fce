import type { Tensor } from '@adjoint/tensor';
import { defineCommand } from '../command.js';
import { cropTo, type ImageFile, withImages } from '../files/images.js';

export const metricsCommand = defineCommand({
  name: 'metrics',
  summary: 'score images against a reference',
  details: [
    'Prints ssim, psnr (dB), nmse, mse and vif, and SSIM and PSNR of the foreground alone (reference above 8 % of its maximum). A k-space ' +
      'file as reference means the root sum of squares of its coil images. The reference is cropped to the size of the images, ' +
      'from its centre. The PSNR of equal images is infinite, in JSON null.',
    'Slices count as one volume, as in the evaluation of fastMRI: the maximum is that of the volume, errors are summed over it, ' +
      'SSIM is averaged over slices.',
  ],
  options: {
    reference: {
      kind: 'text',
      placeholder: 'FILE',
      required: true,
      about: 'HDF5 file with images or k-space',
    },
    in: { kind: 'text', placeholder: 'FILE', required: true, about: 'HDF5 file with images' },
    matching: {
      kind: 'choice',
      choices: ['rec_to_gt', 'gt_to_rec', 'none'],
      default: 'rec_to_gt',
      about:
        'which image gets mean and deviation of the other before SSIM, PSNR and VIF; nmse and mse are never matched',
    },
    range: {
      kind: 'choice',
      choices: ['volume', 'slice'],
      default: 'volume',
      about: 'the maximum that SSIM and PSNR refer to: of all slices, or of each',
    },
    slices: { kind: 'indices', about: 'which slices; default: all' },
    dataset: {
      kind: 'text',
      placeholder: 'NAME',
      about: 'of the images; default: reconstruction, if it is there',
    },
    'reference-dataset': { kind: 'text', placeholder: 'NAME', about: 'of the reference; default: the same' },
    'per-slice': { kind: 'switch', about: 'add a list slices with the scores of each slice by itself' },
  },
  positionals: [],
  examples: [
    { about: 'scores of a reconstruction', command: 'adjoint metrics --reference k.h5 --in r.h5' },
    {
      about: 'as one JSON object, without matching intensities',
      command: 'adjoint metrics --reference k.h5 --in r.h5 --matching none --json',
    },
  ],
  async run(values, session) {
    await session.lightDevice();
    const { scores } = await import('@adjoint/mri');
    const { reference, image, numbers } = await withImages(values.in, values.dataset, session, (images) =>
      withImages(values.reference, values['reference-dataset'], session, (known) =>
        readPairs(images, known, values.slices ?? images.numbers),
      ),
    );
    session.signal.throwIfAborted();
    const options = { matching: values.matching, dataRange: values.range } as const;
    const all = await scores(stacked(reference), stacked(image), options);
    if (!values['per-slice']) return { json: { ...all }, text: table(all) };
    const slices = [];
    for (const [i, number] of numbers.entries())
      slices.push({ slice: number, ...(await scores(reference[i]!, image[i]!, options)) });
    const blocks = slices.map((one) => `slice ${one.slice}\n${table(one)}`);
    return { json: { ...all, slices }, text: [table(all), ...blocks].join('\n\n') };
  },
});

interface HostImage {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Images and their references of equal size, in host memory. */
async function readPairs(images: ImageFile, known: ImageFile, numbers: readonly number[]) {
  const image: HostImage[] = [];
  const reference: HostImage[] = [];
  for (const number of numbers) {
    image.push(await toHost(await images.image(number)));
    using whole = await known.image(number);
    reference.push(await toHost(await cropTo(whole, images.height, images.width, known.file)));
  }
  return { image, reference, numbers };
}

async function toHost(image: Tensor): Promise<HostImage> {
  const { shape } = image;
  const data = (await image.data()) as Float32Array;
  image.dispose();
  return { shape, data };
}

function stacked(images: readonly HostImage[]): HostImage {
  const size = images[0]!.data.length;
  const data = new Float64Array(images.length * size);
  images.forEach((image, i) => {
    data.set(image.data, i * size);
  });
  return { shape: [images.length, ...images[0]!.shape], data };
}

const labels = [
  ['ssim', 'SSIM', 4, ''],
  ['psnr', 'PSNR', 2, ' dB'],
  ['nmse', 'NMSE', 5, ''],
  ['mse', 'MSE', 0, ''],
  ['vif', 'VIF', 4, ''],
  ['ssim_foreground', 'SSIM, foreground', 4, ''],
  ['psnr_foreground', 'PSNR, foreground', 2, ' dB'],
] as const;

const table = (scores: Readonly<Record<(typeof labels)[number][0], number>>): string =>
  labels
    .map(([key, label, digits, unit]) => {
      const value = digits === 0 ? scores[key].toExponential(4) : scores[key].toFixed(digits);
      return `${label.padEnd(18)}${value}${unit}`;
    })
    .join('\n');
