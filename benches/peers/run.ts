/**
 * Times adjoint beside other libraries and compares the values: `npm run bench:peers`. What is timed and how
 * is said on the page it writes; the peers' side is in `worker.py` and `worker.ts`.
 */
import { rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { benchCases } from '../cases/all.js';
import { type BenchCase, rowName } from '../cases/case.js';
import { readOptions, refuse } from '../options.js';
import { keptResults } from './kept.js';
import { describeMachine } from './machine.js';
import { findPeers, type Peer } from './peers.js';
import { type RaceResult, race } from './race.js';
import { raceJson, raceLines, reportPage } from './report.js';

const usage = `usage: npm run bench:peers -- [options]

Runs adjoint beside PyTorch, SciPy, PyWavelets and BART (where they are installed; PYTHON names another
interpreter than /usr/bin/python3), TensorFlow.js and jax-js (installed into out/peers by the first run).
Ratios above 1: adjoint is faster. Without --only it writes docs/performance.md.

  --only TEXT     rows whose "op shape" contains TEXT
  --tools LIST    only these peers, separated by commas, of: torch, scipy, pywt, bart, tfjs, jax-js
  --threads N     threads of every tool that takes them, 1 to 64; default: one per core
  --reps N        rounds; default 11
  --resume        keep the rows that an interrupted run measured (same sources, machine, threads, rounds)
  --out FILE      write the page there
  --json          one JSON line per row instead of text

Exit code 1 if a result differs from a peer's or a row of ours fails.

examples:
  npm run bench:peers
  npm run bench:peers -- --only fft2 --tools torch,scipy --reps 21
  npm run bench:peers -- --resume
  npm run bench:peers -- --only conv2d_3x3_32to32 --out out/conv.md`;

const root = path.resolve(import.meta.dirname, '..', '..');
const options = readOptions(usage, {
  only: { kind: 'text', default: '' },
  tools: { kind: 'text' },
  threads: { kind: 'number', default: os.availableParallelism(), min: 1, max: 64, integer: true },
  reps: { kind: 'number', default: 11, min: 1, max: 1000, integer: true },
  resume: { kind: 'switch' },
  out: { kind: 'text' },
  json: { kind: 'switch' },
});

const isRight = ({ lanes: [ours, ...others], tolerance }: RaceResult): boolean =>
  ours?.failure === undefined && others.every(({ difference }) => difference <= tolerance);

function chosenPeers(found: readonly Peer[]): Peer[] {
  if (options.tools === undefined) return [...found];
  const names = options.tools.split(',').map((name) => name.trim());
  return found.filter(({ tool }) => names.includes(tool.split(' ')[0]!));
}

function chosenRows(peers: readonly Peer[]): BenchCase[] {
  const rows = benchCases.filter(
    ({ peerOp, rival }) => rival !== undefined || peers.some(({ ops }) => ops.has(peerOp)),
  );
  const chosen = rows.filter((row) => rowName(row).includes(options.only));
  if (chosen.length === 0)
    refuse(`bench:peers: no row matches "${options.only}". Rows:\n  ${rows.map(rowName).join('\n  ')}`);
  return chosen;
}

const tools = ['torch', 'scipy', 'pywt', 'bart', 'tfjs', 'jax-js'];
const unknown = options.tools?.split(',').find((name) => !tools.includes(name.trim()));
if (unknown !== undefined) refuse(`bench:peers: unknown tool "${unknown}"; there are ${tools.join(', ')}`);
const { peers: found, absent } = findPeers(options.threads);
for (const { tool, reason } of absent) console.error(`bench:peers: ${tool} is absent: ${reason}`);
const peers = chosenPeers(found);
const kept = keptResults(path.join(root, 'out', 'peers', 'rows'), [
  ...[describeMachine(), process.version, options.threads, options.reps],
  peers.map(({ tool }) => tool),
]);
if (!options.resume) await kept.clear();
const results: RaceResult[] = [];
for (const row of chosenRows(peers)) {
  const name = rowName(row);
  const result = (await kept.read(name)) ?? (await race(row, peers, options));
  await kept.write(name, result);
  results.push(result);
  console.log(options.json ? raceJson(result) : raceLines(result).join('\n'));
  if (!isRight(result)) process.exitCode = 1;
}
const isWhole = options.only === '' && options.tools === undefined;
const target = options.out ?? (isWhole ? path.join(root, 'docs', 'performance.md') : undefined);
if (target !== undefined) {
  const { threads, reps } = options;
  const [node, date] = [process.versions.node, new Date().toISOString().slice(0, 10)];
  const page = reportPage(results, { machine: describeMachine(), node, date, threads, reps, absent });
  await writeFile(`${target}.part`, page);
  await rename(`${target}.part`, target);
  console.error(`bench:peers: wrote ${path.relative(process.cwd(), target)}`);
}
