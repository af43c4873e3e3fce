import { init } from '@adjoint/tensor';
import { beforeAll, expect, test } from 'vitest';
import { readManyDamaged } from './damage.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

test('200 damaged HDF5 files are refused, stopped or read as something whole', async () => {
  const count = await readManyDamaged(0, 100);
  process.stdout.write(`damaged HDF5: ${JSON.stringify(count)}\n`);
  expect(count.read + count.refused + count.stopped).toBe(200);
  // damage to structure is noticed, most damage to values cannot be
  expect(count.refused).toBeGreaterThan(50);
  expect(count.read).toBeGreaterThan(20);
}, 300_000);
