import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { read, type Tensor } from '@adjoint/tensor';
import { encode } from 'fast-png';

/** Where pictures of the data go; git ignores it. */
const folder = path.join(import.meta.dirname, '..', '..', 'out', 'real-data');

/** Images side by side, each with its brightest hundredth of a percent as white, as out/real-data/name.png. */
export async function writePicture(name: string, images: readonly Tensor[]): Promise<void> {
  const [height, width] = images[0]!.shape as [number, number];
  const pixels = new Uint8Array(height * width * images.length);
  for (const [k, image] of images.entries()) {
    const values = await read(image);
    const white = [...values].sort((a, b) => a - b)[Math.floor(0.9999 * (values.length - 1))]!;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        pixels[(y * images.length + k) * width + x] = Math.min(255, (255 * values[y * width + x]!) / white);
  }
  await mkdir(folder, { recursive: true });
  const png = encode({ width: width * images.length, height, data: pixels, channels: 1, depth: 8 });
  await writeFile(path.join(folder, `${name}.png`), png);
}
