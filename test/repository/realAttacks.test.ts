import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Scores } from '@adjoint/mri';
import { expect, test } from 'vitest';
import { attackCommand } from '../../apps/cli/src/commands/attack.js';
import { parseCommandLine } from '../../apps/cli/src/parse.js';
import { attackWords, cases, epsilons } from '../../scripts/realAttacks/cases.js';
import { Pace } from '../../scripts/realAttacks/pace.js';
import { page, type RatedRow } from '../../scripts/realAttacks/page.js';
import { filesOf, type Sample } from '../../scripts/realAttacks/sample.js';

const sample = (name: string, shape: readonly number[]): Sample => ({
  ...{ name, shape, file: `${name}.h5`, mask: 'm.h5', slice: 0, columns: 4 },
});
const scored = (psnr: number): Scores => ({
  ...{ psnr, psnr_foreground: psnr - 1, ssim: 0, ssim_foreground: 0, nmse: 0, mse: 0, vif: 0 },
});
const rows = (['a', 'b', 'c'] as const).map((name, i): RatedRow => {
  const outcome = { clean: scored(30), attacked: scored(29 - 4 * i), noisy: scored(28), seconds: 2 };
  return {
    ...{ sample: sample(name, [8, 4, 16]), case: cases[0]!, epsilon: epsilons[0]! },
    outcome: { ...outcome, epsilonSampled: 0.021, flags: i === 0 ? ['random-beats-gradient'] : [] },
  };
});

test.each(cases)('adjoint attack takes the words of $name under $attack', (item) => {
  const words = [...attackWords(item, 0.02), '--in', 'k.h5', '--out', 'a.h5'];
  expect(parseCommandLine(attackCommand, words).values).toMatchObject({ eps: 0.02 });
});

test('the page has every row, and what the files have in common', () => {
  const text = page(rows, 'wasm');
  expect(text).toContain(
    '| zero-filled | `apgd` | 0.02 | 5.00 (1.00 to 9.00) | 5.00 (1.00 to 9.00) | 2.00 (2.00 to 2.00) | 2 of 3 |',
  );
  expect(text).toContain(
    '| a (8 × 4 × 16, 4 columns) | zero-filled | `apgd` | 0.02 | 0.0210 | 30.00 | 1.00 | 2.00 | 29.00 | 1.00 | 2.00 | ' +
      '`random-beats-gradient` | 2 |',
  );
});

test('the time that is left follows the size of the slices', () => {
  const [done, next, large] = [
    ...[sample('a', [4, 8, 8]), sample('b', [4, 8, 8]), sample('c', [8, 8, 8])],
  ].map((of) => ({ ...rows[0]!, sample: of }));
  const pace = new Pace([done!, next!, large!]);
  pace.took(done!, 25);
  expect(pace.left()).toBe('1:15');
});

test('what is not there is named', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'adjoint-real-attacks-'));
  try {
    await writeFile(path.join(folder, 'one.h5'), '');
    expect(await filesOf(folder, 'one')).toEqual([path.join(folder, 'one.h5')]);
    await expect(filesOf(folder, 'two.h5')).rejects.toThrow(/has no two\.h5; it has one\.h5/);
    await expect(filesOf(path.join(folder, 'no'), undefined)).rejects.toThrow(/no is missing: --data names/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
