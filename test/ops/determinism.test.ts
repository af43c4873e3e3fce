import { createDevice } from '@adjoint/tensor';
import { expect, test } from 'vitest';
import { resultHashes } from './resultHashes.js';

test('every row of the table and every large call give equal bits on 0, 1, 2 and 4 threads', async () => {
  const hashes: Record<string, string>[] = [];
  for (const threads of [0, 1, 2, 4]) {
    const device = await createDevice({ device: 'wasm', threads });
    hashes.push(await resultHashes(device));
    device.dispose();
  }
  process.stdout.write(`equal bits: ${Object.keys(hashes[0]!).length} hashes on 0, 1, 2 and 4 threads\n`);
  for (const other of hashes.slice(1)) expect(other).toEqual(hashes[0]);
}, 240_000);
