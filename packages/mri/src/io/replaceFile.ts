import { AdjointError, ArgumentError, describe } from '@adjoint/tensor';
import { nodeModule } from './node.js';

export type FileModule = typeof import('node:fs/promises');

/** Node's file functions, loaded only when a path is used, so that pages can load this package. */
export async function nodeFiles(fn: string): Promise<FileModule> {
  try {
    return await nodeModule<FileModule>('node:fs/promises');
  } catch {
    throw new AdjointError(`${fn}: paths need Node. On a page, pass the bytes or the Blob.`);
  }
}

export function checkPath(fn: string, path: unknown): string {
  if (typeof path === 'string' && path !== '') return path;
  throw new ArgumentError({ fn, argument: 'path', expected: 'a path', got: describe(path) });
}

/** The system's own words (no such file, permission denied, disk full) as an error of this library. */
export function refuseFile(fn: string, path: string, doing: 'read' | 'written', error: unknown): never {
  throw new ArgumentError({
    fn,
    argument: 'path',
    expected: `of a file that can be ${doing}`,
    got: error instanceof Error ? error.message : `${path}: ${String(error)}`,
  });
}

let written = 0;

/**
 * Makes a file whole or not at all: `write` gets a temporary name in the same folder, which is flushed to disk and then
 * renamed. If anything fails, the old file is as it was and the temporary one is gone.
 */
export async function replaceFile(
  fn: string,
  path: string,
  write: (temporary: string) => Promise<void>,
): Promise<void> {
  await replaceFiles(fn, [path], ([temporary]) => write(temporary!));
}

/** `replaceFile` for files that belong together; they are renamed in order, one right after the other. */
export async function replaceFiles(
  fn: string,
  paths: readonly string[],
  write: (temporaries: readonly string[]) => Promise<void>,
): Promise<void> {
  for (const path of paths) checkPath(fn, path);
  const { open, rename, rm } = await nodeFiles(fn);
  const temporaries = paths.map((path) => `${path}.${process.pid}.${++written}.tmp`);
  try {
    await write(temporaries);
    for (const temporary of temporaries) {
      const file = await open(temporary, 'r+');
      await file.sync().finally(() => file.close());
    }
    for (const [k, temporary] of temporaries.entries()) await rename(temporary, paths[k]!);
  } catch (error) {
    for (const temporary of temporaries) await rm(temporary, { force: true });
    if (error instanceof AdjointError || !isSystemError(error)) throw error;
    refuseFile(fn, paths[0]!, 'written', error);
  }
}

const isSystemError = (error: unknown): boolean => error instanceof Error && 'code' in error;
