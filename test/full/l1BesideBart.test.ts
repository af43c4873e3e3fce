import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  espirit,
  l1,
  type Measurement,
  openFastmri,
  randomMask,
  readCfl,
  type Scores,
  scores,
  undersample,
  writeCfl,
} from '@adjoint/mri';
import {
  abs,
  contiguous,
  type Device,
  init,
  reshape,
  scope,
  squeeze,
  type Tensor,
  transpose,
  unsqueeze,
} from '@adjoint/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Real raw data beside the repository, and BART on the path: without either there is nothing to compare. */
const folder = fileURLToPath(new URL('../../../shared/data/kspace', import.meta.url));
const missing = !existsSync(folder)
  ? `there is no ${folder}`
  : spawnSync('bart', ['version']).status !== 0
    ? 'bart is not installed'
    : undefined;
if (missing) console.warn(`SKIPPED: l1 beside BART on real data, because ${missing}`);

/** Not the slice whose object is larger than its field of view: one map per coil does not describe it. */
const files = [
  'brain_t1_8ch_230x180.h5',
  'brain_t1_ge_4ch_256x256.h5',
  'brain_t2_1ch_256x340.h5',
  'phantom_4ch_256x256.h5',
];

let device: Device;
let place: string;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  place = await mkdtemp(path.join(tmpdir(), 'adjoint-bart-'));
});
afterAll(async () => {
  device.dispose();
  await rm(place, { recursive: true, force: true });
});

async function measurementOf(name: string): Promise<Measurement & { maps: Tensor; reference: Tensor }> {
  using file = await openFastmri(path.join(folder, name));
  const full = await file.slice(0);
  const width = full.kspace.shape.at(-1)!;
  const mask = randomMask({ width, acceleration: 4, centerFraction: 0.08, seed: 7 });
  const m = undersample(full, mask);
  const kspace = reshape(m.kspace, m.kspace.shape.slice(-3));
  const single = { ...m, kspace, reference: reshape(full.reference!, full.reference!.shape.slice(-2)) };
  return { ...single, maps: await espirit(single) };
}

/** [coils, H, W] as BART has it: its first dimension is our last axis. */
const writeCoils = (name: string, x: Tensor): Promise<void> =>
  writeCfl(
    path.join(place, name),
    scope(() => contiguous(unsqueeze(transpose(x, [0, 2, 1]), 1))),
  );

async function picsScores({ reference }: { reference: Tensor }, lambda: number): Promise<Scores> {
  const args = ['pics', '-S', '-l1', '-r', String(lambda), '-i', '100', 'y', 's', 'x'];
  const { status, stderr } = spawnSync('bart', args, { cwd: place, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  const x = await readCfl(path.join(place, 'x'));
  return scores(
    reference,
    scope(() => contiguous(abs(transpose(squeeze(x))))),
  );
}

const best = (all: readonly Scores[], metric: 'ssim' | 'psnr'): number =>
  Math.max(...all.map((one) => one[metric]));

const lambdas = [0.0005, 0.001, 0.0018, 0.003, 0.005, 0.01, 0.02];

test.skipIf(missing !== undefined).each(files)(
  '%s: l1 is at least as good as bart pics -l1',
  async (name) => {
    const m = await measurementOf(name);
    await writeCoils('y', m.kspace);
    await writeCoils('s', m.maps);
    const [ours, theirs]: [Scores[], Scores[]] = [[], []];
    for (const lambda of lambdas) {
      theirs.push(await picsScores(m, lambda));
      ours.push(await scores(m.reference, await l1({ lambda }).reconstruct(m)));
    }
    for (const metric of ['ssim', 'psnr'] as const) {
      console.log(
        `${name} ${metric}: ${best(ours, metric).toFixed(4)}, bart ${best(theirs, metric).toFixed(4)}`,
      );
      expect.soft(best(ours, metric)).toBeGreaterThanOrEqual(best(theirs, metric));
    }
  },
);
