import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runStudy, type StudyOptions, type StudyResult } from '@adjoint/robustness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedUnits, killedRun, tablesOf } from './tinyRuns.js';

const l1Study = { profile: 'tiny', methods: ['l1'], experiments: ['curves'], jobs: 1 } as const;

let root: string;
let whole: StudyResult;
const options = (name: string): StudyOptions => ({ ...l1Study, out: path.join(root, name) });

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'adjoint-l1-'));
  whole = await runStudy(options('whole'));
}, 120_000);
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a study of l1', () => {
  it('attacks it with and without its solver; what moves its own image most is kept and scored', () => {
    const { attacks, rows, failures } = whole.record;
    expect(failures).toEqual([]);
    expect(attacks).toHaveLength(2);
    for (const { attack, tried, drop, noiseDrop, history, image } of attacks) {
      expect(tried.map((one) => one.attack)).toEqual(['joint', 'unrolled']);
      const [kept, ...others] = [...tried].sort((a, b) => b.damage - a.damage);
      expect([kept!.isWorst, others[0]!.isWorst]).toEqual([true, false]);
      expect(attack).toBe(kept!.attack);
      expect(history).toEqual(kept!.history);
      expect(drop).toBeGreaterThan(noiseDrop);
      const scored = rows.find((row) => row.image === image && row.source === 'l1' && row.maps === 'clean');
      expect(scored!.drop).toBeCloseTo(kept!.drop, 9); // judged with the randomness that is scored
    }
    expect(whole.record.manifest.methods[0]!.attack).toBe('joint, unrolled');
  });

  it('scores attacked data with the clean data’s seeds, the attacked one first', () => {
    const { seeds, attacks } = whole.record;
    expect(seeds).toHaveLength(2);
    for (const { image, psnr, attacked } of seeds) {
      const [found, ...others] = attacked;
      expect(others).toEqual([]);
      expect(found!.psnr).toHaveLength(psnr.length);
      expect(found!.drops[0]).toBe(attacks.find((one) => one.image === image)!.drop);
      expect(found!.psnr[1]).not.toBe(found!.psnr[0]);
      expect(found!.mean).toBeCloseTo(psnr[1]! - found!.psnr[1]!, 9);
    }
  });

  it('goes on after kill -9 and gives the same tables', async () => {
    const again = options('killed');
    await killedRun({ ...again, resume: true }, 4);
    const before = await finishedUnits(again.out);
    const { run } = await runStudy({ ...again, resume: true });
    expect(run.units).toEqual({ done: whole.run.units.done - before.size, reused: before.size, failed: 0 });
    expect(await tablesOf(again.out)).toBe(await tablesOf(whole.out));
  });
});
