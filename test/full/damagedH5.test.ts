import { init } from '@adjoint/tensor';
import { beforeAll, expect, test } from 'vitest';
import { readManyDamaged } from '../mri/io/damage.js';

beforeAll(async () => {
  await init({ device: 'reference' });
});

test('2,000 damaged HDF5 files are refused, stopped or read as something whole', async () => {
  const count = await readManyDamaged(100, 1000);
  process.stdout.write(`damaged HDF5: ${JSON.stringify(count)}\n`);
  expect(count.read + count.refused + count.stopped).toBe(2000);
}, 1_800_000);
