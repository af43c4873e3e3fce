import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadWeights } from '@adjoint/models';
import { mergeStudies, runStudy, type ScoreRow, type StudyOptions, writeReport } from '@adjoint/robustness';
import { init } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type UnitOutput, UnitStore } from '../../../packages/robustness/src/study/core/store.js';
import { makeUnit, type Unit } from '../../../packages/robustness/src/study/core/unit.js';
import { planData } from '../../../packages/robustness/src/study/data/planData.js';
import { filesNamed } from '../../../packages/robustness/src/study/plan/externalPlan.js';
import { planImage } from '../../../packages/robustness/src/study/plan/planRequest.js';
import { profiles } from '../../../packages/robustness/src/study/plan/profiles.js';
import { trainingUnit } from '../../../packages/robustness/src/study/plan/trainingUnit.js';
import { UnitContext } from '../../../packages/robustness/src/study/units/context.js';
import { type HeatMapResult, heatMapUnit } from '../../../packages/robustness/src/study/units/heatMap.js';
import { imageUnit } from '../../../packages/robustness/src/study/units/image.js';
import type { MethodParameters } from '../../../packages/robustness/src/study/units/method.js';
import { type TrainResult, trainUnit } from '../../../packages/robustness/src/study/units/train.js';

let root: string;
const folder = (name: string): string => path.join(root, name);
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'adjoint-own-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('a network that the study trains', () => {
  const options = {
    ...{ profile: 'tiny', methods: ['unet'], experiments: ['curves'], retrain: true, jobs: 1 },
  } as const satisfies Partial<StudyOptions>;

  it('is attacked with the weights that its unit leaves, the same ones in every part', async () => {
    const parts = [1, 2].map((index) => ({ out: folder(`part ${index}`), shard: { index, count: 2 } }));
    for (const part of parts) await runStudy({ ...options, ...part });
    const outs = parts.map(({ out }) => out);
    const { record } = await mergeStudies(outs, folder('merged'));
    expect(record.failures).toEqual([]);
    const [training] = record.training;
    const { steps } = profiles.tiny.retraining;
    expect(record.training).toHaveLength(1);
    expect(training).toMatchObject({ isStudied: true, shipped: null, settings: { steps } });
    expect(training!.losses).toHaveLength(steps);
    const clean = record.cells.find(({ perturbation }) => perturbation === 'none')!;
    expect(training!.psnr).toEqual(clean.psnr);
    expect(record.manifest.methods[0]).toMatchObject({ settings: { weights: 'trained in this run', steps } });
    expect(record.manifest.command).toContain(' --retrain');
    await writeReport({ record, out: folder('merged') }, folder('report'));
    expect(await readFile(path.join(folder('report'), 'report.html'), 'utf8')).toContain(
      'trained in this run, attacked above',
    );
    const [given, other] = outs.map((out) => new UnitStore(out).arraysFile(training!.unit));
    expect(await readFile(other!)).toEqual(await readFile(given!));
    const { record: loaded } = await runStudy({
      ...{ ...options, retrain: false, weights: given, out: folder('loaded') },
    });
    expect(scoresOf(loaded.rows)).toEqual(scoresOf(record.rows));
  });

  it('goes on from its checkpoint, to the same weights', async () => {
    await init({ device: 'wasm', threads: 0, deterministic: true });
    const unit = trainingUnit(profiles.tiny, profiles.tiny.retraining, 0, { rated: [], isKept: true });
    const { steps } = profiles.tiny.retraining;
    const attempt = async (store: UnitStore, stopAt: number): Promise<number[]> => {
      const seen: number[] = [];
      const progress = (fraction: number): void => {
        seen.push(Math.round((fraction / 0.9) * steps));
        if (seen.at(-1) === stopAt) throw new Error('stopped');
      };
      const context = new UnitContext(unit, store, 0, progress, 0, 0);
      await trainUnit(context).then(
        (output) => store.write(unit, output, 0),
        (error: Error) => expect(error.message).toBe('stopped'),
      );
      return seen;
    };
    const [whole, broken] = [new UnitStore(folder('whole')), new UnitStore(folder('broken'))];
    await attempt(whole, Infinity);
    expect(await attempt(broken, 4)).toEqual([1, 2, 3, 4]);
    expect(broken.has(unit.hash)).toBe(false);
    expect(await attempt(broken, Infinity)).toEqual([4, 5, 6]);
    const [first, second] = [await whole.read(unit.hash), await broken.read(unit.hash)];
    expect((second.result as unknown as TrainResult).losses).toEqual(
      (first.result as unknown as TrainResult).losses,
    );
    const [a, b] = [
      await loadWeights(whole.arraysFile(unit.hash)),
      await loadWeights(broken.arraysFile(unit.hash)),
    ];
    expect(a.network.config).toMatchObject({ chans: profiles.tiny.retraining.chans });
    for (const name of Object.keys(a.parameters))
      expect(await b.parameters[name]!.data(), name).toEqual(await a.parameters[name]!.data());
    const left = await readdir(folder('broken'), { recursive: true });
    expect(left.filter((name) => name.includes('checkpoint'))).toEqual([]);
  });

  it.each([
    [{ weights: 'some.safetensors' }, 'option retrain must be without option weights'],
    [{ methods: ['l1'] as const }, 'option retrain must be with the method unet'],
  ])('%j is refused', async (more, words) => {
    await expect(runStudy({ ...options, ...more, out: folder('refused') })).rejects.toThrow(words);
  });
});

