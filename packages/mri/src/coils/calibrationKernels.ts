import {
  conj,
  type Device,
  type DType,
  matmul,
  NumericalError,
  reshape,
  scope,
  swapAxes,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import type { CalibrationBlock } from './calibrationBlock.js';
import { topEigenpairs } from './lanczos.js';

/** The number of kernels is rounded up to a multiple, so that few shapes occur; those that fill up are 0. */
const kernelsPerShape = 16;

/** All k x k patches of the block, one a row over (coil, row, column), scaled to a largest entry of 1. */
function patches(block: CalibrationBlock, k: number): Float64Array {
  const { coils, rows, columns, re, im } = block;
  const scale = 1 / re.reduce((most, value, i) => Math.max(most, Math.hypot(value, im[i]!)), 0);
  const values = new Float64Array(2 * (rows - k + 1) * (columns - k + 1) * coils * k * k);
  let to = 0;
  for (let top = 0; top + k <= rows; top++)
    for (let left = 0; left + k <= columns; left++)
      for (let coil = 0; coil < coils; coil++)
        for (let row = top; row < top + k; row++)
          for (let column = left; column < left + k; column++) {
            const from = (coil * rows + row) * columns + column;
            values[to++] = re[from]! * scale;
            values[to++] = im[from]! * scale;
          }
  return values;
}

/**
 * The row space of the calibration matrix C, whose rows are the k x k patches of the block: rows w_j of V^H in
 * C = U Σ V^H with σ_j/σ_0 > √threshold, as [kernels, coils, k, k]; zeros fill up the last ones.
 *
 * They come from the eigenvectors of C C^H or C^T conj(C), whichever is smaller.
 *
 * @throws NumericalError when the block is smaller than the kernel.
 */
export async function calibrationKernels(
  fn: string,
  block: CalibrationBlock,
  k: number,
  threshold: number,
  { dtype, device }: { dtype: DType; device: Device },
): Promise<Tensor> {
  const { coils, rows, columns } = block;
  if (rows < k || columns < k)
    throw new NumericalError({
      fn,
      argument: 'kspace',
      expected: `fully sampled in at least ${k} x ${k} points around its centre, the size of the kernel`,
      got: `${rows} x ${columns}`,
      remedy: 'Take a smaller kernel (option kernel), or lowResolutionMaps().',
    });
  const count = (rows - k + 1) * (columns - k + 1);
  const length = coils * k * k;
  using matrix = tensor(patches(block, k), { shape: [count, length], dtype, device });
  const isWide = count <= length;
  using gram = scope(() =>
    isWide ? matmul(matrix, swapAxes(conj(matrix), 0, 1)) : matmul(swapAxes(matrix, 0, 1), conj(matrix)),
  );
  const found = await topEigenpairs(await hostMatrix(gram), threshold);
  const size = isWide ? count : length;
  const kept = found.values.length;
  const padded = Math.ceil(kept / kernelsPerShape) * kernelsPerShape;
  const vectors = new Float64Array(2 * padded * size);
  for (let i = 0; i < kept * size; i++) {
    const weight = isWide ? 1 / Math.sqrt(found.values[Math.floor(i / size)]!) : 1;
    vectors[2 * i] = found.re[i]! * weight;
    vectors[2 * i + 1] = (isWide ? -1 : 1) * found.im[i]! * weight;
  }
  using basis = tensor(vectors, { shape: [padded, size], dtype, device });
  return scope(() => reshape(isWide ? matmul(basis, matrix) : basis, [padded, coils, k, k]));
}

async function hostMatrix(gram: Tensor) {
  const values = await gram.data();
  const size = gram.shape[0]!;
  return {
    size,
    dtype: gram.dtype,
    device: gram.device,
    re: Float64Array.from({ length: size * size }, (_, i) => values[2 * i]!),
    im: Float64Array.from({ length: size * size }, (_, i) => values[2 * i + 1]!),
  };
}
