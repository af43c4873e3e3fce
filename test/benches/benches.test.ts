import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { benchCases } from '../../benches/cases/all.js';
import { rowName } from '../../benches/cases/case.js';
import { inputValues } from '../../benches/inputs.js';
import { relativeDistance } from '../../benches/peers/difference.js';
import { type Lane, type RaceResult, speedRatio } from '../../benches/peers/race.js';
import { reportPage } from '../../benches/peers/report.js';

const root = path.join(import.meta.dirname, '..', '..');

const bench = (script: string, ...args: string[]) =>
  promisify(execFile)(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', path.join(root, 'benches', script), ...args],
    { cwd: root },
  );

test('bench prints one JSON line per row', async () => {
  const args = ['--only', 'launches_100_jit', '--json', '--reps', '2', '--seconds', '0.01'];
  const { stdout } = await bench('run.ts', ...args, '--threads', '1');
  const { seconds_median, seconds_min, reps, peak_rss_mb, ...rest } = JSON.parse(stdout);
  expect(rest).toEqual({ op: 'launches_100_jit', shape: '16', device: 'wasm', threads: 1 });
  expect(seconds_min).toBeGreaterThan(0);
  expect(seconds_median).toBeGreaterThanOrEqual(seconds_min);
  expect(reps).toBeGreaterThanOrEqual(2);
  expect(peak_rss_mb).toBeGreaterThan(20);
});

test.each([
  ['run.ts', ['--threads', 'many'], /--threads must be an integer from 0 to 64; got "many"/],
  ['run.ts', ['--only', 'no such row'], /no row matches/],
  ['peers/run.ts', ['--tools', 'abacus'], /unknown tool "abacus"/],
])('%s %j is refused with exit code 2', async (script, args, message) => {
  await expect(bench(script, ...args)).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(message),
  });
});

test('rows have names of their own, and rivals that exist', () => {
  const names = benchCases.map(rowName);
  expect(new Set(names).size).toBe(names.length);
  for (const { rival, shape } of benchCases) if (rival) expect(names).toContain(`${rival} ${shape}`);
});

test('inputs are normal numbers, the same every time and different for every position', () => {
  const spec = { shape: [100_000], dtype: 'f32', fill: 'normal' } as const;
  const values = inputValues(spec, 0) as Float32Array;
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((a, b) => a + b * b, 0) / values.length - mean * mean;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  expect(inputValues(spec, 0)).toEqual(values);
  expect(inputValues(spec, 1).slice(0, 10)).not.toEqual(values.slice(0, 10));
});

test('the relative distance sees a wrong entry, a wrong scale and a NaN', () => {
  const right = Float32Array.from({ length: 100 }, (_, i) => i + 1);
  const changed = (i: number, value: number) => right.map((x, j) => (i === j ? value : x));
  expect(relativeDistance(right, right, 0, 100)).toBe(0);
  expect(relativeDistance(changed(7, 9), right, 0, 100)).toBeGreaterThan(1e-3);
  expect(relativeDistance(changed(7, 9), right, 8, 100)).toBe(0);
  expect(
    relativeDistance(
      right.map((x) => 2 * x),
      right,
      0,
      100,
    ),
  ).toBeCloseTo(1, 12);
  expect(relativeDistance(changed(3, NaN), right, 0, 100)).toBe(Infinity);
});

test('a ratio above 1 says that ours is faster, round by round', () => {
  const lane = (...samples: number[]): Lane => ({
    ...{ tool: '', version: '', threads: 1, peakMb: undefined, difference: 0 },
    samples,
  });
  expect(speedRatio(lane(1, 2, 4), lane(3, 6, 4))).toBe(3); // the machine slowed down; pairs do not care
  expect(speedRatio(lane(1, 2, 4), lane(8))).toBe(4);
});

test('the page compares peak memory, and says where a floor is missed', () => {
  const lane = (tool: string, seconds: number, peakMb: number): Lane => ({
    ...{ tool, version: '1', threads: 1, samples: [seconds], peakMb, difference: 0 },
  });
  const race = (op: string, ...lanes: Lane[]): RaceResult => ({
    ...{ op, shape: '1x1x320x320', lanes, samples: 2, disturbed: 0, tolerance: 1e-4 },
  });
  const page = reportPage(
    [
      race('unet_c32_p4_fwd', lane('adjoint', 1, 300), lane('torch', 2, 450)),
      race('unet_c32_p4_train_step_adam', lane('adjoint', 2, 800), lane('torch', 3, 640)),
    ],
    { machine: '', node: '', date: '', threads: 1, reps: 1, absent: [] },
  );
  expect(page).toContain('2e-5 at most; 1e-4 in `unet_c32_p4_fwd`, `unet_c32_p4_train_step_adam`.');
  expect(page).toContain('| torch | 2 | 1 | 1.10 | 0.80: unet_c32_p4_train_step_adam 1x1x320x320 |');
  expect(page).toContain('pgd_unet_iteration | torch | 0.7 | 1.50 |');
  expect(page).toContain('pgd_unet_iteration: memory | torch | 1 | **0.80: below** |');
});
