import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HostInput, PeerRun } from './library.js';

/**
 * `bart pics` on k-space, maps and mask. The whole command is timed: it maps its files into memory, so that more than nine
 * tenths are the iterations. Columns are written as BART's first dimension, for which its order of axes is ours.
 *
 * @param regularisation the options that say what is minimised, with weights in the data's unit.
 */
export const pics =
  (
    bart: (args: readonly string[]) => void,
    folder: string,
    tag: string,
    regularisation: readonly string[],
  ): ((inputs: readonly HostInput[]) => PeerRun) =>
  ([y, maps, mask]) => {
    const [coils, height, width] = y!.shape as [number, number, number];
    const file = (name: string): string => path.join(folder, `${name}${tag}`);
    const write = (name: string, values: Float32Array): void => {
      writeFileSync(`${file(name)}.hdr`, `# Dimensions\n${width} ${height} 1 ${coils}\n`);
      writeFileSync(`${file(name)}.cfl`, values);
    };
    write(
      'y',
      y!.data.map((value, i) => value * mask!.data[Math.floor(i / 2) % width]!),
    );
    write('maps', maps!.data);
    const run = (): void =>
      bart(['pics', '-w', '1', ...regularisation, '-i', '100', file('y'), file('maps'), file('x')]);
    return {
      run,
      output: async () => {
        run();
        const { buffer, byteOffset, byteLength } = readFileSync(`${file('x')}.cfl`);
        const image = new Float32Array(buffer, byteOffset, byteLength / 4);
        return [
          Float32Array.from({ length: image.length / 2 }, (_, i) =>
            Math.hypot(image[2 * i]!, image[2 * i + 1]!),
          ),
        ];
      },
    };
  };
