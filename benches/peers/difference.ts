import { readFile } from 'node:fs/promises';

/** Results of one contender: the file it wrote and the length of each result in it. */
export interface Output {
  readonly file: string;
  readonly sizes: readonly number[];
}

/** Largest ‖a − b‖ / ‖b‖ over the results; infinite where they differ in number or size, or hold no number. */
export async function difference(ours: Output, theirs: Output): Promise<number> {
  if (ours.sizes.join() !== theirs.sizes.join()) return Infinity;
  const [a, b] = await Promise.all([ours.file, theirs.file].map(readFloats));
  let worst = 0;
  let start = 0;
  for (const size of theirs.sizes) {
    worst = Math.max(worst, relativeDistance(a!, b!, start, start + size));
    start += size;
  }
  return worst;
}

/** Relative 2-norm of a − b between two indices; infinite if it is no number. */
export function relativeDistance(a: Float32Array, b: Float32Array, start: number, end: number): number {
  let error = 0;
  let norm = 0;
  for (let i = start; i < end; i++) {
    error += (a[i]! - b[i]!) ** 2;
    norm += b[i]! ** 2;
  }
  const distance = Math.sqrt(error / norm);
  return Number.isNaN(distance) ? Infinity : distance;
}

async function readFloats(file: string): Promise<Float32Array> {
  const { buffer, byteOffset, byteLength } = await readFile(file);
  return new Float32Array(buffer, byteOffset, byteLength / 4);
}
