import type { TypedArray } from '@adjoint/tensor';
import type { H5File } from '../hdf5/h5File.js';
import type { HostArray } from '../hostArray.js';
import type { IsmrmrdHeader } from './ismrmrdHeader.js';

export interface HostMask {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * What was measured of a slice: the dataset `mask`, as 0 and 1, or, without one, every column that is not zero padding.
 * Padding is what lies outside the header's encoding limits, if the k-space is indeed zero there.
 */
export function maskOfSlice(
  file: H5File,
  stored: HostArray | undefined,
  kspace: TypedArray,
  [height, width]: readonly [number, number],
  header: IsmrmrdHeader | undefined,
): HostMask {
  if (!stored) return { shape: [width], data: acquiredColumns(kspace, width, header) };
  const { shape } = stored;
  const fits = `${shape}` === `${[width]}` || `${shape}` === `${[height, width]}`;
  if (!fits || stored.dtype === 'c64' || stored.dtype === 'c128')
    throw file.unreadable(
      'mask',
      `is ${file.datasets.get('mask')!.type} [${shape.join(', ')}]`,
      `real [${width}] or [${height}, ${width}], as kspace has`,
    );
  return { shape, data: Float32Array.from(stored.data, (value) => Number(value !== 0)) };
}

function acquiredColumns(kspace: TypedArray, width: number, header: IsmrmrdHeader | undefined): Float32Array {
  const mask = new Float32Array(width).fill(1);
  if (!header || header.encodedMatrix.y !== width) return mask;
  const [left, right] = header.acquired;
  for (let at = 0; at < kspace.length; at += 2 * width)
    for (let column = 0; column < width; column++) {
      const isInside = column >= left && column < right;
      if (!isInside && (kspace[at + 2 * column] !== 0 || kspace[at + 2 * column + 1] !== 0)) return mask;
    }
  return mask.map((_, column) => Number(column >= left && column < right));
}
