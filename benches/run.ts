/**
 * Times the kernels. One JSON line per row on standard output; progress on standard error.
 *
 *   npm run bench -- [--only TEXT] [--device wasm|reference] [--threads N] [--seconds S] [--json]
 *
 * A sample is one call with the wait for its result, intermediates freed. Inputs are made and kernels are
 * warmed up before; nothing is checked here (tests do that).
 */
import { parseArgs } from 'node:util';
import { type Device, type InitOptions, init, scope, Tensor } from '@adjoint/tensor';
import Benchmark from 'benchmark';
import { type BenchCase, benchCases } from './cases.js';

const usage =
  'usage: npm run bench -- [--only TEXT] [--device wasm|reference] [--threads N] [--seconds S] [--json]';

async function once(device: Device, run: () => Tensor | readonly Tensor[]): Promise<void> {
  const result = scope(run);
  await device.finish();
  for (const tensor of result instanceof Tensor ? [result] : result) tensor.dispose();
}

/** Seconds of each sample, ascending. */
function sample(device: Device, run: () => Tensor | readonly Tensor[], seconds: number): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const benchmark = new Benchmark({
      defer: true,
      minSamples: 8,
      maxTime: seconds,
      initCount: 1,
      fn: (deferred: { resolve(): void }) => {
        once(device, run).then(() => deferred.resolve(), reject);
      },
    });
    benchmark.on('complete', () => resolve([...benchmark.stats.sample].sort((a, b) => a - b)));
    benchmark.on('error', () => reject(benchmark.error));
    benchmark.run({ async: true });
  });
}

async function measure(device: Device, { op, shape, prepare }: BenchCase, threads: number, seconds: number) {
  const run = prepare();
  for (let i = 0; i < 3; i++) await once(device, run);
  const times = await sample(device, run, seconds);
  return {
    op,
    shape,
    device: device.name,
    threads,
    seconds_median: times[times.length >> 1],
    seconds_min: times[0],
    reps: times.length,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    device: { type: 'string', default: 'wasm' },
    threads: { type: 'string' },
    seconds: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const chosen = benchCases.filter(({ op, shape }) => !values.only || `${op} ${shape}`.includes(values.only));
if (chosen.length === 0) {
  console.error(`bench: no row matches "${values.only}". Rows: ${benchCases.map(({ op }) => op).join(', ')}`);
  process.exit(2);
}
const threads = values.threads === undefined ? undefined : Number(values.threads);
const device = await init({ device: values.device as InitOptions['device'], threads });
const count = (device.backend as { threads?: number }).threads ?? 1;
for (const row of chosen) {
  const result = await measure(device, row, count, Number(values.seconds));
  if (values.json) console.log(JSON.stringify(result));
  else
    console.log(
      `${result.op.padEnd(28)} ${result.shape.padEnd(16)} ${(1e3 * result.seconds_median!).toFixed(3).padStart(10)} ms ` +
        `(min ${(1e3 * result.seconds_min!).toFixed(3)}, ${result.reps} samples)`,
    );
}
device.dispose();
