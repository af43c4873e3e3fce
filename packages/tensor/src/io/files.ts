import { nodeModule } from '../backend/node.js';
import { AdjointError, ArgumentError, describe } from '../errors.js';

/** Loads Node's file functions only when a path is used, so that pages can load this package. */
async function nodeFiles(fn: string) {
  try {
    return await nodeModule<typeof import('node:fs/promises')>('node:fs/promises');
  } catch {
    throw new AdjointError(
      `${fn}: paths need Node. On a page, fetch the bytes and use the decode and encode functions.`,
    );
  }
}

export async function readBytes(fn: string, path: string): Promise<Uint8Array> {
  checkPath(fn, path);
  const { readFile } = await nodeFiles(fn);
  return readFile(path).catch((error: Error) => refuse(fn, 'of a file that can be read', error));
}

function checkPath(fn: string, path: unknown): void {
  if (typeof path !== 'string' || path === '')
    throw new ArgumentError({ fn, argument: 'path', expected: 'a path', got: describe(path) });
}

/** The system's own words (no such file, permission denied, disk full) as an error of this library. */
function refuse(fn: string, expected: string, { message }: Error): never {
  throw new ArgumentError({ fn, argument: 'path', expected, got: message });
}

let written = 0;

/**
 * Writes a file whole or not at all: under a temporary name beside it, flushed to disk, then renamed. A crash or a
 * full disk leaves the old file as it was.
 */
export async function writeBytes(fn: string, path: string, bytes: Uint8Array): Promise<void> {
  checkPath(fn, path);
  const { open, rename, rm } = await nodeFiles(fn);
  const temporary = `${path}.${process.pid}.${++written}.tmp`;
  const expected = 'of a file that can be written';
  const file = await open(temporary, 'wx').catch((error: Error) => refuse(fn, expected, error));
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
    refuse(fn, expected, error as Error);
  }
}