const scoresOf = (rows: readonly ScoreRow[]) =>
  rows.map(({ perturbation, image, epsilon, scores, drop }) => ({
    perturbation,
    image,
    epsilon,
    scores,
    drop,
  }));

describe('a program among the methods', () => {
  const script = path.join(import.meta.dirname, 'zeroFilled.mjs');
  const command = `'${process.execPath}' '${script}' {in} {out}`;
  const options = {
    ...{ profile: 'tiny', methods: ['zero-filled'], experiments: ['curves', 'transfer'], jobs: 1 },
  } as const satisfies Partial<StudyOptions>;

  it('is tried on everything, and nothing is made for it', async () => {
    const { record } = await runStudy({
      ...{ ...options, external: [{ command, name: 'theirs' }], out: folder('program') },
    });
    expect(record.failures).toEqual([]);
    const of = (target: string) =>
      record.rows.filter((row) => row.target === target && row.maps === 'reestimated');
    // it computes what the library's method does, so that all its scores are known
    for (const own of of('zero-filled')) {
      const theirs = of('theirs').find(
        (row) =>
          row.image === own.image && row.perturbation === own.perturbation && row.epsilon === own.epsilon,
      )!;
      expect(theirs.source, own.perturbation).toBe(own.source);
      expect(theirs.scores.psnr).toBeCloseTo(own.scores.psnr, 3);
      expect(theirs.drop).toBeCloseTo(own.drop, 3);
      expect(theirs.reached).toBeCloseTo(own.reached, 5);
    }
    expect(of('theirs')).toHaveLength(of('zero-filled').length);
    expect(record.attacks.map(({ method }) => method)).not.toContain('theirs');
    const method = record.manifest.methods.find(({ name }) => name === 'theirs')!;
    expect(method).toMatchObject({ attack: null, settings: { command } });
    expect(Object.keys(method.settings.files as object)).toContain(script);
    expect(record.manifest.limits.join()).toContain('theirs is a program without gradients');
    const { files } = await writeReport({ record, out: folder('program') }, folder('program'));
    expect(files).toContain('figures/transfer.svg');
    const page = await readFile(path.join(folder('program'), 'report.html'), 'utf8');
    const [first, ...others] = page.match(/<td[^>]*>none made for it<\/td>.*?<\/tr>/gs) ?? [];
    expect(others).toEqual([]);
    // what noise takes is known of it all the same, in the foreground, too
    expect(first).toMatch(/>\d\.\d\d \/ \d\.\d\d</);
  });

  it('gets the features of a row of a heat map at once', async () => {
    await init({ device: 'wasm', threads: 0, deterministic: true });
    const { tiny: profile } = profiles;
    const [data] = await planData({ data: [], out: root, seed: 0 }, profile);
    const request = { profile, seed: 0, experiments: [], methods: [], data: [] };
    const image = planImage(request, data!.images.find(({ use }) => use === 'test')!);
    const store = new UnitStore(folder('row'));
    const compute = async (unit: Unit, code: (context: UnitContext) => Promise<UnitOutput>) => {
      const output = await code(new UnitContext(unit, store, 0, () => undefined));
      await store.write(unit, output, 0);
      return output.result;
    };
    await compute(image, imageUnit);
    const starts = folder('starts');
    const valuesOf = async (method: MethodParameters): Promise<number[]> => {
      const map = { insertion: 'corrected', window: 3, positions: 3, rows: [1], l1Iterations: 0 };
      const parameters = { method: { ...method }, ...map };
      const unit = makeUnit('heat map', { label: method.name, parameters, inputs: { image }, cost: 1 });
      return ((await compute(unit, heatMapUnit)) as HeatMapResult).values.flat();
    };
    const method = { name: 'zero-filled', iterations: null, weights: null, program: null };
    const program = { command: `echo >> '${starts}'; ${command}`, files: {} };
    const own = await valuesOf(method);
    const theirs = await valuesOf({ ...method, name: 'theirs', program });
    expect(own).toHaveLength(3);
    for (const [i, value] of theirs.entries()) expect(value / own[i]!).toBeCloseTo(1, 4);
    expect(await readFile(starts, 'utf8')).toHaveLength(1);
  });

  it('costs only its own units when it fails, at once, and when it hangs', async () => {
    const { record } = await runStudy({
      ...{ ...options, out: folder('failing'), externalTimeoutMs: 200 },
      external: [
        { command: 'exit 3 # {in} {out}', name: 'failing' },
        { command: 'sleep 600 # {in} {out}', name: 'hanging' },
      ],
    });
    const own = record.failures.filter(({ error }) => !error.startsWith('needs'));
    const reasons = { failing: 'ended with exit code 3', hanging: 'did not end within 0.2 s' };
    expect(own).toHaveLength(2 * 2);
    for (const [name, reason] of Object.entries(reasons))
      for (const { error } of own.filter(({ label }) => label.startsWith(`clean ${name} `)))
        expect(error).toContain(reason);
    expect(own.every(({ label }) => label.startsWith('clean '))).toBe(true);
    expect(record.failures).toHaveLength(2 * 2 * 3); // and noise and transfer on both images, which need it
    expect(new Set(record.rows.map(({ target }) => target))).toEqual(new Set(['zero-filled']));
  });

  it.skipIf(process.platform === 'win32')('ends with the study', async () => {
    const file = folder('pid');
    const command = `echo $$ > '${file}'; sleep 600; true # {in} {out}`;
    const stop = new AbortController();
    const study = runStudy({
      ...{ ...options, experiments: ['curves'] },
      ...{ external: [{ command }], out: folder('stopped'), signal: stop.signal },
    });
    const watch = setInterval(() => existsSync(file) && stop.abort(new Error('enough')), 50);
    await expect(study).rejects.toThrow('enough');
    clearInterval(watch);
    const isRunning = (): boolean => {
      try {
        return process.kill(Number(readFileSync(file, 'utf8')), 0);
      } catch {
        return false;
      }
    };
    await expect.poll(isRunning, { timeout: 10_000 }).toBe(false);
  });

  it('is another method once a file that its command names is another', async () => {
    const copy = folder('recon.mjs');
    await copyFile(script, copy);
    const study = {
      ...{ ...options, experiments: ['oracle'] as const, shard: { index: 9999, count: 10_000 } },
      ...{ external: [{ command: `node '${copy}' {in} {out}` }], out: folder('changed'), resume: true },
    };
    await runStudy(study);
    await runStudy(study); // as it was
    await writeFile(copy, 'throw new Error()');
    await expect(runStudy(study)).rejects.toThrow('a folder without a study');
  });

  it('files are found in words, quotes and options', () => {
    const found = filesNamed(`python3 -u "my recon.py" --weights='a b.pt' --out=x.py;{in} > {out}`);
    expect(found).toEqual(expect.arrayContaining(['python3', 'my recon.py', 'a b.pt', '--out=x.py', 'x.py']));
    expect(found.join()).not.toMatch(/[{}>;]/);
  });

  it.each([
    [[{ command: 'recon' }], 'with {in} and {out}'],
    [[{ command, name: 'l1' }], 'option external: name must be no other method’s'],
    [[{ command, name: 'a b' }], 'option external: name must be 1 to 40 letters'],
    [[{ command }, { command }], 'no other method’s'],
    [[{ command, timeout: 3 }], 'option external'],
    ['recon {in} {out}', 'option external must be a list of programs'],
  ])('%j is refused', async (external, words) => {
    const study = { ...options, external: external as never, out: folder('refused') };
    await expect(runStudy(study)).rejects.toThrow(words);
  });
});
