/**
 * Times the kernels: `npm run bench`. Every row runs in a process of its own, with seeded inputs made and
 * kernels warmed up before. A sample is one call with the wait for its result, intermediates freed. Nothing
 * is checked here: `npm run bench:peers` compares values with other libraries, the tests do the rest.
 */
import { benchCases } from './cases/all.js';
import { rowName } from './cases/case.js';
import { startRow } from './contender.js';
import { readOptions, refuse } from './options.js';
import { median } from './statistics.js';

const usage = `usage: npm run bench -- [options]

  --only TEXT     rows whose "op shape" contains TEXT
  --device D      wasm, webgpu or reference; default: the one init() takes
  --threads N     worker threads of the wasm device, 0 to 64; default: one per core
  --seconds S     about how long to take samples of a row; default 1
  --reps N        samples to take at least; default 8
  --json          one JSON line per row:
                  op, shape, device, threads, seconds_median, seconds_min, reps, peak_rss_mb

peak_rss_mb is the largest memory of the process once its inputs are there, Node.js included.

examples:
  npm run bench -- --only fft2
  npm run bench -- --only conv2d --threads 1 --json
  npm run bench -- --only "chain_4m_jit" --reps 30`;

interface Row {
  op: string;
  shape: string;
  device: string;
  threads: number;
  seconds_median: number;
  seconds_min: number;
  reps: number;
  peak_rss_mb: number;
}

const options = readOptions(usage, {
  only: { kind: 'text', default: '' },
  device: { kind: 'text', default: '-' },
  threads: { kind: 'number', min: 0, max: 64, integer: true },
  seconds: { kind: 'number', default: 1, min: 0.01, max: 600 },
  reps: { kind: 'number', default: 8, min: 1, max: 10_000, integer: true },
  json: { kind: 'switch' },
});

async function measure(op: string, shape: string): Promise<Row> {
  const contender = startRow(`${op} ${shape}`, options.device, options.threads ?? '-');
  try {
    const { device = '', threads } = await contender.ready();
    const limit = 120 + 20 * options.seconds;
    const command = `measure ${options.seconds} ${options.reps}`;
    const { samples } = await contender.ask<{ samples: number[] }>(command, limit);
    const { peak_rss_mb } = await contender.ask<{ peak_rss_mb: number }>('peak');
    return {
      ...{ op, shape, device, threads },
      seconds_median: median(samples),
      seconds_min: Math.min(...samples),
      reps: samples.length,
      peak_rss_mb,
    };
  } finally {
    contender.stop();
  }
}

const inMs = (seconds: number): string => (1e3 * seconds).toFixed(3);

const format = (row: Row): string =>
  `${row.op.padEnd(30)} ${row.shape.padEnd(14)} ${inMs(row.seconds_median).padStart(10)} ms ` +
  `(min ${inMs(row.seconds_min)}, ${row.reps} samples, ${row.peak_rss_mb} MB)`;

const chosen = benchCases.filter((row) => rowName(row).includes(options.only));
if (chosen.length === 0)
  refuse(`bench: no row matches "${options.only}". Rows:\n  ${benchCases.map(rowName).join('\n  ')}`);
for (const { op, shape } of chosen) {
  try {
    const row = await measure(op, shape);
    console.log(options.json ? JSON.stringify(row) : format(row));
  } catch (error) {
    const { message } = error as Error;
    // the library's own refusal of an option, which no other row would take either
    if (message.startsWith('init:')) refuse(`bench: ${message}`);
    console.error(`bench: ${op} ${shape}: ${message}`);
    process.exitCode = 1;
  }
}
