import { stat } from 'node:fs/promises';
import type { Tensor } from '@adjoint/tensor';
import { UsageError } from '../failure.js';
import type { Session } from '../session.js';
import type { Arrays } from './arrays.js';
import { checkInput } from './checkFiles.js';
import { withH5 } from './hdf5.js';

/** What to read of a file that has several of it. */
export interface Choice {
  /** UID of a DICOM series. */
  readonly series?: string | undefined;
}

/** A kind of file by its endings. */
interface Format {
  readonly title: string;
  readonly endings: readonly string[];
  /** Whether it holds one array, without a name. */
  readonly isSingle: boolean;
  /** Two files, which may be named without their endings. */
  readonly isPair?: boolean;
  read(file: string, session: Session, choice: Choice): Promise<Arrays>;
  /** Missing where files are only read. */
  write?(file: string, arrays: Arrays): Promise<void>;
}

const single = (x: Tensor, name = ''): Arrays => ({ tensors: { [name]: x }, texts: {}, attributes: {} });

/** The array of a format that holds one; whoever writes has picked it before. */
const only = ({ tensors }: Arrays): Tensor => Object.values(tensors)[0]!;

const library = () => import('@adjoint/mri');
const core = () => import('@adjoint/tensor');

const formats: readonly Format[] = [
  {
    title: 'HDF5 (fastMRI layout, ISMRMRD)',
    endings: ['.h5', '.hdf5', '.mrd'],
    isSingle: false,
    read: readHdf5,
    // Written by the command itself, which knows where the result comes from.
  },
  {
    title: 'BART cfl',
    endings: ['.cfl', '.hdr'],
    isSingle: true,
    isPair: true,
    async read(file) {
      const { kspaceOfBart, readCfl } = await library();
      using stored = await readCfl(file);
      return single(kspaceOfBart(stored));
    },
    async write(file, arrays) {
      const { kspaceToBart, writeCfl } = await library();
      const { complex, isComplex, reshape } = await core();
      const x = only(arrays);
      using full = x.shape.length < 3 ? reshape(x, [1, 1, ...x.shape].slice(-3)) : x.alias();
      using ordered = kspaceToBart(isComplex(full.dtype) ? full : complex(full, 0));
      await writeCfl(file, ordered);
    },
  },
  {
    title: 'NumPy npy',
    endings: ['.npy'],
    isSingle: true,
    read: async (file) => single(await (await core()).loadNpy(file)),
    write: async (file, arrays) => (await core()).saveNpy(file, only(arrays)),
  },
  {
    title: 'NumPy npz',
    endings: ['.npz'],
    isSingle: false,
    read: async (file) => ({ tensors: await (await core()).loadNpz(file), texts: {}, attributes: {} }),
    write: async (file, { tensors }) => (await core()).saveNpz(file, tensors),
  },
  {
    title: 'safetensors',
    endings: ['.safetensors'],
    isSingle: false,
    async read(file) {
      const { tensors, metadata } = await (await core()).loadSafetensors(file);
      return { tensors, texts: {}, attributes: metadata };
    },
    async write(file, { tensors, attributes }) {
      const { saveSafetensors } = await core();
      const strings = Object.entries(attributes).map(([key, value]) => [key, String(value)]);
      await saveSafetensors(file, tensors, Object.fromEntries(strings));
    },
  },
  {
    title: 'NIfTI',
    endings: ['.nii', '.nii.gz'],
    isSingle: true,
    read: async (file) => single((await (await library()).readNifti(file)).image),
    write: async (file, arrays) => (await library()).writeNifti(file, only(arrays)),
  },
  {
    title: 'MINC (raw values with a header beside them)',
    endings: ['.mnc', '.raw', '.raw.gz', '.header', '.header.gz'],
    isSingle: true,
    isPair: true,
    read: async (file) => single((await (await library()).readMinc(file)).image),
  },
  {
    title: 'DICOM (a file or a folder of them)',
    endings: ['.dcm', '.ima'],
    isSingle: true,
    async read(file, _session, { series }) {
      const { readDicomSeries } = await library();
      const isFolder = (await stat(file)).isDirectory();
      return single((await readDicomSeries(isFolder ? file : [file], { series })).image);
    },
  },
];

/** What `readable` and `writable` name, for help texts. */
export const readableTitles = formats.map(({ title }) => title).join(', ');
export const writableTitles = [
  'HDF5',
  ...formats.filter(({ write }) => write).map(({ title }) => title),
].join(', ');

/** Whether a file is written as HDF5, and so says where it comes from. */
export const isHdf5 = (file: string): boolean => formatOf(file)?.endings.includes('.h5') ?? false;

const formatOf = (file: string): Format | undefined =>
  formats.find(({ endings }) => endings.some((ending) => file.toLowerCase().endsWith(ending)));

/** Reads a file of any format. Throws UsageError for an ending that none has. */
export async function readArrays(
  file: string,
  session: Session,
  choice: Choice = {},
): Promise<Arrays & { isSingle: boolean }> {
  const format = await readingFormat(file);
  return { ...(await format.read(file, session, choice)), isSingle: format.isSingle };
}

async function readingFormat(file: string): Promise<Format> {
  const found = await stat(file).catch(() => undefined);
  const format = found?.isDirectory() ? formatOf('.dcm') : formatOf(file);
  if (!format?.isPair && !found?.isDirectory()) await checkInput(file);
  if (!format) throw unknownEnding(file, formats);
  return format;
}

/** Writes arrays in the format that the file's ending names. Throws UsageError for an ending that none has. */
export async function writeArrays(file: string, arrays: Arrays): Promise<void> {
  await writingFormat(file).write!(file, arrays);
}

/** Whether a format takes one array only. Throws UsageError for an ending that no format that is written has. */
export const takesOne = (file: string): boolean => writingFormat(file).isSingle;

function writingFormat(file: string): Format {
  const format = formatOf(file);
  if (format?.write || isHdf5(file)) return format!;
  throw unknownEnding(
    file,
    formats.filter(({ write, endings }) => write || endings.includes('.h5')),
  );
}

const unknownEnding = (file: string, known: readonly Format[]): UsageError =>
  new UsageError(
    `the format of ${file}? Its ending is none of ${known.flatMap(({ endings }) => endings).join(' ')}.`,
  );

/** All datasets of an HDF5 file; the slices of an ISMRMRD file, which are no dataset but lines, as `kspace`. */
async function readHdf5(file: string, session: Session): Promise<Arrays> {
  const isRaw = await withH5(file, session, async (h5) =>
    [...h5.datasets.keys()].some((name) => /(^|\/)xml$/.test(name)),
  );
  if (isRaw) return readIsmrmrd(file, session);
  const { readH5 } = await library();
  const { tensors, texts, attributes } = await readH5(file, { signal: session.signal });
  const kept = Object.entries(attributes).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === 'string' || typeof entry[1] === 'number',
  );
  return { tensors, texts, attributes: Object.fromEntries(kept) };
}

async function readIsmrmrd(file: string, session: Session): Promise<Arrays> {
  const { openIsmrmrd } = await library();
  const { stack } = await core();
  using raw = await openIsmrmrd(file, { signal: session.signal });
  session.progress.begin('read', raw.slices);
  const slices: Tensor[] = [];
  for (let i = 0; i < raw.slices; i++) {
    const { kspace, mask, reference } = await raw.slice(i);
    mask.dispose();
    reference?.dispose();
    slices.push(kspace);
    session.progress.next();
  }
  const kspace = stack(slices);
  for (const slice of slices) slice.dispose();
  return { tensors: { kspace }, texts: { ismrmrd_header: raw.xml }, attributes: {} };
}
