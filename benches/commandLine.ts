/**
 * Times whole commands, file to file, beside BART's: `npm run bench:cli`. Both read k-space, maps and mask from files and
 * write an image; the start of Node and the compilation of kernels count. `npm run build` comes first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { espirit, kspaceToBart, writeCfl, writeH5 } from '@adjoint/mri';
import { type Device, init, mul, scope, tensor, unsqueeze } from '@adjoint/tensor';
import { coilKspace } from './coilKspace.js';
import { readOptions, refuse } from './options.js';
import { median } from './statistics.js';

const usage = `usage: npm run build && npm run bench:cli [-- options]

Times \`adjoint recon\` and \`adjoint espirit\` beside \`bart pics\` and \`bart ecalib\`, process by process, in turn.
Ratios above 1: adjoint is faster.

  --reps N      rounds; default 5
  --json        one JSON line per row instead of text`;

const options = readOptions(usage, {
  reps: { kind: 'number', default: 5, min: 1, max: 100, integer: true },
  json: { kind: 'switch' },
});
const program = path.join(import.meta.dirname, '..', 'apps', 'cli', 'dist', 'adjoint.js');
const shape = [15, 320, 320] as const;
const iterations = '100';

interface Row {
  readonly op: string;
  readonly adjoint: readonly string[];
  readonly bart: readonly string[];
}

/** Names of files are relative to the folder that both commands run in. */
const rows: readonly Row[] = [
  {
    op: 'cli_espirit',
    adjoint: ['espirit', '--in', 'k.h5', '--out', 'ours.h5'],
    bart: ['ecalib', '-m1', 'k', 'theirs'],
  },
  ...[
    {
      op: 'cli_l1_recon_i100',
      method: ['l1', '--wavelet', 'db2', '--lambda', '0.002'],
      theirs: ['-l1', '-r', '0.002'],
    },
    { op: 'cli_tv_recon_i100', method: ['tv', '--lambda', '0.002'], theirs: ['-R', 'T:3:0:0.002'] },
  ].map(({ op, method, theirs }) => ({
    op,
    adjoint: [
      ...['recon', '--method', ...method, '--iterations', iterations],
      ...['--in', 'k.h5', '--mask', 'm.h5', '--maps', 's.h5', '--out', 'ours.h5'],
    ],
    bart: ['pics', '-S', ...theirs, '-i', iterations, 'y', 's', 'theirs'],
  })),
];

/** The same measurement as files of both. */
async function writeInputs(folder: string, device: Device): Promise<void> {
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const kspace = tensor(coilKspace(shape, random), { dtype: 'c64', shape, device });
  const columns = Float32Array.from({ length: shape[2] }, (_, i) =>
    Math.abs(i - shape[2] / 2) < 13 || i % 5 === 0 ? 1 : 0,
  );
  const mask = tensor(columns, { shape: [shape[2]], device });
  const maps = await espirit({ kspace, mask });
  const at = (name: string): string => path.join(folder, name);
  for (const [name, x] of Object.entries({ k: kspace, s: maps, y: scope(() => mul(kspace, mask)) }))
    await writeCfl(at(name), kspaceToBart(x));
  await writeH5(at('k.h5'), { kspace: unsqueeze(kspace, 0) });
  await writeH5(at('s.h5'), { maps: unsqueeze(maps, 0) });
  await writeH5(at('m.h5'), { mask });
}

/** Seconds a command takes; its output counts only where it fails. */
function seconds(folder: string, command: string, args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    // waiting threads sleep: spinning ones can cost BART tenfold
    env: { ...process.env, OMP_WAIT_POLICY: 'passive' },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return (performance.now() - started) / 1000;
}

if (!existsSync(program)) refuse(`bench:cli: ${program} is missing. Run npm run build.`);
if (spawnSync('bart', ['version']).status !== 0) refuse('bench:cli: bart is not installed.');
const folder = mkdtempSync(path.join(tmpdir(), 'adjoint-bench-cli-'));
try {
  const device = await init({ device: 'wasm' });
  await writeInputs(folder, device);
  device.dispose();
  for (const { op, adjoint, bart } of rows) {
    const rounds = Array.from({ length: options.reps }, () => ({
      ours: seconds(folder, process.execPath, [program, ...adjoint]),
      theirs: seconds(folder, 'bart', bart),
    }));
    const ours = median(rounds.map((round) => round.ours));
    const theirs = median(rounds.map((round) => round.theirs));
    const ratio = median(rounds.map((round) => round.theirs / round.ours));
    const row = { op, shape, seconds_median: ours, bart_seconds_median: theirs, ratio, reps: options.reps };
    console.log(
      options.json
        ? JSON.stringify(row)
        : `${op.padEnd(20)} adjoint ${ours.toFixed(2)} s, bart ${theirs.toFixed(2)} s, ratio ${ratio.toFixed(2)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
