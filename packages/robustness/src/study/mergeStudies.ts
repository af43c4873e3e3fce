import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError, describe } from '@adjoint/tensor';
import { writeAtomically } from './core/atomicFile.js';
import { UnitStore } from './core/store.js';
import { checkFolder } from './options.js';
import { unitsOf } from './plan/plan.js';
import { type SavedPlan, studyRecord } from './record.js';
import type { StudyResult } from './records.js';
import { identityOf, planFile, prepareFolder, runRecord, secondsByKind, writeRecords } from './runStudy.js';

const fn = 'mergeStudies';

/** See the index. */
export async function mergeStudies(parts: readonly string[], out: string): Promise<StudyResult> {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new ArgumentError({ fn, argument: 'parts', expected: 'a list of folders', got: describe(parts) });
  const started = new Date();
  const folder = path.resolve(checkFolder(fn, out));
  const plans = await Promise.all(parts.map(readPlan));
  const [saved] = plans;
  const odd = plans.findIndex((plan) => identityOf(plan) !== identityOf(saved!));
  if (odd > 0)
    throw new ArgumentError({
      fn,
      argument: `part ${odd + 1}`,
      expected: `of the study of ${parts[0]}: ${saved!.manifest.command}`,
      got: `${parts[odd]}: ${plans[odd]!.manifest.command}`,
    });
  await prepareFolder(folder);
  const store = new UnitStore(folder);
  for (const part of parts) await store.copyFrom(new UnitStore(path.resolve(part)));
  await writeAtomically(planFile(folder), `${JSON.stringify(saved)}\n`);
  const units = unitsOf(saved!.plan);
  const record = await studyRecord(saved!, store, units);
  const reused = units.length - record.failures.length;
  const report = { done: 0, reused, failures: [] };
  const seconds = await secondsByKind(store, units);
  const run = runRecord({ jobs: 0, shard: undefined }, started, report, seconds);
  await writeRecords(folder, record, run);
  return { out: folder, record, run };
}

async function readPlan(part: string): Promise<SavedPlan> {
  const file = planFile(path.resolve(checkFolder(fn, part)));
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SavedPlan;
  } catch (error) {
    throw new ArgumentError({
      fn,
      argument: 'parts',
      expected: 'folders of studies',
      got: `${part}: ${(error as Error).message}`,
    });
  }
}
