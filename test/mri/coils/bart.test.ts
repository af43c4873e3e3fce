import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Device, init, mul, slice, type Tensor, tensor } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { espirit } from '../../../packages/mri/src/coils/index.js';
import { withGoldenFile } from '../../golden/h5.js';
import { columns, products } from './scene.js';

const data = path.resolve(import.meta.dirname, '../../../../shared/data/kspace');
const files = existsSync(data) ? readdirSync(data).filter((name) => name.endsWith('.h5')) : [];
const hasBart = spawnSync('bart', ['version']).status === 0;
const missing = [files.length === 0 ? `data in ${data}` : '', hasBart ? '' : 'the command bart'].filter(
  Boolean,
);
if (missing.length > 0)
  console.warn(`SKIPPED: espirit against bart ecalib on real data: no ${missing.join(', no ')}`);

let device: Device;
let folder: string;
beforeAll(async () => {
  device = await init({ device: 'wasm', threads: 2 });
  folder = mkdtempSync(path.join(tmpdir(), 'espirit-'));
});
afterAll(() => {
  device.dispose();
  rmSync(folder, { recursive: true });
});

/** The first slice of a file: [coils, H, W]. */
const firstSlice = (name: string): Promise<Tensor> =>
  withGoldenFile(path.join(data, name), async (root) => {
    const { data: values, shape } = root.dataset('kspace');
    using all = tensor(values, { dtype: 'c64', shape });
    return slice(all, [0]);
  });

/** Maps [sets, coils, H, W] of `bart ecalib`. */
async function ecalib(kspace: Tensor, sets: number): Promise<Float32Array> {
  const [coils, height, width] = kspace.shape as [number, number, number];
  const [from, to] = [path.join(folder, 'k'), path.join(folder, 's')];
  // the readout is BART's first dimension, which is the fastest: rows are to change places with columns
  const values = transposed((await kspace.data()) as Float32Array, coils, height, width);
  writeFileSync(`${from}.hdr`, `# Dimensions\n${height} ${width} 1 ${coils}\n`);
  writeFileSync(`${from}.cfl`, values);
  const { status, stderr } = spawnSync('bart', ['ecalib', `-m${sets}`, from, to], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bart ecalib: ${stderr}`);
  const { buffer, byteOffset, byteLength } = readFileSync(`${to}.cfl`);
  return transposed(new Float32Array(buffer, byteOffset, byteLength / 4), sets * coils, width, height);
}

/** Complex [..., rows, cols] with rows and columns exchanged. */
function transposed(values: Float32Array, count: number, rows: number, cols: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let image = 0, from = 0; image < count; image++)
    for (let row = 0; row < rows; row++)
      for (let col = 0; col < cols; col++, from += 2) {
        const to = 2 * ((image * cols + col) * rows + row);
        result[to] = values[from]!;
        result[to + 1] = values[from + 1]!;
      }
  return result;
}

/** Least |⟨a, b⟩| where both maps are not 0, and at how many points one alone is. */
function compare(own: ArrayLike<number>, theirs: ArrayLike<number>, coils: number) {
  const [a, b] = [own, theirs].map((maps) => products(maps, maps, coils)) as [Float64Array, Float64Array];
  const agreement = products(own, theirs, coils);
  const both = agreement.filter((_, i) => a[i]! > 0 && b[i]! > 0);
  const onlyOne = agreement.filter((_, i) => a[i]! > 0 !== b[i]! > 0).length;
  return { points: agreement.length, both: both.length, least: Math.min(...both), onlyOne };
}

const limitSeconds = 300;

describe.skipIf(missing.length > 0)('espirit agrees with bart ecalib', () => {
  it.each(files)('on %s, undersampled', { timeout: 1000 * limitSeconds }, async (name) => {
    using full = await firstSlice(name);
    const [coils, , width] = full.shape as [number, number, number];
    const mask = columns(width, 24, 4);
    const kspace = mul(full, mask);
    const own = await (await espirit({ kspace, mask })).data();
    const { points, both, least, onlyOne } = compare(own, await ecalib(kspace, 1), coils);
    console.log(
      `${name}: ${both} points, least |<a, b>| ${least.toFixed(6)}, ${onlyOne} in one support only`,
    );
    expect(both).toBeGreaterThan(0.1 * points);
    expect(least).toBeGreaterThan(0.99);
    expect(onlyOne).toBeLessThanOrEqual(1e-3 * points);
  });

  const folded = files.filter((name) => name.includes('smallfov'));
  it.each(folded)(
    'on two sets for %s, which is folded over',
    { timeout: 1000 * limitSeconds },
    async (name) => {
      using full = await firstSlice(name);
      const [coils] = full.shape as [number, number, number];
      const own = (await (await espirit(full, { sets: 2 })).data()) as Float32Array;
      const theirs = await ecalib(full, 2);
      for (const set of [0, 1]) {
        const part = (maps: Float32Array) =>
          maps.subarray((set * maps.length) / 2, ((set + 1) * maps.length) / 2);
        const { points, both, least, onlyOne } = compare(part(own), part(theirs), coils);
        console.log(`${name}, set ${set}: ${both} points, least |<a, b>| ${least.toFixed(6)}`);
        expect(both).toBeGreaterThan(0.05 * points);
        expect(least).toBeGreaterThan(0.99);
        expect(onlyOne).toBeLessThanOrEqual(1e-3 * points);
      }
    },
  );
});
