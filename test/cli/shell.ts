import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../apps/cli/src/run.js';

/** What a command line printed and returned. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own for a test file. */
export const freshFolder = (): Promise<string> => mkdtemp(path.join(tmpdir(), 'adjoint-cli-'));

/** Runs a command line in this process. */
export async function adjoint(
  argv: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const code = await run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text), isTTY: false },
    signal,
  });
  return { code, stdout, stderr };
}

/** The same for one that must be done: throws with what it said otherwise. Its words are split at spaces. */
export async function done(line: string): Promise<string> {
  const { code, stdout, stderr } = await adjoint(line.split(/ +/));
  if (code !== 0) throw new Error(`adjoint ${line}: exit code ${code}: ${stderr}`);
  return stdout;
}

export const json = async (line: string): Promise<Record<string, unknown>> =>
  JSON.parse(await done(`${line} --json`));
