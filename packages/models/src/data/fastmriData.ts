import { type FastmriFile, openFastmri } from '@adjoint/mri';
import {
  ArgumentError,
  centredIfft,
  checkInteger,
  checkOptions,
  describe,
  type Key,
  type Tensor,
} from '@adjoint/tensor';
import { MaskedSamples, type SamplingOptions, samplingOptionNames } from './maskedSamples.js';
import type { Sample, TrainingData } from './trainingData.js';

export interface FastmriDatasetOptions extends SamplingOptions {
  /** Size of the images, from their centre; default: what the first file says. */
  readonly crop?: readonly [height: number, width: number] | undefined;
}

/** Slices of files to train on; one file is open at a time. */
export interface FastmriDataset extends TrainingData {
  close(): Promise<void>;
}

/**
 * Examples for image-to-image networks from fully sampled files of the fastMRI layout, every slice one, masked anew each
 * time. `input` and `target` are f32 [1, h, w], normalised as for `unetReconstructor`; the target is the root sum of
 * squares of the full k-space.
 *
 * @param files paths of HDF5 files
 * @throws ArgumentError, and FormatError as `openFastmri`
 * @example const data = await fastmriDataset(['knee/file1000001.h5', 'knee/file1000002.h5'], { acceleration: 4 });
 */
export async function fastmriDataset(
  files: readonly string[],
  options: FastmriDatasetOptions = {},
): Promise<FastmriDataset> {
  const fn = 'fastmriDataset';
  checkOptions(fn, options, ['crop', ...samplingOptionNames]);
  if (!Array.isArray(files) || files.length === 0)
    throw new ArgumentError({ fn, argument: 'files', expected: 'at least one path', got: describe(files) });
  const reader = new SliceReader(files);
  const places: (readonly [file: number, slice: number])[] = [];
  let { crop } = options;
  for (let i = 0; i < files.length; i++) {
    const file = await reader.open(i);
    for (let slice = 0; slice < file.slices; slice++) places.push([i, slice]);
    crop ??= await cropOf(file);
  }
  const samples = new MaskedSamples(fn, options, crop);
  return {
    size: places.length,
    async sample(index: number, key: Key): Promise<Sample> {
      const [file, slice] = places[checkInteger(fn, 'index', index, { min: 0, max: places.length - 1 })]!;
      using coilImages = await reader.coilImages(file, slice);
      return await samples.of(coilImages, key);
    },
    async close(): Promise<void> {
      samples.dispose();
      await reader.close();
    },
  };
}

async function cropOf(file: FastmriFile): Promise<readonly [number, number] | undefined> {
  const { crop, ...tensors } = await file.slice(0);
  for (const held of [tensors.kspace, tensors.mask, tensors.maps, tensors.reference]) held?.dispose();
  return crop;
}

/** Keeps the file open that was read last: a worker that reads HDF5 takes long to start. */
class SliceReader {
  private current: { readonly index: number; readonly file: FastmriFile } | undefined;

  constructor(private readonly files: readonly string[]) {}

  async open(index: number): Promise<FastmriFile> {
    if (this.current?.index === index) return this.current.file;
    await this.close();
    const file = await openFastmri(this.files[index]!, { convert: true });
    this.current = { index, file };
    return file;
  }

  async coilImages(index: number, slice: number): Promise<Tensor> {
    const file = await this.open(index);
    const { kspace, mask, maps, reference } = await file.slice(slice);
    const images = centredIfft(kspace);
    for (const held of [kspace, mask, maps, reference]) held?.dispose();
    return images;
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.file.close();
  }
}
