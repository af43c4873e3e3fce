import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runUnits, type StudyProgress } from '../../../packages/robustness/src/study/core/schedule.js';
import { UnitStore } from '../../../packages/robustness/src/study/core/store.js';
import type { Unit } from '../../../packages/robustness/src/study/core/unit.js';
import {
  type Outcome,
  type UnitWorker,
  WorkerProcess,
} from '../../../packages/robustness/src/study/core/workerProcess.js';
import { unitOf } from './units.js';

let folder: string;
let store: UnitStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'adjoint-schedule-'));
  store = new UnitStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const image = unitOf('image');
const good = unitOf('good', { image });
const bad = unitOf('bad', { image });
const after = unitOf('after', { bad });
const units = [image, good, bad, after];

/** Workers in this process: each unit ends as `act` says. */
function fakeWorkers(act: (unit: Unit) => Promise<Outcome | 'dies'>): {
  launch: () => UnitWorker;
  launched: () => number;
} {
  let launched = 0;
  const launch = (): UnitWorker => {
    launched++;
    const worker = {
      isAlive: true,
      async run(unit: Unit): Promise<Outcome> {
        const outcome = await act(unit);
        if (outcome === 'dies') {
          worker.isAlive = false;
          return { status: 'failed', error: 'its process ended (signal SIGKILL)' };
        }
        if (outcome.status === 'done') await store.write(unit, { result: { label: unit.label } }, 1);
        return outcome;
      },
      end: () => undefined,
    };
    return worker;
  };
  return { launch, launched: () => launched };
}

const done: Outcome = { status: 'done' };

describe('runUnits', () => {
  it('goes on after a unit whose worker died, and says what failed with it', async () => {
    const { launch, launched } = fakeWorkers(async ({ label }) => (label === 'bad' ? 'dies' : done));
    const reports: StudyProgress[] = [];
    const onProgress = (report: StudyProgress): void => void reports.push(report);
    const report = await runUnits({
      units: [...units, unitOf('last', { good })],
      store,
      jobs: 1,
      launch,
      onProgress,
    });
    expect(report).toMatchObject({ done: 3, reused: 0 });
    expect(report.failures.map(({ unit }) => unit.label)).toEqual(['bad', 'after']);
    expect(launched()).toBe(2);
    expect(await store.readFailure(bad.hash)).toBe('its process ended (signal SIGKILL)');
    expect(await store.readFailure(after.hash)).toBe('needs "bad", which failed');
    expect(reports.at(-1)).toMatchObject({ done: 3, failed: 2, total: 5 });
  });

  it('repeats nothing that is finished, tries failed units again and forgets their failure', async () => {
    let isBroken = true;
    const seen: string[] = [];
    const { launch } = fakeWorkers(async ({ label }) => {
      seen.push(label);
      return label === 'bad' && isBroken ? { status: 'failed', error: 'no luck' } : done;
    });
    await runUnits({ units, store, jobs: 2, launch });
    isBroken = false;
    seen.length = 0;
    const report = await runUnits({ units, store, jobs: 2, launch });
    expect(seen).toEqual(['bad', 'after']);
    expect(report).toMatchObject({ done: 2, reused: 2, failures: [] });
    expect(await store.readFailure(bad.hash)).toBeUndefined();
  });

  it('runs as many units at once as it may', async () => {
    let [running, most] = [0, 0];
    const { launch } = fakeWorkers(async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running--;
      return done;
    });
    await runUnits({ units: Array.from({ length: 9 }, (_, i) => unitOf(`${i}`)), store, jobs: 3, launch });
    expect(most).toBe(3);
  });

  it('ends where the store cannot be written, and when it is interrupted', async () => {
    const full = fakeWorkers(async () => ({ status: 'fatal', error: 'no space left on device' }));
    await expect(runUnits({ units, store, jobs: 2, launch: full.launch })).rejects.toThrow('no space left');
    const stop = new AbortController();
    const { launch } = fakeWorkers(async () => {
      stop.abort(new Error('enough'));
      return done;
    });
    await expect(runUnits({ units, store, jobs: 1, launch, signal: stop.signal })).rejects.toThrow('enough');
    expect(store.has(good.hash)).toBe(false);
  });
});

describe('UnitStore', () => {
  it('takes over what another store has, and takes no half-written file for a unit', async () => {
    const other = new UnitStore(path.join(folder, 'other'));
    await other.write(image, { result: { from: 'other' } }, 1);
    await other.writeFailure(bad, 'there');
    await store.write(good, { result: { from: 'here' } }, 1);
    await other.write(good, { result: { from: 'other' } }, 1);
    await writeFile(`${other.arraysFile(image.hash)}.1.tmp`, 'half');
    await store.copyFrom(other);
    expect(await store.read(image.hash)).toMatchObject({
      kind: 'clean',
      label: 'image',
      result: { from: 'other' },
    });
    expect(await store.read(good.hash)).toMatchObject({ result: { from: 'here' } });
    expect(await store.readFailure(bad.hash)).toBe('there');
    await expect(readFile(`${store.arraysFile(image.hash)}.1.tmp`)).rejects.toThrow('ENOENT');
  });
});

describe('WorkerProcess', () => {
  const settings = () =>
    ({ folder, device: 'wasm', threads: 0, seed: 0, externalTimeoutMs: 60_000 }) as const;

  it('gives up a unit that takes too long, and is gone then', async () => {
    const worker = new WorkerProcess(settings(), () => 0.05);
    const outcome = await worker.run(good, () => undefined);
    expect(outcome).toEqual({ status: 'failed', error: 'took longer than 0.05 s and was stopped' });
    expect(worker.isAlive).toBe(false);
  });

  it('says why it cannot start, which no other unit would change', async () => {
    const device = 'no such device' as 'wasm';
    const worker = new WorkerProcess({ ...settings(), device }, () => 60);
    const outcome = await worker.run(good, () => undefined);
    worker.end();
    expect(outcome).toMatchObject({ status: 'fatal', error: expect.stringContaining('option device') });
  });
});
