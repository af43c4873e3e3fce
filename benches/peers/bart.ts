import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostInput, PeerLibrary, PeerRun } from './library.js';

function bart(args: readonly string[], env: Readonly<Record<string, string>>): string {
  const { status, stdout, stderr, error } = spawnSync('bart', args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`bart ${args[0]}: ${stderr.trim()}`);
  return stdout.trim();
}

/**
 * The command `bart fft -u`, a centred unitary transform. Its time holds the start of a process and the
 * files it reads and writes, as using BART does. Waiting threads sleep: spinning ones can cost it tenfold.
 */
export function loadBart(threads: number, folder: string): PeerLibrary {
  const env = { OMP_NUM_THREADS: String(threads), OMP_WAIT_POLICY: 'passive' };
  const version = `BART ${bart(['version'], env)} (command line)`;
  const transform = ([x]: readonly HostInput[]): PeerRun => {
    const [from, to] = [path.join(folder, 'x'), path.join(folder, `y${threads}`)];
    const [coils, h, w] = x!.shape;
    writeFileSync(`${from}.hdr`, `# Dimensions\n${w} ${h} 1 ${coils}\n`); // fastest first
    writeFileSync(`${from}.cfl`, x!.data);
    const run = () => void bart(['fft', '-u', '3', from, to], env);
    return {
      run,
      output: async () => {
        run();
        const { buffer, byteOffset, byteLength } = readFileSync(`${to}.cfl`);
        return [new Float32Array(buffer, byteOffset, byteLength / 4)];
      },
    };
  };
  return { version, threads, ops: { fft2c_c64: transform } };
}
