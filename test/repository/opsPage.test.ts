import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { opsPage } from '../../scripts/opsPage.js';

test('docs/ops.md lists what the op table has: `npm run docs` writes it', async () => {
  const page = await readFile(path.join(import.meta.dirname, '../../docs/ops.md'), 'utf8');
  expect(page).toBe(opsPage());
});
