import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { installNode24 } from '../../scripts/node24.mjs';

const script = path.join(import.meta.dirname, 'printHashes.ts');

function hashesOn(binary: string): Record<string, string> {
  const args = ['--conditions=source', '--import', 'tsx', script];
  const text = execFileSync(binary, args, { encoding: 'utf8', maxBuffer: 2 ** 26, timeout: 300_000 });
  return JSON.parse(text) as Record<string, string>;
}

test('deterministic results have the same bits on this Node and on Node 24', ({ skip }) => {
  const other = installNode24();
  if ('reason' in other) return skip(other.reason);
  const here = hashesOn(process.execPath);
  process.stdout.write(`equal bits: ${Object.keys(here).length} hashes on ${process.version} and Node 24\n`);
  expect(hashesOn(other.path)).toEqual(here);
}, 600_000);
