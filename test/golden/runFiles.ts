import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { type DeviceName, openDevices } from './devices.js';
import { runSuite } from './runSuite.js';
import type { Suite } from './suite.js';
import { suites } from './suites.js';
import { Tally } from './tally.js';

export interface GoldenOptions {
  readonly folder: string;
  /** Files by name; empty: all that are found. */
  readonly named: readonly string[];
  /** Default: every backend. */
  readonly device?: DeviceName;
}

/** Runs the golden files of a folder and prints what happened. Never throws: whatever goes wrong is a failure. */
export async function runFiles(options: GoldenOptions, print: (line: string) => void): Promise<Tally> {
  const tally = new Tally(print);
  try {
    await runFolder(options, tally);
  } catch (error) {
    tally.fail('golden', error);
  }
  print(tally.summary);
  return tally;
}

async function runFolder({ folder, named, device }: GoldenOptions, tally: Tally): Promise<void> {
  const found = filesIn(folder);
  tally.print(`golden files of ${folder}`);
  const covered: Suite[] = [];
  for (const file of new Set(named.length > 0 ? named : found)) {
    const suite = suites.find((candidate) => candidate.file === file);
    if (!found.includes(file)) tally.fail(file, `there is no ${file}.h5 in the folder`);
    else if (suite) covered.push(suite);
    else if (named.length > 0) tally.fail(file, 'not covered yet: no package runs the cases of this file');
    else tally.print(`${file.padEnd(14)} not covered yet`);
  }
  if (covered.length === 0) return;
  const devices = await openDevices(device);
  for (const suite of covered) await runSuite(suite, path.join(folder, `${suite.file}.h5`), devices, tally);
  for (const opened of devices) opened.dispose();
}

/** Names of the golden files in a folder, in alphabetical order. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`the folder ${folder} does not exist`);
  const files = readdirSync(folder).filter((name) => name.endsWith('.h5'));
  if (files.length === 0) throw new Error(`there is no .h5 file in ${folder}`);
  return files.map((name) => name.slice(0, -3)).sort();
}
