/**
 * Attacks every method on the real k-space beside the repository and writes docs/attacks-real-data.md: `npm run real-attacks`.
 * Every row is kept in out/real-attacks when it is done: what was interrupted goes on where it stood.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { info, init } from '@adjoint/tensor';
import { cases, epsilons } from './realAttacks/cases.js';
import { Outcomes, type Row } from './realAttacks/outcome.js';
import { Pace } from './realAttacks/pace.js';
import { page, type RatedRow } from './realAttacks/page.js';
import { filesOf, sampleOf } from './realAttacks/sample.js';
import { dataFolder } from './realData/files.js';

const usage = `usage: npm run real-attacks -- [options]

Runs adjoint attack on the middle slice of every file of a folder of fully sampled k-space, with every method.

  --data DIR      the folder; default: ../shared/data/kspace
  --only FILE     only this file of it
  --out FILE      the page; default: docs/attacks-real-data.md, with --data or --only out/real-attacks/page.md
  --threads N     worker threads; default: one per core
  --again         also what an earlier run has done

Rows that are done stay in out/real-attacks.`;

const root = path.join(import.meta.dirname, '..');
const work = path.join(root, 'out', 'real-attacks');
const say = (line: string): void => void process.stderr.write(`real-attacks: ${line}\n`);

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    out: { type: 'string' },
    threads: { type: 'string' },
    again: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function rowsOf(signal: AbortSignal): Promise<Row[]> {
  const files = await filesOf(values.data ?? path.join(dataFolder, 'kspace'), values.only);
  const rows: Row[] = [];
  for (const file of files) {
    const sample = await sampleOf(file, work, signal);
    for (const item of cases) for (const epsilon of epsilons) rows.push({ sample, case: item, epsilon });
  }
  return rows;
}

async function rate(rows: readonly Row[], signal: AbortSignal): Promise<RatedRow[]> {
  const outcomes = new Outcomes(work, values.threads, signal);
  const known = await Promise.all(rows.map((row) => (values.again ? undefined : outcomes.known(row))));
  const pace = new Pace(rows.filter((_, i) => known[i] === undefined));
  for (const [i, row] of rows.entries()) {
    if (known[i] !== undefined) continue;
    const outcome = (known[i] = await outcomes.make(row));
    pace.took(row, outcome.seconds);
    const { sample, case: item, epsilon } = row;
    const lost = outcome.clean.psnr - outcome.attacked.psnr;
    say(
      `${i + 1}/${rows.length} ${sample.name}, ${item.name}, ${item.attack}, eps ${epsilon}: lost ${lost.toFixed(2)} dB in ` +
        `${outcome.seconds.toFixed(0)} s; ${pace.left()} left`,
    );
  }
  return rows.map((row, i) => ({ ...row, outcome: known[i]! }));
}

async function main(): Promise<void> {
  if (values.help) return console.log(usage);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('interrupted; the same command goes on')));
  await mkdir(work, { recursive: true });
  const rated = await rate(await rowsOf(stop.signal), stop.signal);
  const device = await init({ device: 'wasm', ...(values.threads && { threads: Number(values.threads) }) });
  const { description } = info(device);
  device.dispose();
  const isWhole = values.data === undefined && values.only === undefined;
  const target =
    values.out ?? (isWhole ? path.join(root, 'docs', 'attacks-real-data.md') : path.join(work, 'page.md'));
  await writeFile(`${target}.part`, page(rated, description));
  await rename(`${target}.part`, target);
  say(`wrote ${path.relative(process.cwd(), target)}`);
}

await main().catch((error: Error) => {
  say(error.message);
  process.exitCode = 1;
});
