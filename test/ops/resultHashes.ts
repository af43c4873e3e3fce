import { createHash } from 'node:crypto';
import type { Device } from '@adjoint/tensor';
import { callRow, drawSample, families, seededDraw } from '@adjoint/tensor/testing';
import { largeCalls } from './largeCalls.js';

const bits = (parts: readonly ArrayBufferView[]): string => {
  const sha = createHash('sha256');
  for (const part of parts) sha.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return sha.digest('hex').slice(0, 16);
};

/** Hash of the result bits of every row of the op table (every dtype, three samples) and of the large calls. */
export async function resultHashes(device: Device): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const family of families)
    for (const row of family.functions)
      for (const dtypes of row.dtypes) {
        const results: ArrayBufferView[] = [];
        for (let seed = 0; seed < 3; seed++) {
          const sample = drawSample(row, dtypes, seededDraw(seed));
          results.push(...(await callRow(row, sample, device)).map(({ data }) => data));
        }
        hashes[`${family.name}.${row.name} ${dtypes.join('×')}`] = bits(results);
      }
  for (const { name, call } of largeCalls) hashes[`large: ${name}`] = bits([await call(device)]);
  return hashes;
}
