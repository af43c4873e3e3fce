import { createHash } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Scores } from '@adjoint/mri';
import type { AttackFlag } from '@adjoint/robustness';
import { attackWords, type Case } from './cases.js';
import { command } from './command.js';
import type { Sample } from './sample.js';

/** A row of the tables. */
export interface Row {
  readonly sample: Sample;
  readonly case: Case;
  readonly epsilon: number;
}

/** What `adjoint attack` reports of the one slice, and how long it took. */
export interface Outcome {
  readonly clean: Scores;
  readonly attacked: Scores;
  /** Of noise of the same norm on the same samples. */
  readonly noisy: Scores;
  /** ‖e‖/‖y‖ */
  readonly epsilonSampled: number;
  readonly flags: readonly AttackFlag[];
  readonly seconds: number;
}

/** Outcomes of earlier runs, by the words of the command and the size of its file. */
export class Outcomes {
  constructor(
    private readonly folder: string,
    private readonly threads: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** What an earlier run left of a row. */
  async known(row: Row): Promise<Outcome | undefined> {
    const text = await readFile(await this.place(row), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Runs the command of a row. */
  async make(row: Row): Promise<Outcome> {
    const { sample } = row;
    const place = await this.place(row);
    const result = `${place}.h5`;
    const start = performance.now();
    const report = await command(
      [
        ...[...wordsOf(row), '--in', sample.file, '--mask', sample.mask, '--out', result],
        // not a GPU where there is one: the page's figures are of one kind of arithmetic
        ...['--device', 'wasm', ...(this.threads === undefined ? [] : ['--threads', this.threads])],
      ],
      this.signal,
    );
    const seconds = (performance.now() - start) / 1000;
    await rm(result); // pictures of the data stay where the data are
    const [{ clean, attacked, noisy, epsilonSampled, flags }] = report.slices as [Outcome];
    const outcome: Outcome = { clean, attacked, noisy, epsilonSampled, flags, seconds };
    await writeFile(`${place}.part`, JSON.stringify(outcome));
    await rename(`${place}.part`, place);
    return outcome;
  }

  private async place(row: Row): Promise<string> {
    const { name, file } = row.sample;
    const { size } = await stat(file);
    const hash = createHash('sha256').update(JSON.stringify([name, size, wordsOf(row)]));
    return path.join(this.folder, `${name}.${hash.digest('hex').slice(0, 16)}.json`);
  }
}

const wordsOf = ({ sample, case: of, epsilon }: Row): string[] => [
  ...['attack', ...attackWords(of, epsilon)],
  ...['--slices', `${sample.slice}`],
];
