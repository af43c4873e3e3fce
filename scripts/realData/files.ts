import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** Real data that developers have beside the repository; it is never committed. */
export const dataFolder = path.join(import.meta.dirname, '..', '..', '..', 'shared', 'data');

/** The HDF5 files of a folder of the data, sorted. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(path.join(dataFolder, folder)).catch(() => {
    throw new Error(`real-data: ${path.join(dataFolder, folder)} is missing; the table needs it`);
  });
  return entries
    .filter((name) => name.endsWith('.h5'))
    .sort()
    .map((name) => path.join(dataFolder, folder, name));
}
