import type { H5File } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { UsageError } from '../failure.js';
import { withH5 } from '../files/hdf5.js';
import { cropTo, rssOf, withImages } from '../files/images.js';
import { sliceNumbers } from '../files/kspace.js';
import type { Session } from '../session.js';
import type { Plane } from './panel.js';
import type { Item } from './pictures.js';
import { angle, countOf, type Images, magnitude } from './planes.js';

/** What of a file is shown: a list of items for each slice. */
export interface Picked {
  readonly dataset: string;
  readonly numbers: readonly number[];
  readonly slices: readonly (readonly Item[])[];
}

interface Choice {
  readonly dataset: string | undefined;
  readonly slices: readonly number[] | undefined;
}

const order = [
  'reconstruction',
  'maps',
  'kspace',
  'reconstruction_rss',
  'reconstruction_esc',
  'image',
  'images',
  'mask',
];
/** A volume of hundreds of slices makes no picture. */
const mostSlices = 16;
/** Rows of the stripes that stand for a mask of whole columns. */
const stripeRows = 24;

/** Reads what a file has to show. Throws UsageError where it has nothing, or not the slices asked for. */
export const readItems = (file: string, { dataset, slices }: Choice, session: Session): Promise<Picked> =>
  withH5(file, session, async (h5) => {
    const name = dataset ?? order.find((known) => h5.datasets.has(known));
    const shape = checkShown(h5, name, dataset);
    const all = shape.length > 2 ? sliceNumbers(shape[0]!, await h5.attributes()) : [0];
    const missing = slices?.find((number) => !all.includes(number));
    if (missing !== undefined)
      throw new UsageError(`--slices names slice ${missing}; ${file} has ${all.join(', ')}.`);
    const numbers = slices ?? all.slice(0, mostSlices);
    const items: Item[][] = [];
    for (const number of numbers) {
      session.signal.throwIfAborted();
      const part = { offset: [all.indexOf(number)], count: [1] };
      using stored = await h5.read(name!, shape.length > 2 ? part : {});
      const title = shape.length > 2 ? `${name} ${number}` : name!;
      const found = await itemsOf(name!, title, stored);
      items.push(isAttack(h5, name!) ? [await attacked(h5, found[0]!, part)] : found);
    }
    return { dataset: name!, numbers, slices: items };
  });

function checkShown(h5: H5File, name: string | undefined, asked: string | undefined): readonly number[] {
  const dataset = name === undefined ? undefined : h5.datasets.get(name);
  const there = [...h5.datasets.keys()].slice(0, 12).join(', ') || 'none';
  if (!dataset) {
    const wanted = asked === undefined ? `dataset that is known to be images` : `dataset "${asked}"`;
    throw new UsageError(
      `cannot read ${h5.place}: it has no ${wanted}; it has ${there}. Name one with --dataset.`,
    );
  }
  const { shape, dtype, type } = dataset;
  if (dtype !== undefined && shape.length >= 1 && !shape.includes(0)) return shape;
  throw new UsageError(
    `cannot read ${h5.place}: dataset "${name}" is ${type} [${shape.join(', ')}]; expected numbers [..., H, W].`,
  );
}

/** Whether a file holds what an attack did to a reconstruction. */
const isAttack = (h5: H5File, name: string): boolean =>
  name === 'reconstruction' && h5.datasets.has('clean') && h5.datasets.has('perturbation');

/** The attacked image beside the clean one, with the perturbation's k-space. */
async function attacked(h5: H5File, item: Item, part: object): Promise<Item> {
  using clean = await h5.read('clean', part);
  using perturbation = await h5.read('perturbation', part);
  const { kspace } = await kspaceItem('', perturbation);
  return { ...item, reference: await planeOf(clean), kspace };
}

async function itemsOf(name: string, title: string, stored: Tensor): Promise<Item[]> {
  if (name === 'kspace' || name === 'perturbation') return [await kspaceItem(title, stored)];
  const images = await imagesOf(stored);
  const count = countOf(images);
  return Array.from({ length: count }, (_, i) => ({
    title: count > 1 ? `${title} / ${i}` : title,
    magnitude: magnitude(images, i),
    phase: images.isComplex ? angle(images, i) : undefined,
  }));
}

async function imagesOf(stored: Tensor): Promise<Images> {
  const { isComplex } = await import('@adjoint/tensor');
  const data = (await stored.data()) as ArrayLike<number>;
  const { shape } = stored;
  if (shape.length > 1) return { shape, data, isComplex: isComplex(stored.dtype) };
  const width = shape[0]!;
  const stripes = Float64Array.from({ length: stripeRows * width }, (_, i) => Number(data[i % width]));
  return { shape: [stripeRows, width], data: stripes, isComplex: false };
}

/** Root sum of squares over coils, of images and of k-space. */
async function kspaceItem(title: string, stored: Tensor): Promise<Item> {
  const { abs2, reshape, scope, sqrt, sum } = await import('@adjoint/tensor');
  using image = await rssOf(stored);
  using size = scope(() => sqrt(sum(abs2(reshape(stored, [-1, ...stored.shape.slice(-2)])), { axes: 0 })));
  return { title, magnitude: await planeOf(image), kspace: await planeOf(size) };
}

async function planeOf(image: Tensor): Promise<Plane> {
  const [height, width] = image.shape.slice(-2) as [number, number];
  return { height, width, values: (await image.data()) as Float32Array };
}

/** The same items with the references of their slices beside them. */
export async function withReference(
  { slices, numbers }: Picked,
  file: string | undefined,
  session: Session,
): Promise<readonly (readonly Item[])[]> {
  if (file === undefined) return slices;
  if (slices.some((items) => items.length !== 1))
    throw new UsageError('--reference is for images: what is shown has several of them per slice.');
  return withImages(file, undefined, session, async (known) => {
    const result: Item[][] = [];
    for (const [i, [item]] of slices.entries()) {
      const { height, width } = item!.magnitude;
      using whole = await known.image(numbers[i]!);
      using cropped = await cropTo(whole, height, width, file);
      result.push([{ ...item!, reference: await planeOf(cropped) }]);
    }
    return result;
  });
}
