import { createHash } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { openFastmri } from '@adjoint/mri';
import { ArgumentError } from '@adjoint/tensor';
import type { PlannedData } from './plannedData.js';
import type { PlannedImage } from './source.js';

/** From this many subjects on, the last ones of a folder are set apart for tuning. */
const enoughToTune = 6;
const tunedOn = 2;

/**
 * The middle slice of every HDF5 file of a folder, in the order of their names, at most `limit`. Of six files or more
 * the last two only serve to choose regularisation weights.
 *
 * @throws ArgumentError for a folder without such files, FormatError for one that is no fastMRI file
 */
export async function fastmriFolder(folder: string, limit: number): Promise<PlannedData> {
  const names = await h5Files(folder);
  const images: PlannedImage[] = [];
  for (const name of names.slice(0, limit + tunedOn)) images.push(await middleSlice(folder, name));
  const tuned = images.length >= enoughToTune ? images.length - tunedOn : Math.min(images.length, limit);
  const data = path.basename(path.resolve(folder));
  return {
    about: {
      name: data,
      provenance: 'measured k-space, undersampled afterwards',
      source: folder,
      licence: 'of the data',
      picturesAllowed: false,
      remark: 'Files of the fastMRI layout, the middle slice of each.',
    },
    images: images
      .slice(0, images.length >= enoughToTune ? undefined : limit)
      .map((image, i) => ({ ...image, data, use: i < tuned ? 'test' : 'tune' })),
  };
}

async function h5Files(folder: string): Promise<string[]> {
  const fn = 'runStudy';
  const entries = await readdir(folder).catch((error: Error) => {
    throw new ArgumentError({
      fn,
      argument: 'option data',
      expected: 'a folder of HDF5 files',
      got: error.message,
    });
  });
  const names = entries.filter((name) => /\.(h5|hdf5)$/i.test(name)).sort();
  if (names.length > 0) return names;
  throw new ArgumentError({
    fn,
    argument: 'option data',
    expected: 'a folder with files *.h5 of the fastMRI layout',
    got: `${folder} with none`,
  });
}

async function middleSlice(folder: string, name: string): Promise<PlannedImage> {
  const file = path.resolve(folder, name);
  const { slices, patient, contrast } = await describeFile(file);
  const slice = Math.floor(slices / 2);
  return {
    name: `${name.replace(/\.\w+$/, '')}:${slice}`,
    data: '',
    subject: patient ?? name,
    anatomy: 'unknown',
    contrast: contrast ?? 'unknown',
    use: 'test',
    split: 'by subject',
    source: { type: 'fastmri', content: await fingerprint(file), slice },
    files: { source: file },
  };
}

async function describeFile(
  file: string,
): Promise<{ slices: number; patient: string | undefined; contrast: string | undefined }> {
  const opened = await openFastmri(file, { convert: true });
  const text = (name: string): string | undefined => {
    const value = opened.attributes[name];
    return typeof value === 'string' ? value : undefined;
  };
  try {
    return { slices: opened.slices, patient: text('patient_id'), contrast: text('acquisition') };
  } finally {
    await opened.close();
  }
}

const samples = 64;
const sampleBytes = 65_536;

/** Digest of the size of a file and of 64 pieces of it: all of a small file, and enough of one of gigabytes. */
async function fingerprint(file: string): Promise<string> {
  const { size } = await stat(file);
  const hash = createHash('sha256').update(String(size));
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(sampleBytes);
    for (let i = 0; i < samples; i++) {
      const place = Math.floor((i * Math.max(0, size - sampleBytes)) / (samples - 1));
      const { bytesRead } = await handle.read(buffer, 0, sampleBytes, place);
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
}
