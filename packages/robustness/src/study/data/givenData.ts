import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Measurement } from '@adjoint/mri';
import { ArgumentError, checkFunction, describe, encodeSafetensors, type Tensor } from '@adjoint/tensor';
import { writeAtomically } from '../core/atomicFile.js';
import { digestBytes } from '../core/digest.js';
import type { StudyDataset, StudyImage } from './dataset.js';
import type { PlannedData } from './plannedData.js';
import type { PlannedImage } from './source.js';

const fn = 'runStudy';

/**
 * The images of a data set of one's own. Their k-space goes into `given/` of the study's folder, under the digest of
 * its content, from where the workers read it.
 *
 * @throws ArgumentError for data that are not such a set
 */
export async function givenData(dataset: StudyDataset, folder: string): Promise<PlannedData> {
  for (const field of ['name', 'provenance'] as const) checkText(`option data: ${field}`, dataset?.[field]);
  checkFunction(fn, 'option data: images', dataset.images);
  const { name, provenance, source = 'the caller', licence = 'of the data', remark = '' } = dataset;
  const listed = await dataset.images();
  if (!Array.isArray(listed) || listed.length === 0)
    throw wrong('option data: images()', 'a list of at least one image', listed);
  const images: PlannedImage[] = [];
  for (const image of listed) images.push(await oneImage(name, image, folder));
  const { picturesAllowed = true } = dataset;
  return { about: { name, provenance, source, licence, remark, picturesAllowed }, images };
}

async function oneImage(data: string, image: StudyImage, folder: string): Promise<PlannedImage> {
  for (const field of ['name', 'subject'] as const)
    checkText(`an image of ${data}: ${field}`, image?.[field]);
  checkFunction(fn, `${image.name}: measurement`, image.measurement);
  const { name, subject, anatomy = 'unknown', contrast = 'unknown', use = 'test' } = image;
  const arrays = await arraysOf(name, await image.measurement());
  const content = digestBytes(arrays);
  const file = path.join(folder, 'given', `${content}.safetensors`);
  await mkdir(path.dirname(file), { recursive: true });
  if (!existsSync(file)) await writeAtomically(file, arrays);
  return {
    ...{ name: `${data}:${name}`, data, subject, anatomy, contrast, use, split: 'by subject' },
    source: { type: 'given', content },
    files: { source: file },
  };
}

/** K-space and reference as bytes; the crop goes with them as a string. */
async function arraysOf(
  name: string,
  { kspace, reference, crop, mask, maps }: Measurement,
): Promise<Uint8Array> {
  if (kspace?.rank !== 3 || kspace.dtype !== 'c64')
    throw wrong(`kspace of ${name}`, 'c64 [coils, H, W]', kspace);
  const tensors: Record<string, Tensor> = { kspace, ...(reference && { reference }) };
  const bytes = await encodeSafetensors(tensors, crop ? { crop: crop.join('x') } : {});
  for (const held of [kspace, reference, mask, maps]) held?.dispose();
  return bytes;
}

function checkText(argument: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw wrong(argument, 'a text', value);
}

const wrong = (argument: string, expected: string, got: unknown): ArgumentError =>
  new ArgumentError({ fn, argument, expected, got: describe(got) });
