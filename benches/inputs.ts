import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Tensor, tensor } from '@adjoint/tensor';
import type { InputSpec } from './cases/case.js';
import { coilKspace } from './coilKspace.js';
import { coilMaps } from './coilMaps.js';

/** The mulberry32 generator: uniform numbers from 0 to 1. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values of input number `position` of a row; complex ones interleaved. The same in every process. */
export function inputValues({ shape, dtype, fill }: InputSpec, position: number): Float32Array | Int32Array {
  const size = shape.reduce((a, b) => a * b, dtype === 'c64' ? 2 : 1);
  const random = uniform(position + 1);
  if (fill === 'index') return Int32Array.from({ length: size }, () => Math.floor(2048 * random()));
  const values = new Float32Array(size);
  if (fill === 'maps') return coilMaps(shape as [number, number, number]);
  if (fill === 'kspace') return coilKspace(shape as [number, number, number], random);
  if (fill === 'mask') return values.map(() => Number(random() < 0.3));
  for (let i = 0; i < size; i += 2) {
    // Box and Muller: two independent normal numbers from two uniform ones
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    values[i] = radius * Math.cos(angle);
    if (i + 1 < size) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}

export const inputTensors = (specs: readonly InputSpec[]): Tensor[] =>
  specs.map((spec, i) => tensor(inputValues(spec, i), { dtype: spec.dtype, shape: spec.shape }));

/** Leaves the inputs in a folder for the peers: `inputs.json`, and raw numbers in `0.bin`, `1.bin` … */
export async function writeInputs(folder: string, specs: readonly InputSpec[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [i, spec] of specs.entries())
    await writeFile(path.join(folder, `${i}.bin`), inputValues(spec, i));
  await writeFile(path.join(folder, 'inputs.json'), JSON.stringify(specs));
}
