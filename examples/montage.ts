import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { encode } from 'fast-png';

/** A picture with one panel per image, side by side; each is shown from 0 to its `maximum`. */
export async function saveMontage(
  file: string,
  panels: readonly { pixels: ArrayLike<number>; maximum: number }[],
  height: number,
  width: number,
): Promise<void> {
  const gap = 4;
  const total = panels.length * (width + gap) - gap;
  const data = new Uint8Array(height * total).fill(255);
  panels.forEach(({ pixels, maximum }, k) => {
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const level = Math.round((255 * pixels[i * width + j]!) / maximum);
        data[i * total + k * (width + gap) + j] = Math.max(0, Math.min(255, level));
      }
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(`${file}.part`, encode({ width: total, height, data, channels: 1, depth: 8 }));
  await rename(`${file}.part`, file);
}
