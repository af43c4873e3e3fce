import { checkOptions, read, type Tensor, tensor } from '@adjoint/tensor';
import { breathing, type LoopOptions } from '../../loop.js';
import { inNameOf } from '../../onBehalf.js';
import { writeFastmri } from '../fastmri/writeFastmri.js';
import type { H5Attributes } from '../hdf5/h5Writer.js';
import { checkPath } from '../replaceFile.js';
import { type IsmrmrdFile, type OpenIsmrmrdOptions, openIsmrmrd } from './openIsmrmrd.js';

export interface ConvertIsmrmrdOptions extends LoopOptions, Omit<OpenIsmrmrdOptions, 'signal'> {
  /** Factor on all samples. Default 1e-7: brings the Stanford knees of mridata.org near the range of fastMRI's files. */
  readonly scale?: number | undefined;
  /** Attributes to write beside `max` and `norm`; for example `acquisition`, `patient_id`. */
  readonly attributes?: H5Attributes | undefined;
}

/**
 * Converts an ISMRMRD file (such as the Stanford fully sampled 3-D knees of mridata.org) to the fastMRI layout: `kspace`
 * [slices, coils, H, W], and, where every line was measured, `reconstruction_rss` cropped to the reconstruction size;
 * else `mask` [W]. Slices are written one by one.
 *
 * @throws FormatError if the file cannot be read.
 */
export async function convertIsmrmrd(
  from: string,
  to: string,
  options: ConvertIsmrmrdOptions = {},
): Promise<void> {
  const fn = 'convertIsmrmrd';
  const known = [
    'timeoutMs',
    'signal',
    'onProgress',
    'readout',
    'scale',
    'select',
    'calibration',
    'device',
    'attributes',
  ];
  const { attributes = {}, scale = 1e-7, onProgress, ...opening } = checkOptions(fn, options, known);
  checkPath(fn, to);
  using file = await openIsmrmrd(from, { ...opening, scale }).catch((error) => {
    throw inNameOf(fn, error);
  });
  const { references, mask } = await survey(file, opening);
  const slices = kspaceOf(file, { signal: opening.signal, onProgress });
  const content = { kspace: { shape: file.shape, dtype: 'c64' as const, slices }, ismrmrd_header: file.xml };
  if (!references) {
    using sampled = mask && tensor(mask);
    await writeFastmri(to, { ...content, mask: sampled, attributes });
    return;
  }
  const [height, width] = references.size;
  using images = tensor(references.values, { shape: [file.slices, height!, width!] });
  const max = references.values.reduce((most, value) => Math.max(most, value), 0);
  const norm = Math.sqrt(references.values.reduce((sum, value) => sum + value * value, 0));
  await writeFastmri(to, {
    ...content,
    reconstruction_rss: images,
    attributes: { max, norm, ...attributes },
  });
}

/** The references of all slices if every slice has one, and the mask if all slices have the same. */
async function survey(file: IsmrmrdFile, options: LoopOptions) {
  const breath = breathing(options);
  const found: Float32Array[] = [];
  let size: readonly number[] = [];
  let mask: Float32Array | undefined;
  for (let i = 0; i < file.slices; i++) {
    const slice = await file.slice(i);
    try {
      const columns = (await read(slice.mask)) as Float32Array;
      if (i === 0) mask = columns;
      else if (mask?.join() !== columns.join()) mask = undefined;
      if (slice.reference) {
        found.push((await read(slice.reference)) as Float32Array);
        size = slice.reference.shape;
      }
    } finally {
      for (const x of [slice.kspace, slice.mask, slice.reference]) x?.dispose();
    }
    await breath();
  }
  if (found.length < file.slices) return { references: undefined, mask };
  const values = new Float32Array(found.length * found[0]!.length);
  for (const [i, image] of found.entries()) values.set(image, i * image.length);
  return { references: { values, size }, mask };
}

async function* kspaceOf(file: IsmrmrdFile, options: LoopOptions): AsyncGenerator<Tensor> {
  const breath = breathing(options);
  for (let i = 0; i < file.slices; i++) {
    const { kspace, mask, reference } = await file.slice(i);
    mask.dispose();
    reference?.dispose();
    yield kspace;
    options.onProgress?.({ step: i + 1, steps: file.slices });
    await breath();
  }
}
