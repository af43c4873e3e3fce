import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BenchCase, rowName } from '../cases/case.js';
import { type Contender, startRow } from '../contender.js';
import { writeInputs } from '../inputs.js';
import { median } from '../statistics.js';
import { difference, type Output } from './difference.js';
import { settle } from './machine.js';
import type { Peer } from './peers.js';

/** One contender's result. */
export interface Lane {
  readonly tool: string;
  version: string;
  threads: number;
  readonly samples: number[];
  peakMb: number | undefined;
  /** Relative distance of its values from ours. */
  difference: number;
  /** Why there are no samples. */
  failure?: string;
}

export interface RaceResult {
  readonly op: string;
  readonly shape: string;
  /** Ours first. */
  readonly lanes: readonly Lane[];
  /** Samples, and how many of them were taken while something else ran on the machine. */
  readonly samples: number;
  readonly disturbed: number;
  /** Largest distance that counts as equal. */
  readonly tolerance: number;
}

export interface RaceOptions {
  readonly threads: number;
  readonly reps: number;
}

interface Runner extends Lane {
  readonly contender: Contender;
  reps: number;
}

/** Peers' values may differ from ours by rounding only: f32 sums of up to 100,000 terms, Winograd's transforms. */
export const tolerance = 2e-5;
/** A call that takes longer is measured once, without a warm call before. */
const slowSeconds = 2;
const warmSeconds = 0.2;
const mostWarmCalls = 100;
const limitSeconds = 60;

const runner = (tool: string, contender: Contender, reps: number): Runner => ({
  ...{ tool, contender, reps },
  ...{ version: '', threads: 0, samples: [], peakMb: undefined, difference: 0 },
});

/**
 * Runs a row of ours beside the same work of peers: all processes live at once, samples are taken in turns,
 * the order turning with the rounds. Values are compared first; who differs gets no samples.
 */
export async function race(
  row: BenchCase,
  peers: readonly Peer[],
  options: RaceOptions,
): Promise<RaceResult> {
  const { reps, threads } = options;
  const folder = await mkdtemp(path.join(tmpdir(), 'adjoint-bench-'));
  const lanes: Runner[] = [];
  try {
    await writeInputs(folder, row.inputs);
    lanes.push(runner('adjoint', startRow(rowName(row), '-', threads), reps));
    const { rival, shape } = row;
    if (rival) lanes.push(runner(`adjoint ${rival}`, startRow(`${rival} ${shape}`, '-', threads), reps));
    for (const { tool, ops, start } of peers)
      if (ops.has(row.peerOp)) lanes.push(runner(tool, start(row.peerOp, folder, threads), reps));
    const limit = row.tolerance ?? tolerance;
    await check(lanes, folder, limit);
    const disturbed = await takeTurns(lanes, reps);
    const samples = lanes.reduce((total, lane) => total + lane.samples.length, 0);
    return { op: row.op, shape, lanes: lanes.map(result), samples, disturbed, tolerance: limit };
  } finally {
    for (const { contender } of lanes) contender.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first call of everybody: compares values with ours, and finds out who is slow. */
async function check(lanes: readonly Runner[], folder: string, limit: number): Promise<void> {
  let ours: Output | undefined;
  for (const [i, lane] of lanes.entries())
    await attempt(lane, async () => {
      const { version, threads } = await lane.contender.ready();
      Object.assign(lane, { version, threads });
      const file = path.join(folder, `output${i}`);
      const start = performance.now();
      const { sizes } = await lane.contender.ask<{ sizes: number[] }>(`output ${file}`, limitSeconds);
      await warmUp(lane, (performance.now() - start) / 1000);
      if (i === 0) ours = { file, sizes };
      if (!ours) throw new Error('ours failed');
      lane.difference = await difference(ours, { file, sizes });
      if (!(lane.difference <= limit))
        throw new Error(`values differ from ours by ${lane.difference.toExponential(1)}`);
    });
}

/**
 * Engines optimise code while it runs, in the background: everybody calls for a while. A call that is slow though it is not
 * the first is the only sample.
 */
async function warmUp(lane: Runner, firstSeconds: number): Promise<void> {
  let spent = 0;
  const least = firstSeconds > slowSeconds ? 1 : 3;
  for (let calls = 0; calls < least || (spent < warmSeconds && calls < mostWarmCalls); calls++) {
    const { seconds } = await lane.contender.ask<{ seconds: number }>('sample', limitSeconds);
    spent += seconds;
    if (seconds <= slowSeconds) continue;
    lane.samples.push(seconds);
    lane.reps = 0;
    return;
  }
}

/** Takes the samples; gives the number of those for which the machine did not become idle. */
async function takeTurns(lanes: readonly Runner[], reps: number): Promise<number> {
  let disturbed = 0;
  for (let round = 0; round < reps; round++)
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[(i + round) % lanes.length]!;
      if (lane.failure !== undefined || round >= lane.reps) continue;
      await attempt(lane, async () => {
        if (!(await settle())) disturbed++;
        await lane.contender.ask('sample', limitSeconds); // wakes threads, warms caches
        const { seconds } = await lane.contender.ask<{ seconds: number }>('sample', limitSeconds);
        lane.samples.push(seconds);
      });
    }
  for (const lane of lanes)
    await attempt(lane, async () => {
      const { peak_rss_mb } = await lane.contender.ask<{ peak_rss_mb: number | null }>('peak');
      lane.peakMb = peak_rss_mb ?? undefined;
    });
  return disturbed;
}

async function attempt(lane: Runner, work: () => Promise<void>): Promise<void> {
  if (lane.failure !== undefined) return;
  try {
    await work();
  } catch (error) {
    lane.failure = (error as Error).message;
    lane.samples.length = 0;
  }
}

function result({ tool, version, threads, samples, peakMb, difference, failure }: Runner): Lane {
  return { tool, version, threads, samples, peakMb, difference, failure };
}

/** How many times faster the first is: median over the rounds, or of medians where one has fewer samples. */
export function speedRatio(ours: Lane, theirs: Lane): number {
  if (ours.samples.length !== theirs.samples.length) return median(theirs.samples) / median(ours.samples);
  return median(theirs.samples.map((seconds, i) => seconds / ours.samples[i]!));
}
