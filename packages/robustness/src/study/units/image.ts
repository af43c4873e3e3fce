import {
  brainPhantom,
  builtinImages,
  cropCentre,
  kneePhantom,
  type Measurement,
  openFastmri,
  rss,
  simulate,
  studyMask,
  undersample,
} from '@adjoint/mri';
import {
  centredIfft,
  FormatError,
  loadSafetensors,
  NumericalError,
  ones,
  read,
  scope,
  slice,
  type Tensor,
} from '@adjoint/tensor';
import type { UnitOutput } from '../core/store.js';
import type { BuiltinSource, FamilySource, FastmriSource, ImageSource } from '../data/source.js';
import type { UnitContext } from './context.js';
import type { ImageResult } from './loadedImage.js';
import { estimateMaps } from './maps.js';

export interface ImageParameters {
  readonly source: ImageSource;
  readonly acceleration: number;
  readonly centerFraction: number;
  /** Of the mask. */
  readonly maskSeed: readonly number[];
}

/** A fully sampled acquisition, and what only a simulation knows. */
interface Acquired {
  readonly full: Measurement;
  readonly noiseFree?: Tensor | undefined;
  readonly support?: readonly [number, number] | undefined;
}

/** Makes or reads a measurement, draws its mask, estimates coil maps from what is left. */
export async function imageUnit(context: UnitContext): Promise<UnitOutput> {
  const { source, acceleration, centerFraction, maskSeed } = context.parameters<ImageParameters>();
  const { full, noiseFree, support } = await acquire(source, context.unit.files.source ?? '');
  const { kspace, crop } = full;
  const [coils, height, width] = kspace.shape as [number, number, number];
  const acquiredColumns = await countColumns(full.mask, width);
  const drawn = studyMask({ width, acceleration, centerFraction, seed: maskSeed, acquiredColumns });
  const sampled = undersample({ ...full, maps: undefined }, drawn);
  context.report(0.5);
  const maps = await estimateMaps(sampled, drawn.numLowFrequencies);
  const reference =
    full.reference ?? scope(() => rss(crop ? cropCentre(centredIfft(kspace), crop) : centredIfft(kspace)));
  for (const [name, x] of Object.entries({ kspace, reference })) await checkFinite(name, x);
  const result = {
    coils,
    size: [height, width],
    crop: crop ?? null,
    lines: await countColumns(sampled.mask, width),
    centre: drawn.numLowFrequencies,
    support: support ?? null,
  } satisfies ImageResult;
  const { mask } = sampled;
  return { result, tensors: { kspace, mask, maps, reference, ...(noiseFree && { noiseFree }) } };
}

/** A number that is none anywhere in the full k-space makes every score one, mask or not. */
async function checkFinite(name: string, x: Tensor): Promise<void> {
  if ((await read(x)).every(Number.isFinite)) return;
  throw new NumericalError({
    fn: 'runStudy',
    argument: `the ${name}`,
    expected: 'finite',
    got: 'NaN or infinite numbers',
  });
}

/** Columns that a mask [W] keeps; a pattern of single entries counts as keeping all. */
async function countColumns(mask: Tensor, width: number): Promise<number> {
  return mask.rank === 1 ? (await read(mask)).filter((value) => value !== 0).length : width;
}

function acquire(source: ImageSource, file: string): Promise<Acquired> {
  switch (source.type) {
    case 'builtin':
      return ofBuiltin(source);
    case 'family':
      return ofFamily(source);
    case 'fastmri':
      return ofFastmri(source, file);
    case 'given':
      return ofGiven(file);
  }
}

async function ofBuiltin(source: BuiltinSource): Promise<Acquired> {
  const { set, slice: index, plane } = source;
  const { images, support } = await builtinImages(set, {
    slices: [index],
    ...(plane === null ? {} : { plane }),
  });
  return { ...(await simulated(images, source)), support };
}

async function ofFamily(source: FamilySource): Promise<Acquired> {
  const { family, contrast, subject, grid } = source;
  const size = 2 * Math.max(...grid);
  const make = family === 'brain' ? brainPhantom : kneePhantom;
  return simulated(await make({ subject, contrast: contrast as never, size }), source);
}

async function simulated(
  images: Tensor,
  { grid, coils, snr, seed }: BuiltinSource | FamilySource,
): Promise<Acquired> {
  using object = slice(images, [0]);
  images.dispose();
  const options = { images: object, shape: grid, coils, snr, seed };
  const { kspace, mask, reference, noiseFree, trueMaps, noiseDeviation } = await simulate(options);
  trueMaps.dispose();
  noiseDeviation.dispose();
  return { full: { kspace, mask, reference }, noiseFree };
}

async function ofFastmri({ slice: index }: FastmriSource, file: string): Promise<Acquired> {
  const opened = await openFastmri(file, { convert: true });
  try {
    return { full: await opened.slice(index) };
  } finally {
    await opened.close();
  }
}

async function ofGiven(file: string): Promise<Acquired> {
  const { tensors, metadata } = await loadSafetensors(file);
  const { kspace, reference } = tensors;
  if (!kspace)
    throw new FormatError({ fn: 'runStudy', argument: file, expected: 'with kspace', got: 'none' });
  const crop = metadata.crop?.split('x').map(Number) as [number, number] | undefined;
  return { full: { kspace, mask: ones([kspace.shape.at(-1)!]), crop, reference } };
}
