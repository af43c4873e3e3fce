import { AdjointError } from '../errors.js';

/** Loads Node's file functions only when a path is used, so that pages can load this package. */
async function nodeFiles(fn: string) {
  try {
    return await import('node:fs/promises');
  } catch {
    throw new AdjointError(
      `${fn}: paths need Node. On a page, fetch the bytes and use the decode and encode functions.`,
    );
  }
}

export async function readBytes(fn: string, path: string): Promise<Uint8Array> {
  const { readFile } = await nodeFiles(fn);
  return readFile(path);
}

let written = 0;

/**
 * Writes a file whole or not at all: under a temporary name beside it, flushed to disk, then renamed. A crash or a
 * full disk leaves the old file as it was.
 */
export async function writeBytes(fn: string, path: string, bytes: Uint8Array): Promise<void> {
  const { open, rename, rm } = await nodeFiles(fn);
  const temporary = `${path}.${process.pid}.${++written}.tmp`;
  const file = await open(temporary, 'wx');
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
