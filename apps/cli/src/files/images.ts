import type { H5File } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { UsageError } from '../failure.js';
import type { Session } from '../session.js';
import { withH5 } from './hdf5.js';
import { limitsOf, sliceNumbers } from './kspace.js';

/** Where images may be in a file, the most specific first. */
const imageDatasets = [
  'reconstruction',
  'kspace',
  'reconstruction_rss',
  'reconstruction_esc',
  'image',
  'images',
];

/** The magnitude images of a file; those of k-space are the root sum of squares of its coil images. */
export interface ImageFile {
  readonly file: string;
  readonly dataset: string;
  /** Slice numbers of the acquisition, image by image: `recon --slices` leaves some out. */
  readonly numbers: readonly number[];
  readonly height: number;
  readonly width: number;
  readonly limits: readonly string[];
  /** f32 [height, width] of the slice of that number; the caller disposes of it. Throws UsageError. */
  image(number: number): Promise<Tensor>;
}

/** Runs `use` on the images of a file, and closes it. Throws UsageError where there are none. */
export function withImages<T>(
  file: string,
  dataset: string | undefined,
  session: Session,
  use: (images: ImageFile) => Promise<T>,
): Promise<T> {
  return withH5(file, session, async (h5) => {
    const name = dataset ?? imageDatasets.find((known) => h5.datasets.has(known));
    const { shape } = checkImages(h5, name);
    const attributes = await h5.attributes();
    const numbers = sliceNumbers(shape.length > 2 ? shape[0]! : 1, attributes);
    return use({
      file,
      dataset: name!,
      numbers,
      height: shape.at(-2)!,
      width: shape.at(-1)!,
      limits: limitsOf(attributes),
      image: async (number) => {
        const index = numbers.indexOf(number);
        if (index < 0) throw new UsageError(`${file} has no slice ${number}; it has ${numbers.join(', ')}.`);
        using stored = await h5.read(name!, shape.length > 2 ? { offset: [index], count: [1] } : {});
        return await (name === 'kspace' ? rssOf(stored) : magnitudeOf(stored));
      },
    });
  });
}

function checkImages(h5: H5File, name: string | undefined): { shape: readonly number[] } {
  const dataset = name === undefined ? undefined : h5.datasets.get(name);
  const there = [...h5.datasets.keys()].slice(0, 12).join(', ') || 'none';
  if (!dataset) {
    const wanted = name === undefined ? imageDatasets.join(', ') : `"${name}"`;
    throw new UsageError(`cannot read ${h5.place}: no dataset ${wanted}; the file has ${there}.`);
  }
  const { shape, dtype, type } = dataset;
  const mostAxes = name === 'kspace' ? 4 : 3;
  if (dtype !== undefined && shape.length >= 2 && shape.length <= mostAxes && !shape.includes(0))
    return dataset;
  throw new UsageError(
    `cannot read ${h5.place}: dataset "${name}" is ${type} [${shape.join(', ')}]; expected images [slices, H, W]. ` +
      'Name another with --dataset.',
  );
}

/** Root sum of squares of the images of one slice, f32 [H, W]. */
export async function rssOf(kspace: Tensor): Promise<Tensor> {
  const { abs2, centredIfft, reshape, scope, sqrt, sum } = await import('@adjoint/tensor');
  const plane = kspace.shape.slice(-2);
  return scope(() => sqrt(sum(abs2(centredIfft(reshape(kspace, [-1, ...plane]))), { axes: 0 })));
}

async function magnitudeOf(stored: Tensor): Promise<Tensor> {
  const { abs, cast, isComplex, reshape, scope } = await import('@adjoint/tensor');
  const plane = stored.shape.slice(-2);
  return scope(() => reshape(isComplex(stored.dtype) ? abs(stored) : cast(stored, 'f32'), plane));
}

/** The middle of an image, [height, width] pixels of it, as fastMRI crops. Throws UsageError if there are fewer. */
export async function cropTo(image: Tensor, height: number, width: number, what: string): Promise<Tensor> {
  const [rows, columns] = image.shape as [number, number];
  if (rows < height || columns < width)
    throw new UsageError(
      `${what} has ${rows} x ${columns} pixels, fewer than the ${height} x ${width} it is compared with.`,
    );
  const { cropCentre } = await import('@adjoint/mri');
  return cropCentre(image, [height, width]);
}
