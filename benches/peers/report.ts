import { geometricMean, median } from '../statistics.js';
import { floorSection } from './floors.js';
import { memorySection } from './memory.js';
import type { AbsentPeer } from './peers.js';
import { type Lane, type RaceResult, speedRatio, tolerance } from './race.js';

/** What holds for all rows. */
export interface Surroundings {
  readonly machine: string;
  readonly node: string;
  readonly date: string;
  readonly threads: number;
  readonly reps: number;
  readonly absent: readonly AbsentPeer[];
}

/** One peer beside ours: what the tables are made of. */
export interface Comparison {
  readonly row: string;
  readonly ours: Lane;
  readonly theirs: Lane;
  /** Above 1: ours is faster. */
  readonly ratio: number;
}

const hasSamples = ({ failure, samples }: Lane): boolean => failure === undefined && samples.length > 0;

/** The peers of a race that have a time, with ours. */
export function comparisons({ op, shape, lanes }: RaceResult): Comparison[] {
  const [ours, ...others] = lanes as [Lane, ...Lane[]];
  if (!hasSamples(ours)) return [];
  return others
    .filter(hasSamples)
    .map((theirs) => ({ row: `${op} ${shape}`, ours, theirs, ratio: speedRatio(ours, theirs) }));
}

const ms = (seconds: number): string => {
  const value = 1e3 * seconds;
  return value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toFixed(2);
};
const factor = (ratio: number): string => (ratio >= 100 ? ratio.toFixed(0) : ratio.toFixed(2));
const timeOf = ({ samples }: Lane): string => `${ms(median(samples))} (${ms(Math.min(...samples))})`;

const memoryOf = ({ peakMb }: Lane): string => (peakMb === undefined ? '-' : String(peakMb));

/** The lines printed while the races run. */
export function raceLines(result: RaceResult): string[] {
  const [ours] = result.lanes as [Lane];
  const head = `${result.op} ${result.shape}`;
  const failures = result.lanes
    .filter(({ failure }) => failure !== undefined)
    .map(({ tool, failure }) => `${head}: ${tool}: ${failure}`);
  if (!hasSamples(ours)) return failures;
  const lines = comparisons(result).map(
    ({ theirs, ratio }) =>
      `  ${theirs.tool.padEnd(24)} ${timeOf(theirs).padStart(22)} ms  ratio ${factor(ratio).padStart(6)}  ` +
      `differs by ${theirs.difference.toExponential(1)}  ${memoryOf(theirs)} MB`,
  );
  return [`${head}: ${timeOf(ours)} ms, ${memoryOf(ours)} MB`, ...lines, ...failures];
}

/** The figures of a race as one JSON line. */
export const raceJson = (result: RaceResult): string =>
  JSON.stringify({
    op: result.op,
    shape: result.shape,
    disturbed_samples: result.disturbed,
    contenders: result.lanes.map((lane) => ({
      tool: lane.tool,
      version: lane.version,
      threads: lane.threads,
      seconds_median: hasSamples(lane) ? median(lane.samples) : null,
      seconds_min: hasSamples(lane) ? Math.min(...lane.samples) : null,
      reps: lane.samples.length,
      peak_rss_mb: lane.peakMb ?? null,
      difference: lane.difference,
      ratio: hasSamples(lane) && hasSamples(result.lanes[0]!) ? speedRatio(result.lanes[0]!, lane) : null,
      failure: lane.failure,
    })),
  });

