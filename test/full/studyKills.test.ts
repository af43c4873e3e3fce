import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { saveWeights, unet } from '@adjoint/models';
import { mergeStudies, runStudy, type StudyResult } from '@adjoint/robustness';
import { init, key } from '@adjoint/tensor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishedUnits, killedRun, tablesOf } from '../robustness/study/tinyRuns.js';

let root: string;
let whole: StudyResult;
let weights: string;
const folder = (name: string): string => path.join(root, name);
const tiny = () => ({ profile: 'tiny', weights }) as const;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'adjoint-kills-'));
  weights = folder('unet.safetensors');
  await init({ device: 'wasm', threads: 0 });
  const network = unet({ chans: 4, pools: 2 });
  await saveWeights(weights, { network, parameters: network.init(key(1)) });
  whole = await runStudy({ ...tiny(), out: folder('whole') });
}, 300_000);
afterAll(() => rm(root, { recursive: true, force: true }));

it('a tiny study of everything finishes', () => {
  const { record } = whole;
  expect(record.failures).toEqual([]);
  expect(record.manifest.methods.map(({ name }) => name)).toEqual(['zero-filled', 'cg-sense', 'l1', 'unet']);
  expect(record.training[0]?.losses).toHaveLength(4);
  expect(record.oracles).toHaveLength(2);
  expect(record.heatMaps).toHaveLength(8); // two insertions, four methods
  expect(record.locations.map(({ method }) => method)).toEqual(['zero-filled', 'cg-sense', 'l1', 'unet']);
});

it('kill -9 at ten random moments, each time resumed, ends in the same tables', async () => {
  const options = { ...tiny(), out: folder('killed'), resume: true };
  const total = whole.run.units.done;
  const moments = Array.from({ length: 10 }, () => Math.ceil(Math.random() * (total - 1))).sort(
    (a, b) => a - b,
  );
  let before = new Map<string, string>();
  for (const moment of moments) {
    await killedRun(options, moment);
    const after = await finishedUnits(options.out);
    for (const [name, written] of before)
      expect(after.get(name), `${name}, moments ${moments}`).toBe(written);
    before = after;
  }
  const { run } = await runStudy(options);
  expect(run.units).toEqual({ done: total - before.size, reused: before.size, failed: 0 });
  expect(await tablesOf(options.out), `moments ${moments}`).toBe(await tablesOf(whole.out));
});

it('three parts merge to the same tables', async () => {
  const parts = [1, 2, 3].map((index) => ({ out: folder(`part ${index}`), shard: { index, count: 3 } }));
  for (const part of parts) await runStudy({ ...tiny(), ...part });
  await mergeStudies(
    parts.map(({ out }) => out),
    folder('merged'),
  );
  expect(await tablesOf(folder('merged'))).toBe(await tablesOf(whole.out));
});
