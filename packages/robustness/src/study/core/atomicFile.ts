import { open, rename, rm } from 'node:fs/promises';

let written = 0;

/**
 * Writes a file whole or not at all: under a temporary name beside it, flushed, then renamed. Readers and later runs
 * never see half a file, whenever this process is killed.
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.${++written}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
