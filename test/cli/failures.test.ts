import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeH5 } from '@adjoint/mri';
import { init, tensor, zeros } from '@adjoint/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { adjoint, done, freshFolder } from './shell.js';

const root = path.join(import.meta.dirname, '..', '..');
const wasm = ['--device', 'wasm', '--threads', '0'];
let folder: string;
const at = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await freshFolder();
  await done(
    `simulate --images phantom:ellipses --coils 3 --size 32 --out ${at('k.h5')} --device wasm --threads 0`,
  );
  await done(`mask --acceleration 2 --width 32 --center-fraction 0.3 --out ${at('m.h5')}`);
  await writeFile(at('text.h5'), 'this is no HDF5 file, whatever its name says');
  await init({ device: 'wasm', threads: 0 });
  await writeH5(at('flat.h5'), { kspace: zeros([8, 16, 16]), other: zeros([2]) });
  await writeH5(at('zero.h5'), { kspace: zeros([1, 3, 32, 32], { dtype: 'c64' }) });
  const broken = new Float32Array(2 * 3 * 32 * 32).fill(Number.NaN);
  await writeH5(at('nan.h5'), { kspace: tensor(broken, { dtype: 'c64', shape: [1, 3, 32, 32] }) });
  await writeH5(at('wide.h5'), { mask: tensor(new Float32Array(40).fill(1)) });
  await writeH5(at('none.h5'), { mask: zeros([32]) });
  await writeH5(at('five.h5'), { maps: zeros([1, 5, 32, 32], { dtype: 'c64' }) });
});

const recon = (...words: string[]) =>
  adjoint(['recon', '--method', 'cg-sense', '--out', at('r.h5'), ...wasm, ...words]);

/** No stack trace, one command named, the exit code of wrong input. */
function expectRefusal(
  { code, stdout, stderr }: Awaited<ReturnType<typeof adjoint>>,
  message: string | RegExp,
) {
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^adjoint \w+: /);
  expect(stderr).not.toMatch(/\n\s+at |Error:/);
}

describe('wrong input: exit code 2, one message, no file', () => {
  test.each([
    ['missing file', ['--in', 'nowhere.h5'], /cannot read nowhere\.h5: no such file\./],
    ['a folder', ['--in', '.'], /cannot read \.: it is a folder\./],
    ['not HDF5', ['--in', '{text.h5}'], /text\.h5/],
    [
      'wrong dataset',
      ['--in', '{flat.h5}'],
      /cannot read .*flat\.h5: dataset "kspace" is float32 \[8, 16, 16\]; expected complex64 \[slices, coils, H, W\]\. Convert with: adjoint convert/,
    ],
    ['no such dataset', ['--in', '{m.h5}'], /dataset "kspace" is missing; the file has mask/],
    [
      'no such slice',
      ['--in', '{k.h5}', '--slices', '4'],
      /--slices names slice 4; .*k\.h5 has only slice 0\./,
    ],
    ['mask of another size', ['--in', '{k.h5}', '--mask', '{wide.h5}'], /mask must be \[W\] or \[H, W\].*40/],
    [
      'no mask in the mask file',
      ['--in', '{k.h5}', '--mask', '{flat.h5}'],
      /dataset "mask" is missing; the file has kspace, other/,
    ],
    ['empty mask', ['--in', '{k.h5}', '--mask', '{none.h5}'], /mask/],
    [
      'maps of other coils',
      ['--in', '{k.h5}', '--maps', '{five.h5}'],
      /maps of .*five\.h5 are \[1, 5, 32, 32\]/,
    ],
    ['all zeros', ['--in', '{zero.h5}'], /must be not 0 everywhere/],
    ['NaN', ['--in', '{nan.h5}', '--mask', '{m.h5}'], /finite/],
    [
      'an option of another method',
      ['--in', '{k.h5}', '--wavelet', 'db4'],
      /--wavelet means nothing to cg-sense; it is for l1\./,
    ],
    ['output onto the input', ['--in', '{k.h5}', '--out', '{k.h5}'], /--out .* is an input, too/],
    [
      'no folder for the output',
      ['--in', '{k.h5}', '--out', '{no/where/r.h5}'],
      /cannot write .*: there is no folder .*no\/where/,
    ],
    ['output is a folder', ['--in', '{k.h5}', '--out', '{.}'], /cannot write .*: it is a folder\./],
  ])('%s', async (_, words, message) => {
    const before = await readdir(folder);
    expectRefusal(
      await recon(...words.map((word) => word.replace(/^\{(.*)\}$/, (_, name) => at(name)))),
      message,
    );
    expect(await readdir(folder)).toEqual(before);
  });

  test('of other commands', async () => {
    expectRefusal(
      await adjoint(['metrics', '--reference', at('k.h5'), '--in', at('m.h5')]),
      /no dataset reconstruction, kspace/,
    );
    expectRefusal(await adjoint(['metrics', '--reference', at('k.h5'), '--in', at('text.h5')]), /text\.h5/);
    expectRefusal(await adjoint(['view', at('text.h5'), '--out', at('p.png')]), /text\.h5/);
    expectRefusal(await adjoint(['info', at('nowhere.h5')]), /no such file/);
    expectRefusal(
      await adjoint(['convert', at('k.h5'), at('k.cfl'), '--dataset', 'nope']),
      /there is no dataset "nope"/,
    );
    await writeFile(at('bad.npy'), 'no array');
    expectRefusal(await adjoint(['convert', at('bad.npy'), at('bad.h5')]), /bad\.npy/);
    expectRefusal(
      await adjoint(['espirit', '--in', at('nan.h5'), '--out', at('s.h5'), ...wasm]),
      /NaN|finite/,
    );
  });

  test.skipIf(process.getuid?.() === 0)(
    'files that may not be read, folders that may not be written',
    async () => {
      await writeFile(at('secret.h5'), '');
      await chmod(at('secret.h5'), 0);
      expectRefusal(await recon('--in', at('secret.h5')), /permission denied/);
      await mkdir(at('locked'), { mode: 0o500 });
      expectRefusal(
        await recon('--in', at('k.h5'), '--out', at('locked/r.h5')),
        /cannot write .*permission denied/,
      );
    },
  );
});

