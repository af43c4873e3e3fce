import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { ArgumentError, createDevice, describe, loadSafetensors } from '@adjoint/tensor';
import { writeAtomically } from '../study/core/atomicFile.js';
import { UnitStore } from '../study/core/store.js';
import type { RunRecord, StudyRecord } from '../study/records.js';
import { type ReadArrays, reportContext, type StoredArray } from './context.js';
import { reportPage } from './page.js';
import { studyTables } from './tables/studyTables.js';
import { csvText, type Table, tableJson } from './tables/table.js';

/** A finished study: its record, and the folder whose units hold the arrays that pictures are made of. */
export interface ReportedStudy {
  readonly record: StudyRecord;
  /** The day and the machine; the page says so where it is not known. */
  readonly run?: RunRecord | undefined;
  /** Folder of the study; without it, or without its units, the report has no pictures of images. */
  readonly out?: string | undefined;
}

/** What was written, relative to the folder. */
export interface WrittenReport {
  readonly files: readonly string[];
}

const fn = 'writeReport';

/** See the index. */
export async function writeReport(study: ReportedStudy, out: string): Promise<WrittenReport> {
  const { record, run } = study ?? {};
  if (record?.format !== 'adjoint study 1')
    throw wrong('study', 'with a record of runStudy', describe(record?.format));
  if (typeof out !== 'string' || out === '') throw wrong('out', 'a folder', describe(out));
  const context = reportContext(record, run, await arraysOf(study.out));
  const page = await reportPage(context);
  const tables = studyTables(record);
  const files = new Map<string, string | Uint8Array>([
    ...tables.map((table) => [`${table.name}.csv`, csvText(table)] as const),
    ...[...context.figures.files].map(([name, content]) => [`figures/${name}`, content] as const),
  ]);
  const results = resultsText(record, tables, [...files.keys()]);
  try {
    await mkdir(path.join(out, 'figures'), { recursive: true });
    for (const [name, content] of files) await writeAtomically(path.join(out, name), content);
    for (const name of await formerFiles(out))
      if (!files.has(name)) await rm(path.join(out, name), { force: true });
    await writeAtomically(path.join(out, 'results.json'), results);
    await writeAtomically(path.join(out, 'report.html'), page);
  } catch (error) {
    throw wrong('out', 'a folder that can be written', (error as Error).message);
  }
  return { files: [...files.keys(), 'results.json', 'report.html'] };
}

const wrong = (argument: string, expected: string, got: string): ArgumentError =>
  new ArgumentError({ fn, argument, expected, got });

/** Every table with what is needed to read it, and the names of the files beside it. */
function resultsText({ manifest }: StudyRecord, tables: readonly Table[], files: readonly string[]): string {
  const { command, seed, versions, device, limits } = manifest;
  const content = Object.fromEntries(tables.map((table) => [table.name, tableJson(table)]));
  return `${JSON.stringify({ format: 'adjoint report 1', command, seed, versions, device, limits, files, tables: content })}\n`;
}

/**
 * What an earlier report left in the folder. Tables that it had and this one has not, such as failures, would be taken
 * for this one's; anything else in the folder is not ours.
 */
async function formerFiles(out: string): Promise<readonly string[]> {
  const read = async (): Promise<{ files?: unknown }> =>
    JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8'));
  const { files } = await read().catch(() => ({ files: [] }));
  const isOurs = (name: unknown): name is string =>
    typeof name === 'string' && /^(figures\/)?[\w.-]+\.(csv|svg|png)$/.test(name);
  return Array.isArray(files) ? files.filter(isOurs) : [];
}

/** Reads from the store of a study's folder; pictures are shown once each, so that nothing is kept. */
async function arraysOf(folder: string | undefined): Promise<ReadArrays> {
  if (folder === undefined) return async () => undefined;
  const store = new UnitStore(folder);
  // whatever device the caller computes on stays free
  const device = await createDevice({ device: 'reference' });
  return async (unit) => {
    if (!store.has(unit)) return undefined;
    const { tensors } = await loadSafetensors(store.arraysFile(unit), { device });
    const arrays: Record<string, StoredArray> = {};
    for (const [name, tensor] of Object.entries(tensors)) {
      arrays[name] = { shape: tensor.shape, data: (await tensor.data()) as ArrayLike<number> };
      tensor.dispose();
    }
    return arrays;
  };
}
