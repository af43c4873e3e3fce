import { AdjointError } from '@adjoint/tensor';

/** Whether there is a file; any trouble with it is left to whoever reads it. */
export async function fileExists(path: string): Promise<boolean> {
  let files: typeof import('node:fs/promises');
  try {
    const name = 'node:fs/promises';
    files = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  } catch {
    throw new AdjointError('fit: checkpoints are files and need Node.');
  }
  return files.access(path).then(
    () => true,
    () => false,
  );
}
