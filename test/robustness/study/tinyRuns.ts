import { spawn } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StudyOptions } from '@adjoint/robustness';

/** The smallest study that has all: images, tuning, attacks and transfers of two methods. */
export const smallStudy = {
  profile: 'tiny',
  methods: ['zero-filled', 'cg-sense'],
  experiments: ['curves', 'transfer'],
} as const satisfies Partial<StudyOptions>;

const program = fileURLToPath(new URL('./runTiny.ts', import.meta.url));

/** Runs a study in a process of its own, and kills that without warning once so many units are finished. */
export async function killedRun(options: StudyOptions, units: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', program, JSON.stringify(options)],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const watch = setInterval(async () => {
    if ((await finishedUnits(options.out)).size >= units) child.kill('SIGKILL');
  }, 5);
  await ended.finally(() => clearInterval(watch));
  // Workers notice that their parent is gone; one may still be writing.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** When each finished unit of a folder was written: a unit that is computed again is another file. */
export async function finishedUnits(out: string): Promise<Map<string, string>> {
  const folder = path.join(out, 'units');
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const found = new Map<string, string>();
  for (const name of names.filter((file) => file.endsWith('.json'))) {
    const { ino, mtimeMs } = await stat(path.join(folder, name));
    found.set(name, `${ino} ${mtimeMs}`);
  }
  return found;
}

/** The tables, byte for byte. */
export const tablesOf = (out: string): Promise<string> => readFile(path.join(out, 'study.json'), 'utf8');
