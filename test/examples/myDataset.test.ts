import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { main } from '../../examples/my-dataset.js';

test('my-dataset: images of one’s own are attacked and reported', async () => {
  const out = path.join(await mkdtemp(path.join(tmpdir(), 'adjoint-')), 'study');
  const { record } = await main(out);
  expect(record.failures).toEqual([]);
  expect(record.images.filter(({ use }) => use === 'test').map(({ name }) => name)).toEqual([
    'discs:1',
    'discs:2',
  ]);
  const drop = (perturbation: string) =>
    record.cells.find((cell) => cell.perturbation === perturbation)!.drop;
  expect(drop('attack').estimate).toBeGreaterThan(drop('noise').estimate);
  expect(drop('attack')).toMatchObject({ images: 2, subjects: 2 });
  expect(await readFile(path.join(out, 'report.html'), 'utf8')).toContain(
    'made by a formula, simulated acquisition',
  );
});