test('failure that is not the input’s: exit code 1', async () => {
  const { code, stderr } = await adjoint([
    'mask',
    '--width',
    '32',
    '--out',
    at('t.h5'),
    '--device',
    'webgpu',
  ]);
  // Where there is a GPU, or software that stands in for one, nothing fails.
  if (code === 0) return;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^adjoint mask: init: /);
});

test('an existing output stays as it was when the command fails, and is replaced when it does not', async () => {
  await writeFile(at('old.h5'), 'the older result');
  expect((await recon('--in', at('zero.h5'), '--out', at('old.h5'))).code).toBe(2);
  expect(await readFile(at('old.h5'), 'utf8')).toBe('the older result');
  expect(
    (await recon('--in', at('k.h5'), '--mask', at('m.h5'), '--iterations', '2', '--out', at('old.h5'))).code,
  ).toBe(0);
  expect((await readFile(at('old.h5'))).subarray(1, 4).toString('latin1')).toBe('HDF');
});

test('an abort during the work: exit code 130, nothing written', async () => {
  const before = await readdir(folder);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('stopped')), 400);
  const words = [
    'recon',
    '--method',
    'tv',
    '--iterations',
    '1000000',
    '--in',
    at('k.h5'),
    '--out',
    at('r.h5'),
  ];
  const { code, stdout, stderr } = await adjoint([...words, ...wasm], controller.signal);
  expect([code, stdout]).toEqual([130, '']);
  expect(stderr).toBe('adjoint recon: interrupted; nothing was written.\n');
  expect(await readdir(folder)).toEqual(before);
});

describe('as a process', () => {
  const start = (...words: string[]): ChildProcess =>
    spawn(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', path.join(root, 'apps/cli/src/adjoint.ts'), ...words],
      { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
    );
  const text = async (stream: NodeJS.ReadableStream): Promise<string> => {
    let all = '';
    for await (const chunk of stream) all += chunk;
    return all;
  };

  test('exit codes 0 and 2 reach the shell; results and errors go to their own streams', async () => {
    const good = start('--version');
    expect(await text(good.stdout!)).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await once(good, 'close'))[0]).toBe(0);
    const bad = start('mask', '--widht', '32');
    const [stdout, stderr] = await Promise.all([text(bad.stdout!), text(bad.stderr!)]);
    expect([stdout, stderr]).toEqual([
      '',
      'adjoint mask: there is no option --widht; did you mean --width?\n',
    ]);
    expect(bad.exitCode ?? (await once(bad, 'close'))[0]).toBe(2);
  });

  test('Ctrl-C during the work: a last word, exit code 130, no output and no leftovers', async () => {
    const before = await readdir(folder);
    const words = [
      'recon',
      '--method',
      'l1',
      '--iterations',
      '1000000',
      '--in',
      at('k.h5'),
      '--out',
      at('r.h5'),
    ];
    const child = start(...words, ...wasm);
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    // The first line of progress comes after 5 s of work.
    while (!stderr.includes('l1 [')) await once(child.stderr!, 'data');
    expect(stderr).toMatch(/^l1 \[#*\.+\] \d+ %, \d+:\d\d(:\d\d)? left/m);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(stderr).toMatch(/adjoint recon: interrupted; nothing was written\.\n$/);
    expect(await readdir(folder)).toEqual(before);
  });

  test('killed while it writes: the older file is whole', async () => {
    await init({ device: 'wasm', threads: 0 });
    await writeH5(at('large.h5'), { image: zeros([96, 512, 512]) });
    await writeFile(at('kept.h5'), 'the older result');
    const child = start('convert', at('large.h5'), at('kept.h5'), '--scale', '2');
    const closed = once(child, 'close');
    const isTemporary = (name: string) => name.startsWith('kept.h5.') && name !== 'kept.h5';
    let temporary: string | undefined;
    while (child.exitCode === null && !temporary) {
      temporary = (await readdir(folder)).find(isTemporary);
      await new Promise((resume) => setTimeout(resume, 2));
    }
    expect(temporary, 'the command was done before it could be killed').toBeDefined();
    child.kill('SIGKILL');
    await closed;
    expect(await readFile(at('kept.h5'), 'utf8')).toBe('the older result');
    expect((await stat(at(temporary!))).isFile()).toBe(true);
  });
});
