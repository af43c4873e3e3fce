import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { encodeSafetensors, loadSafetensors, type Tensor } from '@adjoint/tensor';
import type { JsonValue } from '../records.js';
import { writeAtomically } from './atomicFile.js';
import type { Unit } from './unit.js';

/** What a unit leaves: numbers, and arrays if it has any. */
export interface UnitOutput {
  readonly result: object;
  readonly tensors?: Readonly<Record<string, Tensor>> | undefined;
}

export interface StoredUnit {
  readonly kind: string;
  readonly label: string;
  readonly result: JsonValue;
  /** Processor time it took; says nothing about the result. */
  readonly seconds: number;
}

/**
 * Finished units in a folder, `units/ab/abcd….json` and `.safetensors` beside it. A unit is finished once its JSON is
 * there, which is written last and by renaming: a process may be killed at any moment, and two may write the same
 * unit at once.
 */
export class UnitStore {
  constructor(readonly folder: string) {}

  has(hash: string): boolean {
    return existsSync(this.file(hash, 'json'));
  }

  async read(hash: string): Promise<StoredUnit> {
    return JSON.parse(await readFile(this.file(hash, 'json'), 'utf8')) as StoredUnit;
  }

  /** On the current device. Throws ArgumentError for a unit without arrays. */
  async readTensors(hash: string): Promise<Record<string, Tensor>> {
    return (await loadSafetensors(this.file(hash, 'safetensors'))).tensors;
  }

  async write(unit: Unit, { result, tensors }: UnitOutput, seconds: number): Promise<void> {
    await mkdir(path.dirname(this.file(unit.hash, 'json')), { recursive: true });
    if (tensors !== undefined)
      await writeAtomically(this.file(unit.hash, 'safetensors'), await encodeSafetensors(tensors));
    const { kind, label, parameters, inputs } = unit;
    const stored = { kind, label, parameters, inputs, result, seconds };
    await writeAtomically(this.file(unit.hash, 'json'), `${JSON.stringify(stored)}\n`);
    await rm(this.failureFile(unit.hash), { force: true });
    await rm(this.checkpointFile(unit.hash), { force: true });
  }

  /** Remembers why a unit did not finish, for the tables of a merge. */
  async writeFailure(unit: Unit, error: string): Promise<void> {
    await mkdir(path.dirname(this.failureFile(unit.hash)), { recursive: true });
    await writeAtomically(this.failureFile(unit.hash), `${JSON.stringify({ label: unit.label, error })}\n`);
  }

  async readFailure(hash: string): Promise<string | undefined> {
    const text = await readFile(this.failureFile(hash), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as { error: string }).error;
  }

  /** Takes over finished units and failures of another store that this one does not have. */
  async copyFrom(other: UnitStore): Promise<void> {
    for (const kind of ['units', 'failures']) {
      const from = path.join(other.folder, kind);
      for (const name of (await listFiles(from)).sort(jsonLast)) {
        const to = path.join(this.folder, kind, name);
        if (existsSync(to)) continue;
        await mkdir(path.dirname(to), { recursive: true });
        await writeAtomically(to, await readFile(path.join(from, name)));
      }
    }
  }

  /** Of a unit's arrays. */
  arraysFile(hash: string): string {
    return this.file(hash, 'safetensors');
  }

  /** Where a unit may keep how far it is, until it is finished. */
  checkpointFile(hash: string): string {
    return this.file(hash, 'checkpoint.safetensors');
  }

  private file(hash: string, ending: string): string {
    return path.join(this.folder, 'units', hash.slice(0, 2), `${hash}.${ending}`);
  }

  private failureFile(hash: string): string {
    return path.join(this.folder, 'failures', `${hash}.json`);
  }
}

/** A unit's JSON declares it finished, so its arrays come first. */
const jsonLast = (a: string, b: string): number => Number(a.endsWith('.json')) - Number(b.endsWith('.json'));

/** Finished files below a folder, relative to it; none if there is no such folder. */
async function listFiles(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /^[^.]+\.(json|safetensors)$/.test(name)).sort();
}
