import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, platform, release } from 'node:os';
import path from 'node:path';
import { ArgumentError } from '@adjoint/tensor';
import { writeAtomically } from './core/atomicFile.js';
import { canonicalJson } from './core/digest.js';
import { runUnits, type ScheduleReport } from './core/schedule.js';
import { UnitStore } from './core/store.js';
import type { Unit } from './core/unit.js';
import { WorkerProcess } from './core/workerProcess.js';
import { planData } from './data/planData.js';
import { manifestOf } from './manifest.js';
import { checkStudyOptions, type StudyOptions, type StudySettings } from './options.js';
import { planMethods } from './plan/methodPlan.js';
import { planStudy, unitsOf } from './plan/plan.js';
import { profiles } from './plan/profiles.js';
import { type SavedPlan, studyRecord } from './record.js';
import type { RunRecord, StudyResult } from './records.js';
import { shardOf } from './shard.js';

const fn = 'runStudy';
/** Times as long as planned: a machine that slow is believed to have something else to do. */
const slowest = 30;

/** See the index. */
export async function runStudy(options: StudyOptions): Promise<StudyResult> {
  const settings = checkStudyOptions(fn, options, availableParallelism());
  const started = new Date();
  const { out, resume, shard, seed, device, jobs, externalTimeoutMs, signal, onProgress } = settings;
  await prepareFolder(out);
  const saved = await planOf(settings);
  await settlePlan(out, saved, resume);
  const store = new UnitStore(out);
  const units = shard ? shardOf(unitsOf(saved.plan), shard) : unitsOf(saved.plan);
  const { unitLimit } = profiles[settings.profile];
  const worker = { folder: out, device, threads: 0, seed, externalTimeoutMs };
  const limitOf = ({ cost }: Unit) => Math.max(unitLimit, Math.ceil(slowest * cost));
  const launch = () => new WorkerProcess(worker, limitOf);
  const report = await runUnits({ units, store, jobs, launch, signal, onProgress });
  const record = await studyRecord(saved, store, units);
  const run = runRecord(settings, started, report, await secondsByKind(store, units));
  // The tables of a part would look like those of a study.
  if (!shard) await writeRecords(out, record, run);
  return { out, record, run };
}

/** Both records as files: the tables, and apart from them what depends on the day. */
export async function writeRecords(
  out: string,
  record: StudyResult['record'],
  run: RunRecord,
): Promise<void> {
  await writeAtomically(path.join(out, 'run.json'), `${JSON.stringify(run, undefined, 1)}\n`);
  await writeAtomically(path.join(out, 'study.json'), `${JSON.stringify(record)}\n`);
}

/** Plans everything before anything runs. */
async function planOf(settings: StudySettings): Promise<SavedPlan> {
  const profile = profiles[settings.profile];
  const methods = await planMethods(settings, profile);
  const data = await planData(settings, profile);
  const { experiments, seed } = settings;
  const plan = planStudy({ profile, experiments, methods, data, seed });
  return { format: 'adjoint study plan 1', manifest: manifestOf(settings, profile, methods, data), plan };
}

export const planFile = (out: string): string => path.join(out, 'plan.json');

/** Requires a folder that can be written, before hours are spent. */
export async function prepareFolder(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
    const probe = path.join(out, '.writable');
    await writeAtomically(probe, '');
    await rm(probe);
  } catch (error) {
    throw new ArgumentError({
      fn,
      argument: 'option out',
      expected: 'a folder that can be written',
      got: (error as Error).message,
    });
  }
}

/** A folder holds one study: its plan is the same in every run that goes on with it. */
async function settlePlan(out: string, saved: SavedPlan, resume: boolean): Promise<void> {
  const file = planFile(out);
  if (!existsSync(file)) return writeAtomically(file, `${JSON.stringify(saved)}\n`);
  const refuse = (got: string, remedy: string): never => {
    throw new ArgumentError({
      fn,
      argument: 'option out',
      expected: 'a folder without a study',
      got,
      remedy,
    });
  };
  if (!resume) refuse(`${out}, which has one`, 'Go on with it (resume), or take another folder.');
  const before = JSON.parse(await readFile(file, 'utf8')) as SavedPlan;
  if (identityOf(before) === identityOf(saved)) return;
  refuse(`${out} with another one: ${before.manifest.command}`, 'Take another folder, or the same options.');
}

/** What two runs of one study have in common: all but where files lie. */
export const identityOf = ({ manifest, plan }: SavedPlan): string =>
  canonicalJson({ ...manifest, command: '', units: unitsOf(plan).map(({ hash }: Unit) => hash) });

/** Processor time that finished units took, whenever that was. */
export async function secondsByKind(
  store: UnitStore,
  units: readonly Unit[],
): Promise<RunRecord['secondsByKind']> {
  const seconds: Record<string, number> = {};
  for (const { hash, kind } of units)
    if (store.has(hash)) seconds[kind] = (seconds[kind] ?? 0) + (await store.read(hash)).seconds;
  return seconds;
}

/** The day and the machine. */
export function runRecord(
  { jobs, shard }: Pick<StudySettings, 'jobs' | 'shard'>,
  started: Date,
  { done, reused, failures }: Pick<ScheduleReport, 'done' | 'reused' | 'failures'>,
  secondsByKind: RunRecord['secondsByKind'],
): RunRecord {
  const finished = new Date();
  return {
    ...{ started: started.toISOString(), finished: finished.toISOString() },
    seconds: (finished.getTime() - started.getTime()) / 1000,
    ...{ jobs, shard: shard ? `${shard.index}/${shard.count}` : null },
    ...{
      node: process.version,
      platform: `${platform()} ${release()}`,
      processor: cpus()[0]?.model ?? 'unknown',
    },
    units: { done, reused, failed: failures.length },
    secondsByKind,
  };
}
