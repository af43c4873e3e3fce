import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pics } from './bartPics.js';
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

/** Complex [coils, rows, columns] with rows and columns exchanged. */
function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  const count = rows * columns;
  for (let i = 0; 2 * i < values.length; i++) {
    const place = i % count;
    const to = 2 * (i - place + (place % columns) * rows + Math.floor(place / columns));
    result[to] = values[2 * i]!;
    result[to + 1] = values[2 * i + 1]!;
  }
  return result;
}

/**
 * The commands `bart fft -u`, a centred unitary transform, and `bart ecalib -m1 -P`, ESPIRiT. The time holds the start of a process and the
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
  const calibrate = ([x]: readonly HostInput[]): PeerRun => {
    const [from, to] = [path.join(folder, 'k'), path.join(folder, `s${threads}`)];
    const [coils, h, w] = x!.shape as [number, number, number];
    writeFileSync(`${from}.hdr`, `# Dimensions\n${h} ${w} 1 ${coils}\n`); // rows first: the readout there
    writeFileSync(`${from}.cfl`, transposed(x!.data, h, w));
    const run = () => void bart(['ecalib', '-m1', '-P', from, to], env);
    return {
      run,
      output: async () => {
        run();
        const { buffer, byteOffset, byteLength } = readFileSync(`${to}.cfl`);
        return [transposed(new Float32Array(buffer, byteOffset, byteLength / 4), w, h)];
      },
    };
  };
  const reconstruct = (...regularisation: string[]) =>
    pics((args) => void bart(args, env), folder, String(threads), regularisation);
  const ops = {
    ...{ fft2c_c64: transform, espirit: calibrate },
    l1_recon_i100: reconstruct('-l1', '-r', '0.005'),
    tv_recon_i100: reconstruct('-R', 'T:3:0:0.005'),
  };
  return { version, threads, ops };
}
