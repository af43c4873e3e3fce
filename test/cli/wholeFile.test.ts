import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeWhole } from '../../apps/cli/src/files/wholeFile.js';
import { freshFolder } from './shell.js';

test('a file is replaced as a whole; after an abort the old one is there, and nothing else', async () => {
  const folder = await freshFolder();
  const file = path.join(folder, 'picture.png');
  await writeFile(file, 'old');
  const controller = new AbortController();
  const pending = writeWhole(file, new Uint8Array(2 ** 24), controller.signal);
  controller.abort(new Error('stopped'));
  await expect(pending).rejects.toThrow();
  expect([await readdir(folder), await readFile(file, 'utf8')]).toEqual([['picture.png'], 'old']);
  await writeWhole(file, 'new', new AbortController().signal);
  expect([await readdir(folder), await readFile(file, 'utf8')]).toEqual([['picture.png'], 'new']);
});

test('a failure leaves no temporary file', async () => {
  const folder = await freshFolder();
  const { signal } = new AbortController();
  await writeFile(path.join(folder, 'a'), '');
  // Not a folder: the rename cannot work.
  await expect(writeWhole(path.join(folder, 'a', 'b'), 'x', signal)).rejects.toThrow(/ENOTDIR/);
  expect(await readdir(folder)).toEqual(['a']);
});