/** docs/performance.md. */
export function reportPage(results: readonly RaceResult[], surroundings: Surroundings): string {
  const all = results.flatMap(comparisons);
  const sections = [
    introduction(results, surroundings),
    toolTable(results, surroundings),
    `## Rows\n\n${rowTable(results)}`,
    meansSection(all),
    memorySection(all),
    floorSection(all),
    slowerSection(all),
    failureSection(results),
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

/** Which rows may differ by more. */
function exceptions(results: readonly RaceResult[]): string {
  const limits = new Set(results.map((row) => row.tolerance).filter((limit) => limit > tolerance));
  return [...limits]
    .sort((a, b) => a - b)
    .map((limit) => {
      const ops = results.filter((row) => row.tolerance === limit).map(({ op }) => `\`${op}\``);
      return `; ${limit.toExponential(0)} in ${ops.join(', ')}`;
    })
    .join('');
}

function introduction(results: readonly RaceResult[], { machine, node, date, threads, reps }: Surroundings) {
  const total = results.reduce((sum, { samples }) => sum + samples, 0);
  const disturbed = results.reduce((sum, row) => sum + row.disturbed, 0);
  return `# Performance

Written by \`npm run bench:peers\` on ${date}; losses are included. Figures of one machine: run the command on yours.

- Machine: ${machine}; Node ${node}. ${threads} threads where a tool takes them.
- Every row: one process per tool and row, all alive at once, ${reps} rounds in which each takes its turn. A pause before each
  sample lets other tools' threads fall asleep; a warm call precedes it. Before the first round every tool calls for
  0.2 seconds, 3 to 100 times. Inputs and weights are arguments, transforms of weights are timed, results are waited for.
- Values are compared first, in the same run: the relative 2-norm of the difference may be ${tolerance.toExponential(0)} at most${exceptions(results)}.
- Times are medians, in brackets the shortest, in ms. The ratio is the median over the rounds of their time divided by
  ours: above 1, adjoint is faster. MB is the largest memory of the process in this row, its runtime included.
- A call of more than two seconds is measured once. BART's times hold the start of a process and its files.
- ${disturbed} of ${total} samples were taken while something else ran on the machine.`;
}

function toolTable(results: readonly RaceResult[], { absent }: Surroundings): string {
  const tools = new Map<string, Lane>();
  for (const lane of results.flatMap(({ lanes }) => lanes))
    if (lane.version !== '' && !(lane.tool.startsWith('adjoint') && tools.has('adjoint')))
      tools.set(lane.tool, lane);
  const lines = [...tools].map(([tool, { version, threads }]) => `| ${tool} | ${version} | ${threads} |`);
  const missing = absent.map(({ tool, reason }) => `| ${tool} | absent: ${reason} | |`);
  return ['| tool | build | threads |', '|---|---|---|', ...lines, ...missing].join('\n');
}

function rowTable(results: readonly RaceResult[]): string {
  const lines = results.flatMap((result) =>
    comparisons(result).map(({ ours, theirs, ratio }, i) => {
      const first = i === 0 ? [result.op, result.shape, timeOf(ours), memoryOf(ours)] : ['', '', '', ''];
      const theirSide = [theirs.tool, timeOf(theirs), memoryOf(theirs)];
      const shown = ratio < 1 ? factor(ratio) : `**${factor(ratio)}**`;
      return `| ${[...first, ...theirSide, shown, theirs.difference.toExponential(1)].join(' | ')} |`;
    }),
  );
  const head = '| row | shape | adjoint | MB | beside | time | MB | ratio | difference |';
  return [head, '|---|---|---|---|---|---|---|---|---|', ...lines].join('\n');
}

/** Convolutions of three shapes count as one. */
function meansSection(all: readonly Comparison[]): string {
  const lines: string[] = [];
  for (const kind of ['fwd', 'fwd_bwd']) {
    const rows = all.filter(({ row }) => new RegExp(`^conv2d_\\S*to\\d+_${kind} `).test(row));
    for (const tool of new Set(rows.map(({ theirs }) => theirs.tool))) {
      const ratios = rows.filter(({ theirs }) => theirs.tool === tool).map(({ ratio }) => ratio);
      const name = kind === 'fwd' ? 'forward' : 'forward and backward';
      lines.push(
        `| 3x3 convolution, ${name} | ${tool} | ${ratios.length} | ${factor(geometricMean(ratios))} |`,
      );
    }
  }
  if (lines.length === 0) return '';
  return ['## Geometric means', '', '| rows | beside | shapes | ratio |', '|---|---|---|---|', ...lines].join(
    '\n',
  );
}

function slowerSection(all: readonly Comparison[]): string {
  const lost = all.filter(({ ratio, theirs }) => ratio < 1 && !theirs.tool.startsWith('adjoint'));
  const lines = lost
    .sort((a, b) => a.ratio - b.ratio)
    .map(({ row, theirs, ratio }) => `- ${row}: ${factor(ratio)} of the speed of ${theirs.tool}`);
  return `## Where adjoint is slower\n\n${lines.join('\n') || 'Nowhere in this run.'}`;
}

function failureSection(results: readonly RaceResult[]): string {
  const lines = results.flatMap(({ op, shape, lanes }) =>
    lanes
      .filter(({ failure }) => failure !== undefined)
      .map(({ tool, failure }) => `- ${op} ${shape}: ${tool}: ${failure}`),
  );
  return lines.length === 0 ? '' : `## Not measured\n\n${lines.join('\n')}`;
}
