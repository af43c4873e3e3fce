import { centredIfft, type Device, read, tensor } from '@adjoint/tensor';
import type { LoopOptions } from '../../loop.js';
import { breathing } from '../../loop.js';
import type { Volume } from './volume.js';

/** Numbers that one transform takes to the device. */
const blockNumbers = 2 ** 23;

/**
 * Turns the partitions of a 3-D acquisition into slices: a centred unitary inverse Fourier transform along kz, in
 * place, a block of rows at a time.
 */
export async function transformPartitions(
  volume: Volume,
  device: Device,
  options: LoopOptions,
): Promise<void> {
  const { depth, coils, height, width, data } = volume;
  const breath = breathing(options);
  const rowNumbers = 2 * width;
  const rows = coils * height;
  const blockRows = Math.max(1, Math.min(rows, Math.floor(blockNumbers / (depth * rowNumbers))));
  for (let row = 0; row < rows; row += blockRows) {
    const count = Math.min(blockRows, rows - row) * rowNumbers;
    const start = (z: number) => (z * rows + row) * rowNumbers;
    const block = new Float32Array(depth * count);
    for (let z = 0; z < depth; z++) block.set(data.subarray(start(z), start(z) + count), z * count);
    using partitions = tensor(block, { dtype: 'c64', shape: [depth, count / 2], device });
    using slices = centredIfft(partitions, { axes: [0] });
    const transformed = await read(slices);
    for (let z = 0; z < depth; z++)
      data.set(transformed.subarray(z * count, (z + 1) * count) as Float32Array, start(z));
    await breath();
  }
}
