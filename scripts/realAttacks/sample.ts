import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { openFastmri } from '@adjoint/mri';
import { command } from './command.js';

/** One slice of a file of fully sampled k-space, and the mask that samples it. */
export interface Sample {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly file: string;
  readonly slice: number;
  /** [coils, H, W] */
  readonly shape: readonly number[];
  readonly mask: string;
  /** Columns that the mask keeps. */
  readonly columns: number;
}

/** In words of `adjoint mask`: a quarter of the columns, the centre among them, the others at random. */
const maskWords = [
  ...['--type', 'study', '--pattern', 'random', '--acceleration', '4'],
  ...['--center-fraction', '0.08', '--seed', '1'],
];

/** The HDF5 files of a folder, sorted; `only` names one, with or without its ending. */
export async function filesOf(folder: string, only: string | undefined): Promise<string[]> {
  const entries = await readdir(folder).catch(() => {
    throw new Error(`${folder} is missing: --data names a folder of fully sampled k-space`);
  });
  const names = entries.filter((name) => name.endsWith('.h5')).sort();
  const chosen = names.filter(
    (name) => only === undefined || path.basename(only, '.h5') === path.basename(name, '.h5'),
  );
  if (chosen.length === 0)
    throw new Error(`${folder} has no ${only ?? '.h5 file'}; it has ${names.join(', ') || 'no .h5 file'}`);
  return chosen.map((name) => path.join(folder, name));
}

/** The middle slice of a file, with a mask written into `folder`. */
export async function sampleOf(file: string, folder: string, signal: AbortSignal): Promise<Sample> {
  const name = path.basename(file, '.h5');
  using open = await openFastmri(file);
  const [slices, ...shape] = open.shape;
  const mask = path.join(folder, `${name}.mask.h5`);
  const { sampled } = await command(
    ['mask', ...maskWords, '--width', `${shape.at(-1)}`, '--out', mask],
    signal,
  );
  return { name, file, slice: Math.floor(slices / 2), shape, mask, columns: sampled as number };
}
