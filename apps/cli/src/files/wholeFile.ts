import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes bytes whole or not at all: under a temporary name beside the target, then renamed. */
export async function writeWhole(
  file: string,
  content: Uint8Array | string,
  signal: AbortSignal,
): Promise<void> {
  const part = partName(file);
  try {
    signal.throwIfAborted();
    await writeFile(part, content, { signal });
    signal.throwIfAborted();
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Of this process, so that two commands that write the same file do not write into each other's. */
const partName = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.part`);
