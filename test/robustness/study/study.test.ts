import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simulate } from '@adjoint/mri';
import { mergeStudies, runStudy, type StudyDataset, type StudyResult } from '@adjoint/robustness';
import { init, tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finishedUnits, killedRun, smallStudy, tablesOf } from './tinyRuns.js';

let root: string;
let whole: StudyResult;
const folder = (name: string): string => path.join(root, name);

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'adjoint-study-'));
  whole = await runStudy({ ...smallStudy, out: folder('whole') });
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('runStudy', () => {
  it('gives a score for every method under every perturbation, on every image', () => {
    const { record, run } = whole;
    expect(record.failures).toEqual([]);
    expect(run.units).toMatchObject({ failed: 0, reused: 0 });
    const kinds = new Set(
      record.rows.map(
        ({ perturbation, source, target, epsilon }) => `${perturbation} ${source} ${target} ${epsilon}`,
      ),
    );
    const names = ['zero-filled', 'cg-sense'];
    for (const target of names) {
      expect(kinds).toContain(`none null ${target} 0`);
      expect(kinds).toContain(`noise null ${target} 0.08`);
      for (const source of names) expect(kinds).toContain(`attack ${source} ${target} 0.08`);
    }
    for (const row of record.rows) {
      expect(Number.isFinite(row.scores.psnr)).toBe(true);
      if (row.perturbation !== 'none') expect(row.reached).toBeCloseTo(0.08, 4);
      expect(row.sampled).toBeGreaterThanOrEqual(row.reached);
    }
    expect(record.images.filter(({ use }) => use === 'test')).toHaveLength(2);
    expect(record.tuning.map(({ method, images }) => [method, images.length])).toEqual([['cg-sense', 1]]);
  });

  it('finds perturbations that do more to a linear method than noise of their norm', () => {
    const drops = whole.record.attacks.filter(({ method }) => method === 'cg-sense');
    expect(drops).toHaveLength(2);
    for (const { drop, noiseDrop } of drops) expect(drop).toBeGreaterThan(noiseDrop + 1);
  });

  it('goes on after kill -9 at any moment, repeats nothing, and writes the same tables', async () => {
    const total = whole.run.units.done;
    const options = { ...smallStudy, out: folder('killed'), jobs: 1, resume: true };
    let before = new Map<string, string>();
    for (let kill = 0; kill < 2; kill++) {
      await killedRun(options, before.size + 1 + Math.floor(3 * Math.random()));
      const after = await finishedUnits(options.out);
      expect(after.size).toBeGreaterThan(before.size);
      for (const [name, written] of before) expect(after.get(name), name).toBe(written);
      before = after;
    }
    const { run } = await runStudy(options);
    expect(run.units).toEqual({ done: total - before.size, reused: before.size, failed: 0 });
    const after = await finishedUnits(options.out);
    for (const [name, written] of before) expect(after.get(name), name).toBe(written);
    expect(await tablesOf(options.out)).toBe(await tablesOf(whole.out));
  });

  it('gives the same tables in parts, of another run, with one process', async () => {
    const parts = [1, 2].map((index) => ({ out: folder(`part ${index}`), shard: { index, count: 2 } }));
    for (const part of parts) await runStudy({ ...smallStudy, ...part, jobs: 1 });
    await mergeStudies(
      parts.map(({ out }) => out),
      folder('merged'),
    );
    expect(await tablesOf(folder('merged'))).toBe(await tablesOf(whole.out));
    await expect(runStudy({ ...smallStudy, out: folder('merged'), resume: true, seed: 1 })).rejects.toThrow(
      'option out must be a folder without a study',
    );
  });

  it('refuses what it cannot run, before anything runs', async () => {
    const out = folder('refused');
    const file = folder('file');
    await writeFile(file, '');
    const refused = [
      [{ out: whole.out }, 'Go on with it (resume)'],
      [{ out: path.join(file, 'below') }, 'a folder that can be written'],
      [{ out, methods: ['l2'] as never }, 'option methods'],
      [{ out, shard: { index: 3, count: 2 } }, 'option shard.index'],
      [
        { out, methods: ['unet'] as never, weights: folder('none.safetensors') },
        'option weights must be a file that can be read',
      ],
      [{ out, data: [root] }, 'with files *.h5'],
      [{ out, data: [folder('none')] }, 'no such file'],
      [{ out, jobs: 0 }, 'option jobs'],
    ] as const;
    for (const [options, words] of refused)
      await expect(runStudy({ ...smallStudy, ...options })).rejects.toThrow(words);
    await expect(mergeStudies([folder('nothing')], out)).rejects.toThrow('folders of studies');
  });
});

describe('data of one’s own', () => {
  const measured = async (seed: number) =>
    simulate({ images: await square(), shape: [48, 48], coils: 3, seed });
  const square = async () => {
    const values = new Float32Array(96 * 96);
    for (let y = 24; y < 72; y++) values.fill(1 + (y % 16) / 16, y * 96 + 20, y * 96 + 76);
    return tensor(values, { shape: [96, 96] });
  };

  it('is studied like any other; an image that cannot be used costs only its own units', async () => {
    await init({ device: 'wasm', threads: 0 });
    const mine: StudyDataset = {
      name: 'mine',
      provenance: 'made for a test',
      images: () => [
        { name: 'good', subject: 'a', measurement: async () => withoutMask(await measured(1)) },
        { name: 'bad', subject: 'b', measurement: async () => spoilt(await measured(2)) },
      ],
    };
    const options = { ...smallStudy, experiments: ['curves'], methods: ['zero-filled'], jobs: 1 } as const;
    const { record, run } = await runStudy({ ...options, data: [mine], out: folder('mine') });
    expect(record.manifest.data[0]).toMatchObject({ name: 'mine', images: 2, subjects: 2 });
    expect(new Set(record.rows.map(({ image }) => image))).toEqual(new Set(['mine:good']));
    const [image, ...others] = record.failures;
    expect(image).toMatchObject({ label: 'image mine:bad', error: expect.stringContaining('NaN') });
    for (const { error } of others) expect(error).toMatch(/^needs ".* mine:bad", which failed$/);
    expect(run.units.failed).toBe(1 + others.length);
  });
});

const withoutMask = ({ kspace, reference, mask }: Awaited<ReturnType<typeof simulate>>) => ({
  kspace,
  reference,
  mask,
});

async function spoilt({ kspace, mask }: Awaited<ReturnType<typeof simulate>>) {
  const values = (await kspace.data()) as Float32Array;
  values[values.length / 2] = Number.NaN;
  return { kspace: tensor(values, { dtype: 'c64', shape: kspace.shape }), mask };
}
