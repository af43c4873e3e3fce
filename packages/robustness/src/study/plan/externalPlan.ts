import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { externalMethod } from '../../external/index.js';
import type { MethodPlan } from './methodPlan.js';

/** A program that takes part in a study as a method: see `externalMethod`. */
export interface StudyProgram {
  /** A command line for the system's shell, in the folder the study is started in, with {in} and {out}. */
  readonly command: string;
  /** In tables and figures; letters, digits, `.`, `-` and `_`. Default 'external'. */
  readonly name?: string | undefined;
}

/** A program as its results depend on it: another command or other files are another method. */
export type ProgramIdentity = {
  readonly command: string;
  /** SHA-256 of the files that the command names and that are there. */
  readonly files: Readonly<Record<string, string>>;
};

/**
 * The method that a program is. It has no gradients and no objective, so that no attack can be made for it.
 *
 * @throws ArgumentError for a command without {in} or {out}
 */
export async function externalPlan({ command, name = 'external' }: StudyProgram): Promise<MethodPlan> {
  externalMethod({ command, name }); // refuses what it could not run
  const program: ProgramIdentity = { command, files: await digestsOf(filesNamed(command)) };
  return {
    ...{ name, about: 'a program of its own, which takes HDF5 and gives HDF5', files: {} },
    ...{ parameters: { name, iterations: null, weights: null, program }, attack: [], tuning: null },
    ...{ trained: null, cost: 1 },
  };
}

/** What may be a file in a command line: words, what quotes hold, and what follows `=`. */
export function filesNamed(command: string): string[] {
  const words = Array.from(command.matchAll(/"([^"]*)"|'([^']*)'|([^\s"';|&<>()]+)/g), ([, a, b, c]) => {
    return a ?? b ?? c ?? '';
  });
  const parts = words.flatMap((word) => [word, word.slice(word.indexOf('=') + 1)]);
  return [...new Set(parts)].filter((word) => word !== '' && !/\{(in|out)\}/.test(word)).sort();
}

async function digestsOf(words: readonly string[]): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const word of words) {
    const found = await stat(word).catch(() => undefined);
    if (found?.isFile()) digests[word] = await digestOfFile(word);
  }
  return digests;
}

/** Weights of networks may be large: never whole in memory. */
async function digestOfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
