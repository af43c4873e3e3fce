import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { adjoint, freshFolder } from './shell.js';

let folder: string;
beforeAll(async () => {
  folder = await freshFolder();
});

const data = path.join(import.meta.dirname, 'oneBadImage.ts');
const study = (...more: string[]) =>
  adjoint([
    'study',
    ...'--profile tiny --methods zero-filled --experiments curves --jobs 1'.split(' '),
    ...more,
  ]);

describe('adjoint study', () => {
  test('units that fail: the report is written all the same, with a list, and the exit code is 1', async () => {
    const out = path.join(folder, 'study');
    const program = ['--method-cmd', 'exit 3 # {in} {out}', '--method-name', 'theirs'];
    const { code, stdout, stderr } = await study('--data', data, '--out', out, ...program);
    expect([code, stdout]).toEqual([1, expect.stringContaining('units failed:\n  image mine:bad: ')]);
    expect(stdout).toMatch(/\n {2}clean theirs mine:good: theirs: .* ended with exit code 3/);
    expect(stdout).toContain(`report: ${path.join(out, 'report.html')}`);
    expect(stderr).not.toContain('at ');
    expect(await readFile(path.join(out, 'report.html'), 'utf8')).toContain('mine:bad');
    const again = await study('--data', data, '--out', out);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('Go on with it (resume)')]);
  });

  test('an interrupted study says how to go on', async () => {
    const out = path.join(folder, 'interrupted');
    const { code, stderr } = await adjoint(
      ['study', '--profile', 'tiny', '--methods', 'zero-filled', '--out', out],
      AbortSignal.timeout(300),
    );
    expect([code, stderr]).toEqual([
      130,
      expect.stringContaining(`is in ${out}, and --resume goes on from there`),
    ]);
  });

  test.each([
    [['--shard', '3/2'], '--shard must be I/N'],
    [['--shard', 'half'], '--shard must be I/N'],
    [['--profile', 'huge'], '--profile must be one of tiny, quick, standard'],
    [['--data', 'no-such-folder'], 'no such file'],
    [['--merge', 'no-such-folder'], 'folders of studies'],
    [
      ['--retrain', '--weights', 'unet.safetensors'],
      '--retrain trains the weights of the U-net, and --weights',
    ],
    [['--retrain'], 'option retrain must be with the method unet'],
    [['--merge', 'part', '--retrain'], '--merge computes nothing'],
    [['--method-cmd', 'recon.py'], 'with {in} and {out}'],
    [['--method-name', 'mine'], '--method-name is about a program'],
    [['--method-cmd', '{in} {out}', '--method-name', 'l1'], 'no other method’s'],
  ])('%j is refused', async (words, message) => {
    const { code, stderr } = await study(...words, '--out', path.join(folder, 'refused'));
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});
