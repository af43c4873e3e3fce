import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

test.each([
  ['tensor', /^\d(\.\d+)?e-1\d$/],
  ['autograd', /^c64 adam$/],
  ['mri', /^0\.[789]\d*$/],
  ['models', /^0\.[56]$/],
])('the example in the README of packages/%s runs', async (name, output) => {
  const text = await readFile(path.join(root, 'packages', name, 'README.md'), 'utf8');
  const [, code] = text.match(/```ts\n([\s\S]*?)```/)!;
  const folder = path.join(root, 'out', 'readme');
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, `${name}.mts`);
  await writeFile(file, code!);
  const { stdout } = await run(process.execPath, ['--conditions=source', '--import', 'tsx', file], {
    cwd: root,
  });
  expect(stdout.trim()).toMatch(output);
});

test.each(['packages/tensor', 'packages/autograd', 'packages/mri', 'packages/models', 'apps/cli'])(
  'links in the README of %s lead somewhere',
  async (name) => {
    const folder = path.join(root, name);
    const text = await readFile(path.join(folder, 'README.md'), 'utf8');
    for (const [, target] of text.matchAll(/\]\((\.[^)]*)\)/g)) await stat(path.join(folder, target!));
  },
);
