import type { StudyOptions } from './options.js';
import type { StudyResult } from './records.js';

export type { StudyProgress } from './core/schedule.js';
export type { StudyDataset, StudyImage } from './data/dataset.js';
export type { StudyOptions } from './options.js';
export type { StudyProgram } from './plan/externalPlan.js';
export type * from './records.js';

// The engine is loaded when it is called: it needs Node, and pages load this package, too.

/**
 * Runs a study: reconstructions, attacks, transfers, heat maps of several methods on several images, in worker
 * processes on all cores. Every unit of work is a file in `out/units`, named by the digest of all it depends on and
 * written whole: a run that was killed goes on with `resume` and repeats nothing that is finished, and gives the same
 * tables. A unit that fails is recorded in `failures`, and the others go on.
 *
 * Leaves `study.json` (the tables: a StudyRecord) and `run.json` in `out`; `writeReport` makes pages of them. Node.
 *
 * @throws ArgumentError for options out of range, a folder that holds another study, weights or data that cannot be
 * read; AdjointError where no unit can run; the signal's reason
 * @example
 * const study = await runStudy({ profile: 'quick', out: 'study', resume: true });
 * await writeReport(study, study.out);
 */
export async function runStudy(options: StudyOptions): Promise<StudyResult> {
  const engine = await import('./runStudy.js');
  return engine.runStudy(options);
}

/**
 * Puts the parts of a study together that ran with `shard`, and writes the tables that one run of all would have given.
 *
 * @param parts folders of the parts
 * @param out folder of the whole
 * @throws ArgumentError for parts of different studies
 */
export async function mergeStudies(parts: readonly string[], out: string): Promise<StudyResult> {
  const engine = await import('./mergeStudies.js');
  return engine.mergeStudies(parts, out);
}
