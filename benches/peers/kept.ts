import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RaceResult } from './race.js';

/** Results of a run, row by row in a folder, so that a run that was interrupted can go on. */
export interface KeptResults {
  /** The result of a row, if it was measured under the same conditions. */
  read(row: string): Promise<RaceResult | undefined>;
  write(row: string, result: RaceResult): Promise<void>;
  clear(): Promise<void>;
}

/** @param conditions what a figure depends on besides the row: machine, builds, rounds */
export function keptResults(folder: string, conditions: unknown): KeptResults {
  const digest = (row: string): string =>
    createHash('sha256')
      .update(JSON.stringify([conditions, row]))
      .digest('hex')
      .slice(0, 16);
  const fileOf = (row: string): string => path.join(folder, `${digest(row)}.json`);
  return {
    async read(row) {
      const text = await readFile(fileOf(row), 'utf8').catch(() => undefined);
      // NaN, the difference of who was never compared, is null in JSON
      return text === undefined ? undefined : JSON.parse(text, (_, value) => (value === null ? NaN : value));
    },
    async write(row, result) {
      await mkdir(folder, { recursive: true });
      await writeFile(`${fileOf(row)}.part`, JSON.stringify(result));
      await rename(`${fileOf(row)}.part`, fileOf(row));
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
}
