import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../failure.js';

/** Requires a file (or a folder, where a format is one) that may be read. Throws UsageError. */
export async function checkInput(file: string, { mayBeFolder = false } = {}): Promise<void> {
  const found = await stat(file).catch((error) => refuse(`cannot read ${file}`, error));
  if (found.isDirectory() && !mayBeFolder) throw new UsageError(`cannot read ${file}: it is a folder.`);
  await access(file, constants.R_OK).catch((error) => refuse(`cannot read ${file}`, error));
}

/**
 * Requires a place where the output can be written, and that it is none of the inputs: asked before the work begins,
 * not after it.
 */
export async function checkOutput(file: string, inputs: readonly (string | undefined)[]): Promise<void> {
  const folder = path.dirname(path.resolve(file));
  const there = await stat(folder).catch(() => undefined);
  if (!there?.isDirectory())
    throw new UsageError(`cannot write ${file}: there is no folder ${path.dirname(file)}. Make it first.`);
  await access(folder, constants.W_OK).catch((error) => refuse(`cannot write ${file}`, error));
  const old = await stat(file).catch(() => undefined);
  if (old?.isDirectory()) throw new UsageError(`cannot write ${file}: it is a folder.`);
  for (const input of inputs)
    if (input !== undefined && path.resolve(input) === path.resolve(file))
      throw new UsageError(`--out ${file} is an input, too: outputs get names of their own.`);
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'part of its path is no folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'its name is too long',
};

function refuse(what: string, error: NodeJS.ErrnoException): never {
  throw new UsageError(`${what}: ${reasons[error.code ?? ''] ?? error.message}.`);
}
